/* Functions: what they are, and calls of them. */
#include <stdlib.h>

#include "composition.h"
#include "values.h"

static PyTypeObject *FunctionType, *TaskType;

enum { MAX_FLAT = 16, MAX_DEPTH = 100 };

typedef struct Function {
  PyObject_HEAD tenon_function* function;
  PyObject* composition;
  PyObject* label;  /* str: for messages */
  PyObject* params; /* tuple of Types, NULL: not bound */
  PyObject* names;  /* tuple of str */
  PyObject* result; /* Type or None */
  Type** types;     /* those of `params` */
  Py_ssize_t count;
  int is_flat;
  PyMethodDef method; /* of the callable */
  PyObject* doc;      /* str: of `method` */
} Function;

/* ---- What a function is ---- */

PyObject* function_new(tenon_function* function, PyObject* composition) {
  Function* const made = (Function*)object_alloc(FunctionType);
  if (made == NULL) {
    tenon_function_delete(function);
    return NULL;
  }
  made->function = function;
  made->composition = Py_NewRef(composition);
  made->label = PyUnicode_FromString(tenon_function_name(function));
  if (made->label != NULL) return (PyObject*)made;
  Py_DECREF(made);
  return NULL;
}

/* (kind, name, wit, length, [(label, part)], (resource, owner)); None: no type. Kind 0: a type without values here. */
static PyObject* describe(const tenon_type* type, int depth) {
  if (type == NULL) Py_RETURN_NONE;
  const size_t count = depth < MAX_DEPTH ? tenon_type_part_count(type) : 0;
  PyObject* const parts = PyList_New(0);
  for (size_t i = 0; parts != NULL && i < count; ++i)
    if (append(parts, Py_BuildValue("(sN)", tenon_type_part_label(type, i),
                                    describe(tenon_type_part(type, i), depth + 1))) < 0) {
      Py_DECREF(parts);
      return NULL;
    }
  return Py_BuildValue("(issIN(ss))", depth < MAX_DEPTH ? tenon_type_kind(type) : 0,
                       tenon_type_name(type), tenon_type_wit(type), tenon_type_length(type), parts,
                       tenon_type_resource(type), tenon_type_owner(type));
}

PyObject* describe_function(const tenon_function* function) {
  PyObject* const params = PyList_New(0);
  for (size_t i = 0; params != NULL && i < tenon_function_param_count(function); ++i)
    if (append(params, Py_BuildValue("(sN)", tenon_function_param_name(function, i),
                                     describe(tenon_function_param_type(function, i), 0))) < 0) {
      Py_DECREF(params);
      return NULL;
    }
  return Py_BuildValue("(sssNNN)", tenon_function_interface(function),
                       tenon_function_name(function), tenon_function_wit(function),
                       PyBool_FromLong(tenon_function_is_async(function)), params,
                       describe(tenon_function_result_type(function), 0));
}

static PyObject* function_describe(PyObject* self, PyObject* unused) {
  (void)unused;
  return describe_function(((Function*)self)->function);
}

static int check_types(Function* self) {
  self->types = (Type**)calloc((size_t)self->count + 1, sizeof *self->types);
  if (self->types == NULL) return PyErr_NoMemory(), -1;
  int is_flat = self->count <= MAX_FLAT;
  for (Py_ssize_t i = 0; i <= self->count; ++i) {
    PyObject* const type = i < self->count ? PyTuple_GetItem(self->params, i) : self->result;
    if (i == self->count && type == Py_None) continue;
    if (!PyObject_TypeCheck(type, TypeType)) {
      PyErr_SetString(PyExc_TypeError, "bind: these are not Types");
      return -1;
    }
    is_flat = is_flat && is_scalar((Type*)type);
    self->types[i] = (Type*)type;
  }
  self->is_flat = is_flat;
  return 0;
}

/* Sets the types, once: bind(label, names, params, result). */
static PyObject* function_bind(PyObject* self, PyObject* args) {
  PyObject *label, *names, *params, *result;
  Function* const function = (Function*)self;
  if (!PyArg_ParseTuple(args, "UO!O!O", &label, &PyTuple_Type, &names, &PyTuple_Type, &params,
                        &result))
    return NULL;
  if (function->params != NULL || PyTuple_Size(params) != PyTuple_Size(names) ||
      (size_t)PyTuple_Size(params) != tenon_function_param_count(function->function))
    return PyErr_Format(
        PyExc_ValueError,
        "bind: the function has its types, or they are not as many as its parameters");
  set_reference(&function->label, Py_NewRef(label));
  function->names = Py_NewRef(names);
  function->params = Py_NewRef(params);
  function->result = Py_NewRef(result);
  function->count = PyTuple_Size(params);
  if (check_types(function) < 0) {
    Py_CLEAR(function->params);
    return NULL;
  }
  Py_RETURN_NONE;
}

