/* Functions of the program: guests call Python. */
#include <stdlib.h>

#include "composition.h"
#include "values.h"

PyTypeObject* HostFunctionType;

typedef struct HostFunction {
  PyObject_HEAD PyObject* callable;
  PyObject* label;          /* str: for messages */
  PyObject* params;         /* tuple of Types; NULL: not bound */
  PyObject* result;         /* Type or None */
  Composition* composition; /* not owned: the composition owns this; NULL: it is not built */
} HostFunction;

void drop_object(void* user) {
  if (is_ending) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  Py_DECREF((PyObject*)user);
  PyGILState_Release(state);
}

/* The message of a trap. It has no line breaks of Python's own. */
static PyObject* describe(PyObject* exception) {
  PyObject* const name = PyType_GetName(Py_TYPE(exception));
  PyObject* const text = PyObject_Str(exception);
  PyObject* const made =
      name != NULL && text != NULL ? PyUnicode_FromFormat("%U: %U", name, text) : NULL;
  Py_XDECREF(name);
  Py_XDECREF(text);
  PyErr_Clear();
  return made;
}

/* Ends the call as a trap, for the exception that is set. The exception becomes the cause of the call's error. */
static int32_t trap(tenon_call* call) {
  PyObject* const exception = take_exception();
  PyObject* const message = exception != NULL ? describe(exception) : NULL;
  const char* const text = message != NULL ? PyUnicode_AsUTF8AndSize(message, NULL) : NULL;
  tenon_host()->trap(call, "%s", text != NULL ? text : "it raised an exception without a message");
  PyErr_Clear();
  Py_XDECREF(message);
  ThreadState* const thread = thread_state();
  PyObject* const before = thread->cause;
  thread->cause = exception;
  Py_XDECREF(before);
  return 1;
}

static PyObject* convert_arguments(const HostFunction* self, Scratch* scratch,
                                   const tenon_value* args, size_t nargs) {
  if (self->params == NULL || (size_t)PyTuple_Size(self->params) != nargs)
    return PyErr_Format(PyExc_RuntimeError, "%U has no types", self->label);
  PyObject* const tuple = PyTuple_New((Py_ssize_t)nargs);
  for (size_t i = 0; tuple != NULL && i < nargs; ++i) {
    PyObject* const object =
        from_value(scratch, (Type*)PyTuple_GetItem(self->params, (Py_ssize_t)i), &args[i]);
    if (object == NULL) {
      Py_DECREF(tuple);
      return NULL;
    }
    PyTuple_SetItem(tuple, (Py_ssize_t)i, object);
  }
  return tuple;
}

/* What a function returned, as the ok of a `result` if it is not an Ok or Err. */
static int convert_ok(Scratch* scratch, const Type* type, PyObject* returned, tenon_value* value) {
  const int is_case = PyObject_IsInstance(returned, type->cls);
  if (is_case != 0) return is_case < 0 ? -1 : to_value(scratch, type, returned, value);
  value->kind = TENON_RESULT;
  value->index = 0;
  if (type->parts[0] == NULL) return 0;
  value->of.payload = scratch_values(scratch, 1);
  return value->of.payload != NULL ? to_value(scratch, type->parts[0], returned, value->of.payload)
                                   : -1;
}

/* The exception that is set, as the err of a `result`. */
static int convert_err(Scratch* scratch, const Type* type, tenon_value* value) {
  PyObject* const expected = hook("ResultError");
  if (type == (const Type*)Py_None || type->kind != TENON_RESULT || expected == NULL ||
      !PyErr_ExceptionMatches(expected))
    return -1;
  PyObject* const exception = take_exception();
  PyObject* const payload = PyObject_GetAttrString(exception, "payload");
  Py_DECREF(exception);
  if (payload == NULL) return -1;
  value->kind = TENON_RESULT;
  value->index = 1;
  int converted = 0;
  if (type->parts[1] != NULL) {
    value->of.payload = scratch_values(scratch, 1);
    converted = value->of.payload != NULL
                    ? to_value(scratch, type->parts[1], payload, value->of.payload)
                    : -1;
  }
  Py_DECREF(payload);
  return converted;
}

/* returned: NULL: the exception that is set. */
static int convert_outcome(const HostFunction* self, Scratch* scratch, PyObject* returned,
                           tenon_value* value) {
  const Type* const type = (const Type*)self->result;
  int converted = -1;
  if (returned == NULL)
    converted = convert_err(scratch, type, value);
  else if (type == (const Type*)Py_None)
    converted = 0;
  else if (type->kind == TENON_RESULT)
    converted = convert_ok(scratch, type, returned, value);
  else
    converted = to_value(scratch, type, returned, value);
  if (converted < 0 && scratch->problem != NULL) {
    PyObject* const what = PyUnicode_FromString("what it returned");
    if (what != NULL) scratch_raise(scratch, self->label, what);
    Py_XDECREF(what);
  }
  return converted;
}

static int32_t call_now(const HostFunction* self, tenon_call* call, const tenon_value* args,
                        size_t nargs, tenon_value* result) {
  Scratch scratch;
  scratch_begin(&scratch, call,
                self->composition != NULL && self->composition->composition != NULL
                    ? (PyObject*)self->composition
                    : NULL);
  PyObject* const arguments = convert_arguments(self, &scratch, args, nargs);
  PyObject* const returned =
      arguments != NULL ? PyObject_CallObject(self->callable, arguments) : NULL;
  Py_XDECREF(arguments);
  int32_t failed = 0;
  if (convert_outcome(self, &scratch, returned, result) < 0) failed = trap(call);
  Py_XDECREF(returned);
  scratch_end(&scratch, !failed);
  return failed;
}

int32_t host_call(void* user, tenon_call* call, const tenon_value* args, size_t nargs,
                  tenon_value* result) {
  if (is_ending) return tenon_host()->trap(call, "the Python interpreter is ending");
  const PyGILState_STATE state = PyGILState_Ensure();
  Py_INCREF((PyObject*)user);
  const int32_t failed = call_now((const HostFunction*)user, call, args, nargs, result);
  Py_DECREF((PyObject*)user);
  PyGILState_Release(state);
  return failed;
}

/* ---- Functions that end later ---- */

static void cancel_later(void* user, tenon_completion completion) {
  (void)user;
  if (is_ending) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  PyObject* const cancel = hook("cancel_coroutine");
  PyObject* const called =
      cancel != NULL ? PyObject_CallFunction(cancel, "K", (unsigned long long)completion) : NULL;
  if (called == NULL) PyErr_WriteUnraisable(cancel);
  const int is_ours = called != NULL && PyList_Check(called);
  if (is_ours) end_borrowed(called);
  Py_XDECREF(called);
  PyGILState_Release(state);
  if (is_ours) tenon_host()->fail(completion, "cancelled");
}

/* The coroutine runs on an event loop, and ends the call by `complete`. Borrowed arguments end with the call. */
static int32_t call_later(const HostFunction* self, tenon_call* call, const tenon_value* args,
                          size_t nargs) {
  if (self->composition == NULL || self->composition->composition == NULL)
    return tenon_host()->trap(call, "the composition is ending");
  Scratch scratch;
  scratch_begin(&scratch, NULL, (PyObject*)self->composition);
  PyObject* const arguments = convert_arguments(self, &scratch, args, nargs);
  PyObject* const coroutine =
      arguments != NULL ? PyObject_CallObject(self->callable, arguments) : NULL;
  Py_XDECREF(arguments);
  PyObject* const run = coroutine != NULL ? hook("run_coroutine") : NULL;
  PyObject* ran = NULL;
  if (run != NULL) {
    const tenon_completion completion = tenon_host()->defer(call, cancel_later);
    if (completion == 0)
      PyErr_SetString(PyExc_RuntimeError, "the call cannot end later");
    else if (scratch.borrowed != NULL || (scratch.borrowed = PyList_New(0)) != NULL)
      ran = PyObject_CallFunction(run, "OOOKO", self->composition, self, coroutine,
                                  (unsigned long long)completion, scratch.borrowed);
    if (completion != 0 && ran == NULL)
      tenon_host()->fail(completion, "no event loop could run the coroutine");
  }
  if (ran != NULL) Py_CLEAR(scratch.borrowed); /* `complete` or `cancel_later` ends them */
  Py_XDECREF(coroutine);
  const int failed = ran == NULL && trap(call);
  Py_XDECREF(ran);
  scratch_end(&scratch, 1);
  return failed;
}

int32_t host_call_later(void* user, tenon_call* call, const tenon_value* args, size_t nargs,
                        tenon_value* result) {
  (void)result;
  if (is_ending) return tenon_host()->trap(call, "the Python interpreter is ending");
  const PyGILState_STATE state = PyGILState_Ensure();
  const int32_t failed = call_later((const HostFunction*)user, call, args, nargs);
  PyGILState_Release(state);
  return failed;
}