/* ---- Arguments ---- */

/* One parameter, positional or by name; NULL without an exception: it is absent. Borrowed. */
static PyObject* find_argument(const Function* self, PyObject* const* args, Py_ssize_t nargs,
                               PyObject* keywords, Py_ssize_t i) {
  if (i < nargs) return args[i];
  for (Py_ssize_t k = 0; keywords != NULL && k < PyTuple_Size(keywords); ++k) {
    const int is_equal =
        PyUnicode_Compare(PyTuple_GetItem(keywords, k), PyTuple_GetItem(self->names, i));
    if (is_equal == 0) return args[nargs + k];
  }
  return self->types[i]->kind == TENON_OPTION ? Py_None : NULL;
}

static PyObject* refuse_count(const Function* self, Py_ssize_t given) {
  PyObject* const separator = PyUnicode_FromString(", ");
  PyObject* const names = separator != NULL ? PyUnicode_Join(separator, self->names) : NULL;
  if (names != NULL)
    PyErr_Format(PyExc_TypeError, "%U takes (%U), and was called with %zd argument%s", self->label,
                 names, given, given == 1 ? "" : "s");
  Py_XDECREF(separator);
  Py_XDECREF(names);
  return NULL;
}

static int check_keywords(const Function* self, Py_ssize_t nargs, PyObject* keywords) {
  for (Py_ssize_t k = 0; keywords != NULL && k < PyTuple_Size(keywords); ++k) {
    const Py_ssize_t i = PySequence_Index(self->names, PyTuple_GetItem(keywords, k));
    if (i >= nargs) continue;
    if (i < 0) PyErr_Clear();
    PyErr_Format(PyExc_TypeError, i < 0 ? "%U has no parameter `%U`" : "%U got two values for `%U`",
                 self->label, PyTuple_GetItem(keywords, k));
    return -1;
  }
  return 0;
}

/* Collects the arguments: borrowed references. */
static int order_arguments(const Function* self, PyObject* const* args, Py_ssize_t nargs,
                           PyObject* keywords, PyObject** ordered) {
  const Py_ssize_t given = nargs + (keywords != NULL ? PyTuple_Size(keywords) : 0);
  if (self->params == NULL) {
    PyErr_SetString(PyExc_RuntimeError, "the function has no types yet");
    return -1;
  }
  if (nargs > self->count) return refuse_count(self, given), -1;
  if (check_keywords(self, nargs, keywords) < 0) return -1;
  for (Py_ssize_t i = 0; i < self->count; ++i)
    if ((ordered[i] = find_argument(self, args, nargs, keywords, i)) == NULL)
      return refuse_count(self, given), -1;
  return 0;
}

static int convert_arguments(const Function* self, Scratch* scratch, PyObject* const* args,
                             tenon_value* values) {
  for (Py_ssize_t i = 0; i < self->count; ++i) {
    if (to_value(scratch, self->types[i], args[i], &values[i]) == 0) continue;
    scratch_raise(scratch, self->label, PyTuple_GetItem(self->names, i));
    return -1;
  }
  return 0;
}

/* ---- Results ---- */

/* What a function returns; of a `result`, the payload of `ok`. */
static PyObject* convert_result(const Function* self, Scratch* scratch, const tenon_value* value) {
  const Type* const type = (const Type*)self->result;
  if (type == (const Type*)Py_None || value == NULL) Py_RETURN_NONE;
  if (type->kind != TENON_RESULT) return from_value(scratch, type, value);
  const Type* const part = type->parts[value->index != 0];
  PyObject* const payload = part != NULL && value->of.payload != NULL
                                ? from_value(scratch, part, value->of.payload)
                                : Py_NewRef(Py_None);
  if (value->index == 0 || payload == NULL) return payload;
  PyObject* const make = hook("ResultError");
  PyObject* const error = make != NULL ? PyObject_CallFunctionObjArgs(make, payload, NULL) : NULL;
  Py_DECREF(payload);
  if (error != NULL) PyErr_SetObject((PyObject*)Py_TYPE(error), error);
  Py_XDECREF(error);
  return NULL;
}

/* Arenas that can be used again. */
static tenon_arena* spare[4];
static int spare_count;

static tenon_arena* take_arena(void) {
  tenon_arena* const arena = spare_count > 0 ? spare[--spare_count] : tenon_arena_new();
  if (arena == NULL) PyErr_NoMemory();
  return arena;
}

/* Resources in an arena are dropped, which can run guests. */
static void give_arena(tenon_arena* arena, const Type* type, const tenon_value* result) {
  const int has_handles = type->has_handles;
  const int is_large = (result->kind == TENON_STRING && result->of.str.len > 4 << 20) ||
                       (result->kind == TENON_PACKED && result->of.packed.len > 4 << 20) ||
                       (result->kind == TENON_LIST && result->of.items.len > 4 << 10);
  if (has_handles) {
    WAIT(tenon_arena_delete(arena));
  } else if (is_large || spare_count == sizeof spare / sizeof *spare) {
    tenon_arena_delete(arena);
  } else {
    tenon_arena_reset(arena);
    spare[spare_count++] = arena;
  }
}

/* ---- Calls ---- */

/* An int as a `u32` or `s32`, the most frequent parameters: whether it is one. */
static int to_word(const Type* type, PyObject* object, uint64_t* flat) {
  if ((type->kind != TENON_U32 && type->kind != TENON_S32) || Py_TYPE(object) != &PyLong_Type)
    return 0;
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
  *flat = (uint32_t)number;
  return overflow == 0 &&
         (type->kind == TENON_U32 ? number == (uint32_t)number : number == (int32_t)number);
}

/* One argument. */
static int convert_flat(const Function* self, PyObject* object, Py_ssize_t i, uint64_t* flat) {
  Scratch scratch;
  scratch_begin(&scratch, NULL, self->composition);
  const int failed = to_flat(&scratch, self->types[i], object, flat);
  if (failed) scratch_raise(&scratch, self->label, PyTuple_GetItem(self->names, i));
  scratch_end(&scratch, 0);
  return failed;
}

static PyObject* call_flat(Function* self, PyObject* const* args) {
  uint64_t params[MAX_FLAT], result = 0;
  for (Py_ssize_t i = 0; i < self->count; ++i)
    if (!to_word(self->types[i], args[i], &params[i]) &&
        convert_flat(self, args[i], i, &params[i]) < 0)
      return NULL;
  if (composition_enter(self->composition) == NULL) return NULL;
  tenon_error* error;
  WAIT(error = tenon_function_call_flat(self->function, params, (size_t)self->count, &result));
  composition_leave(self->composition);
  if (error != NULL) return raise_error(error);
  return self->result != Py_None ? from_flat((Type*)self->result, result) : Py_NewRef(Py_None);
}

/* Whether a call that failed had taken its arguments. */
static int was_entered(const tenon_error* error) {
  const tenon_failure* const failure = tenon_error_failure(error);
  return failure != NULL && failure->kind != TENON_FAILURE_BAD_CALL;
}

static PyObject* call_values(Function* self, Scratch* scratch, const tenon_value* values,
                             int* is_passed) {
  tenon_value result = tenon_value_make(0);
  const Type* const type = self->result != Py_None ? (const Type*)self->result : NULL;
  tenon_arena* const arena = type != NULL ? take_arena() : NULL;
  if (type != NULL && arena == NULL) return NULL;
  if (composition_enter(self->composition) == NULL) {
    if (arena != NULL) tenon_arena_delete(arena);
    return NULL;
  }
  tenon_error* error;
  WAIT(error = tenon_function_call(self->function, values, (size_t)self->count, arena,
                                   type != NULL ? &result : NULL));
  *is_passed = error == NULL || was_entered(error);
  PyObject* const made =
      error == NULL ? convert_result(self, scratch, &result) : raise_error(error);
  if (arena != NULL) {
    PyObject *kind, *value, *traceback;
    PyErr_Fetch(&kind, &value, &traceback);
    give_arena(arena, type, &result);
    PyErr_Restore(kind, value, traceback);
  }
  composition_leave(self->composition);
  return made;
}

static PyObject* call_ordered(Function* self, PyObject* const* args) {
  if (self->is_flat) return call_flat(self, args);
  Scratch scratch;
  scratch_begin(&scratch, NULL, self->composition);
  int is_passed = 0;
  PyObject* result = NULL;
  tenon_value* const values = scratch_values(&scratch, (size_t)self->count);
  if (values != NULL && convert_arguments(self, &scratch, args, values) == 0)
    result = call_values(self, &scratch, values, &is_passed);
  scratch_end(&scratch, is_passed);
  return result;
}