/* complete(completion, returned, exception, borrowed): ends the call; exception: None or what the coroutine raised. */
static PyObject* host_complete(PyObject* object, PyObject* args) {
  const HostFunction* const self = (const HostFunction*)object;
  unsigned long long completion;
  PyObject *returned, *exception, *borrowed;
  if (!PyArg_ParseTuple(args, "KOOO!", &completion, &returned, &exception, &PyList_Type, &borrowed))
    return NULL;
  Scratch scratch;
  scratch_begin(&scratch, NULL, (PyObject*)self->composition);
  tenon_value value = tenon_value_make(0);
  if (exception != Py_None) PyErr_SetObject((PyObject*)Py_TYPE(exception), exception);
  int refused = 1;
  const int failed =
      convert_outcome(self, &scratch, exception == Py_None ? returned : NULL, &value) < 0;
  PyObject* const raised = failed ? take_exception() : NULL;
  end_borrowed(borrowed); /* before the guest goes on */
  if (!failed) {
    Py_BEGIN_ALLOW_THREADS;
    refused = tenon_host()->complete(completion, self->result != Py_None ? &value : NULL);
    Py_END_ALLOW_THREADS;
  } else {
    PyObject* const message = raised != NULL ? describe(raised) : NULL;
    const char* const text = message != NULL ? PyUnicode_AsUTF8AndSize(message, NULL) : NULL;
    Py_BEGIN_ALLOW_THREADS;
    tenon_host()->fail(completion, "%s", text != NULL ? text : "it raised an exception");
    Py_END_ALLOW_THREADS;
    Py_XDECREF(message);
    Py_XDECREF(raised);
    PyErr_Clear();
  }
  scratch_end(&scratch, refused == 0);
  Py_RETURN_NONE;
}

/* ---- The class ---- */

static PyObject* host_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)keywords;
  PyObject *callable, *label;
  if (!PyArg_ParseTuple(args, "OU", &callable, &label)) return NULL;
  HostFunction* const made = (HostFunction*)object_alloc(type);
  if (made == NULL) return NULL;
  made->callable = Py_NewRef(callable);
  made->label = Py_NewRef(label);
  return (PyObject*)made;
}

/* bind(params, result) */
static PyObject* host_bind(PyObject* self, PyObject* args) {
  HostFunction* const of = (HostFunction*)self;
  PyObject *params, *result;
  if (!PyArg_ParseTuple(args, "O!O", &PyTuple_Type, &params, &result)) return NULL;
  for (Py_ssize_t i = 0; i <= PyTuple_Size(params); ++i) {
    PyObject* const type = i < PyTuple_Size(params) ? PyTuple_GetItem(params, i) : result;
    if (!PyObject_TypeCheck(type, TypeType) && !(type == Py_None && i == PyTuple_Size(params)))
      return PyErr_Format(PyExc_TypeError, "bind: these are not Types");
  }
  if (of->params != NULL) return PyErr_Format(PyExc_ValueError, "the function has its types");
  of->params = Py_NewRef(params);
  of->result = Py_NewRef(result);
  Py_RETURN_NONE;
}

static PyObject* host_belong(PyObject* self, PyObject* composition) {
  if (!PyObject_TypeCheck(composition, CompositionType))
    return PyErr_Format(PyExc_TypeError, "this is not a composition");
  ((HostFunction*)self)->composition = (Composition*)composition;
  Py_RETURN_NONE;
}

static int host_traverse(PyObject* self, visitproc visit, void* arg) {
  HostFunction* const of = (HostFunction*)self;
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(of->callable);
  Py_VISIT(of->params);
  Py_VISIT(of->result);
  return 0;
}

static int host_clear(PyObject* self) {
  HostFunction* const of = (HostFunction*)self;
  Py_CLEAR(of->callable);
  Py_CLEAR(of->params);
  Py_CLEAR(of->result);
  return 0;
}

static void host_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  host_clear(self);
  Py_CLEAR(((HostFunction*)self)->label);
  object_free(self);
}

static PyMethodDef host_methods[] = {{"bind", host_bind, METH_VARARGS, NULL},
                                     {"belong", host_belong, METH_O, NULL},
                                     {"complete", host_complete, METH_VARARGS, NULL},
                                     {NULL, NULL, 0, NULL}};
static PyMemberDef host_members[] = {
    {"callable", T_OBJECT, offsetof(HostFunction, callable), READONLY, NULL},
    {"label", T_OBJECT, offsetof(HostFunction, label), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot host_slots[] = {{Py_tp_new, host_new},
                                   {Py_tp_methods, host_methods},
                                   {Py_tp_members, host_members},
                                   {Py_tp_traverse, host_traverse},
                                   {Py_tp_clear, host_clear},
                                   {Py_tp_dealloc, host_dealloc},
                                   {0, NULL}};
static PyType_Spec host_spec = {"tenon._tenon.HostFunction", sizeof(HostFunction), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, host_slots};

int add_host(PyObject* module) {
  return (HostFunctionType = add_type(module, &host_spec)) != NULL ? 0 : -1;
}