static PyObject* function_call(PyObject* self, PyObject* const* args, Py_ssize_t nargs,
                               PyObject* keywords) {
  Function* const function = (Function*)self;
  if (nargs == function->count && keywords == NULL && function->params != NULL)
    return call_ordered(function, args);
  PyObject* few[MAX_FLAT];
  PyObject** ordered = few;
  if (function->count > MAX_FLAT &&
      (ordered = (PyObject**)calloc((size_t)function->count, sizeof *ordered)) == NULL)
    return PyErr_NoMemory();
  PyObject* const result = order_arguments(function, args, nargs, keywords, ordered) == 0
                               ? call_ordered(function, ordered)
                               : NULL;
  if (ordered != few) free(ordered);
  return result;
}

/* A callable that is faster than the object, and has `__doc__` and a signature: callable(name, doc). */
static PyObject* function_callable(PyObject* self, PyObject* args) {
  Function* const function = (Function*)self;
  PyObject* doc;
  if (!PyArg_ParseTuple(args, "U", &doc)) return NULL;
  if (function->doc == NULL) {
    const char* const text = PyUnicode_AsUTF8AndSize(doc, NULL);
    if (text == NULL) return NULL;
    function->doc = Py_NewRef(doc);
    function->method = (PyMethodDef){tenon_function_name(function->function),
                                     (PyCFunction)(void (*)(void))function_call,
                                     METH_FASTCALL | METH_KEYWORDS, text};
    const char* const name = PyUnicode_AsUTF8AndSize(function->label, NULL);
    if (name != NULL) function->method.ml_name = name;
  }
  return PyCFunction_NewEx(&function->method, self, NULL);
}

/* ---- Calls that end later ---- */

typedef struct Started {
  Function* function;
  Passed passed;  /* its arguments */
  PyObject* done; /* called with (result, exception) */
} Started;

typedef struct Task {
  PyObject_HEAD tenon_task* task;
  PyObject* composition;
} Task;

static void report(Started* started, tenon_error* error, const tenon_value* value) {
  passed_settle(&started->passed, error == NULL || was_entered(error));
  Scratch scratch;
  scratch_begin(&scratch, NULL, started->function->composition);
  PyObject* const result =
      error == NULL ? convert_result(started->function, &scratch, value) : NULL;
  PyObject* const exception = result != NULL  ? Py_NewRef(Py_None)
                              : error != NULL ? make_exception(error)
                                              : take_exception();
  PyObject* const called = PyObject_CallFunctionObjArgs(
      started->done, result != NULL ? result : Py_None, exception, NULL);
  if (called == NULL) PyErr_WriteUnraisable(started->done);
  Py_XDECREF(called);
  Py_XDECREF(result);
  Py_XDECREF(exception);
  scratch_end(&scratch, 1);
}

static void free_started(Started* started) {
  Py_DECREF(started->function);
  Py_DECREF(started->done);
  free(started);
}

static void call_done(void* user, tenon_error* error, const tenon_value* value) {
  if (is_ending) {
    tenon_error_delete(error);
    return;
  }
  const PyGILState_STATE state = PyGILState_Ensure();
  report((Started*)user, error, value);
  free_started((Started*)user);
  PyGILState_Release(state);
}

static PyObject* start_values(Function* self, Scratch* scratch, const tenon_value* values,
                              PyObject* done) {
  Task* const made = (Task*)object_alloc(TaskType);
  Started* const started = (Started*)malloc(sizeof *started);
  if (made == NULL || started == NULL || composition_enter(self->composition) == NULL) {
    Py_XDECREF((PyObject*)made);
    free(started);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
  }
  started->function = (Function*)Py_NewRef((PyObject*)self);
  started->done = Py_NewRef(done);
  started->passed =
      scratch->passed; /* the call can end, or be refused, before or after this function returns */
  scratch->passed = (Passed){NULL, NULL, NULL};
  tenon_error* error;
  Py_BEGIN_ALLOW_THREADS;
  error = tenon_function_start(self->function, values, (size_t)self->count, call_done, started,
                               &made->task);
  Py_END_ALLOW_THREADS;
  made->composition = Py_NewRef(self->composition);
  composition_leave(self->composition);
  if (error == NULL) return (PyObject*)made;
  scratch->passed = started->passed;
  free_started(started);
  Py_DECREF(made);
  return raise_error(error);
}

/* start(done, *args): a Task; done(result, exception) is called once. */
static PyObject* function_start(PyObject* self, PyObject* const* args, Py_ssize_t nargs,
                                PyObject* keywords) {
  Function* const function = (Function*)self;
  if (nargs < 1) return PyErr_Format(PyExc_TypeError, "start takes a callable first");
  Scratch scratch;
  scratch_begin(&scratch, NULL, function->composition);
  PyObject* task = NULL;
  PyObject** const ordered =
      (PyObject**)scratch_alloc(&scratch, (size_t)(function->count + 1) * sizeof *ordered);
  tenon_value* const values =
      ordered != NULL ? scratch_values(&scratch, (size_t)function->count) : NULL;
  if (values != NULL && order_arguments(function, args + 1, nargs - 1, keywords, ordered) == 0 &&
      convert_arguments(function, &scratch, ordered, values) == 0)
    task = start_values(function, &scratch, values, args[0]);
  scratch_end(&scratch, 0);
  return task;
}

static PyObject* task_cancel(PyObject* self, PyObject* unused) {
  (void)unused;
  Task* const task = (Task*)self;
  if (task->task == NULL || ((Composition*)task->composition)->composition == NULL) Py_RETURN_NONE;
  composition_enter(task->composition);
  Py_BEGIN_ALLOW_THREADS;
  tenon_task_cancel(task->task);
  Py_END_ALLOW_THREADS;
  composition_leave(task->composition);
  Py_RETURN_NONE;
}

/* wait(nanoseconds): whether the call has ended. */
static PyObject* task_wait(PyObject* self, PyObject* args) {
  unsigned long long nanoseconds;
  Task* const task = (Task*)self;
  if (!PyArg_ParseTuple(args, "K", &nanoseconds)) return NULL;
  if (task->task == NULL || ((Composition*)task->composition)->composition == NULL) Py_RETURN_TRUE;
  int has_ended = 0;
  composition_enter(task->composition);
  WAIT(has_ended = tenon_task_wait(task->task, nanoseconds));
  composition_leave(task->composition);
  return PyBool_FromLong(has_ended);
}

/* The last reference to a call enters its composition, in which another thread can be. */
static void task_dealloc(PyObject* self) {
  Task* const task = (Task*)self;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (task->task != NULL && !is_ending) {
    ++((Composition*)task->composition)->in_use;
    WAIT(tenon_task_delete(task->task));
    --((Composition*)task->composition)->in_use;
  }
  Py_CLEAR(task->composition);
  PyErr_Restore(type, value, traceback);
  object_free(self);
}

static PyMethodDef task_methods[] = {{"cancel", task_cancel, METH_NOARGS, NULL},
                                     {"wait", task_wait, METH_VARARGS, NULL},
                                     {NULL, NULL, 0, NULL}};
static PyType_Slot task_slots[] = {
    {Py_tp_methods, task_methods}, {Py_tp_dealloc, task_dealloc}, {0, NULL}};
static PyType_Spec task_spec = {"tenon._tenon.Task", sizeof(Task), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, task_slots};

static int function_traverse(PyObject* self, visitproc visit, void* arg) {
  Function* const function = (Function*)self;
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(function->composition);
  Py_VISIT(function->params);
  Py_VISIT(function->result);
  return 0;
}

static int function_clear(PyObject* self) {
  Function* const function = (Function*)self;
  Py_CLEAR(function->params);
  Py_CLEAR(function->result);
  return 0;
}

static void function_dealloc(PyObject* self) {
  Function* const function = (Function*)self;
  PyObject_GC_UnTrack(self);
  if (!is_ending) tenon_function_delete(function->function);
  function_clear(self);
  Py_CLEAR(function->composition);
  Py_CLEAR(function->label);
  Py_CLEAR(function->names);
  Py_CLEAR(function->doc);
  free(function->types);
  object_free(self);
}

static PyMethodDef function_methods[] = {
    {"describe", function_describe, METH_NOARGS, NULL},
    {"bind", function_bind, METH_VARARGS, NULL},
    {"callable", function_callable, METH_VARARGS, NULL},
    {"call", (PyCFunction)(void (*)(void))function_call, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"start", (PyCFunction)(void (*)(void))function_start, METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL}};
static PyMemberDef function_members[] = {
    {"composition", T_OBJECT, offsetof(Function, composition), READONLY, NULL},
    {"label", T_OBJECT, offsetof(Function, label), READONLY, NULL},
    {"params", T_OBJECT, offsetof(Function, params), READONLY, NULL},
    {"names", T_OBJECT, offsetof(Function, names), READONLY, NULL},
    {"result", T_OBJECT, offsetof(Function, result), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot function_slots[] = {
    {Py_tp_methods, function_methods},   {Py_tp_members, function_members},
    {Py_tp_traverse, function_traverse}, {Py_tp_clear, function_clear},
    {Py_tp_dealloc, function_dealloc},   {0, NULL}};
static PyType_Spec function_spec = {
    "tenon._tenon.Function", sizeof(Function), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, function_slots};

int add_function(PyObject* module) {
  FunctionType = add_type(module, &function_spec);
  TaskType = add_type(module, &task_spec);
  return FunctionType != NULL && TaskType != NULL ? 0 : -1;
}
