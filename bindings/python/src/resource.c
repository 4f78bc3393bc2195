/* Resources of guests, as objects, and objects of the program, as resources. */
#include <stdlib.h>

#include "composition.h"
#include "values.h"

typedef struct Resource {
  PyObject_HEAD tenon_resource*
      handle; /* NULL: closed, passed on, or lent for a call that has ended */
  PyObject* composition;
  Py_ssize_t in_use; /* calls that have it as an argument */
  int is_own;        /* not borrowed for a call */
  int has_ended;     /* that call */
  int is_given;      /* to the call in progress, as `own` */
} Resource;

static PyTypeObject* ResourceType;

PyObject* resource_wrap(Scratch* scratch, PyObject* cls, tenon_resource* handle, int is_own) {
  if (scratch->composition == NULL)
    return PyErr_Format(PyExc_RuntimeError, "the composition is ending");
  Resource* const made = (Resource*)object_alloc((PyTypeObject*)cls);
  if (made == NULL) return NULL;
  made->handle = tenon_resource_keep(handle);
  made->composition = Py_NewRef(scratch->composition);
  made->is_own = is_own;
  if (made->handle == NULL) {
    PyErr_NoMemory();
  } else if (is_own || scratch_note(&scratch->borrowed, (PyObject*)made) == 0) {
    return (PyObject*)made;
  }
  Py_DECREF(made);
  return NULL;
}

/* Drops the handle, which can run a destructor of the guest. */
static void drop(Resource* self) {
  tenon_resource* const handle = self->handle;
  self->handle = NULL;
  if (handle == NULL || is_ending) return;
  ++((Composition*)self->composition)->in_use;
  WAIT(tenon_resource_delete(handle));
  --((Composition*)self->composition)->in_use;
}

void resource_end(PyObject* resource) {
  Resource* const self = (Resource*)resource;
  self->has_ended = 1;
  if (self->in_use == 0) drop(self); /* else the end of the last call that uses it does */
}

void resource_give_back(PyObject* resource, int is_passed) {
  Resource* const self = (Resource*)resource;
  --self->in_use;
  const int is_gone = self->is_given && is_passed; /* the guest has it */
  self->is_given = 0;
  if (is_gone || (self->has_ended && self->in_use == 0)) drop(self);
}

static int refuse_used(Scratch* scratch, const Resource* self) {
  return refuse(scratch, PyExc_ValueError, "the resource %s",
                (self->is_given || self->handle != NULL) && !self->has_ended
                    ? "is used by another call"
                    : "was closed, passed on, or lent for a call that has ended");
}

static int is_program_object(const Type* type) { return PyTuple_Check(type->cls); }

static void* rep_new(Scratch* scratch, PyObject* object, int is_lent);

int to_handle(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  if (is_program_object(type)) {
    const int is_instance = PyObject_IsInstance(object, PyTuple_GetItem(type->cls, 0));
    if (is_instance <= 0) return is_instance < 0 ? -1 : refuse_kind(scratch, type, object);
    value->of.rep = rep_new(scratch, object, type->kind == TENON_BORROW);
    return value->of.rep != NULL ? 0 : -1;
  }
  if (!PyObject_TypeCheck(object, ResourceType) || PyObject_IsInstance(object, type->cls) != 1)
    return PyErr_Occurred() ? -1 : refuse_kind(scratch, type, object);
  Resource* const resource = (Resource*)object;
  const int is_own = type->kind == TENON_OWN;
  if (resource->handle == NULL || resource->has_ended || resource->is_given ||
      (is_own && resource->in_use != 0))
    return refuse_used(scratch, resource);
  if (is_own && !resource->is_own)
    return refuse(scratch, PyExc_ValueError, "the resource is borrowed, and cannot be given away");
  if (scratch_note(&scratch->passed.lent, object) < 0) return -1;
  ++resource->in_use;
  resource->is_given = is_own;
  value->of.rep = resource->handle;
  return 0;
}

/* ---- Objects of the program ---- */

/* What guests hold: a pointer to it. */
typedef struct Rep {
  PyObject* object;
  unsigned long long number; /* never reused, unlike the address */
} Rep;

static PyObject* reps; /* dict: the address of each Rep to its object */

/* is_lent: it ends with the call; otherwise if the call fails. */
static void* rep_new(Scratch* scratch, PyObject* object, int is_lent) {
  static unsigned long long last;
  Rep* const rep = (Rep*)calloc(1, sizeof *rep);
  if (rep == NULL || (reps == NULL && (reps = PyDict_New()) == NULL)) {
    free(rep);
    return PyErr_NoMemory();
  }
  rep->object = object;
  rep->number = ++last;
  PyObject* const key = PyLong_FromVoidPtr(rep);
  PyObject* const note = key != NULL ? Py_BuildValue("(OKi)", key, rep->number, is_lent) : NULL;
  const int failed = note == NULL || PyDict_SetItem(reps, key, object) < 0 ||
                     scratch_note(&scratch->passed.reps, note) < 0;
  Py_XDECREF(key);
  Py_XDECREF(note);
  if (!failed) return rep;
  free(rep);
  return NULL;
}

/* The object of a Rep: a new reference; NULL without an exception: it is none. is_taken: the Rep ends. */
static PyObject* rep_find(void* rep, int is_taken) {
  PyObject* const key = reps != NULL ? PyLong_FromVoidPtr(rep) : NULL;
  if (key == NULL) return NULL;
  PyObject* const object = PyDict_GetItemWithError(reps, key);
  Py_XINCREF(object);
  if (object != NULL && is_taken) {
    PyDict_DelItem(reps, key);
    free(rep);
  }
  Py_DECREF(key);
  return object;
}

void rep_settle(PyObject* note, int is_passed) {
  PyObject* key;
  unsigned long long number;
  int is_lent;
  if (!PyArg_ParseTuple(note, "OKi", &key, &number, &is_lent) || (is_passed && !is_lent)) return;
  Rep* const rep = (Rep*)PyLong_AsVoidPtr(key);
  if (PyDict_Contains(reps, key) == 1 && rep->number == number) Py_XDECREF(rep_find(rep, 1));
}

/* user: called with the object; None: nothing is. */
void rep_drop(void* user, void* rep) {
  if (is_ending) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  PyObject* const object = rep_find(rep, 1);
  if (object != NULL && (PyObject*)user != Py_None) {
    PyObject* const called = PyObject_CallFunctionObjArgs((PyObject*)user, object, NULL);
    if (called == NULL) PyErr_WriteUnraisable((PyObject*)user);
    Py_XDECREF(called);
  }
  Py_XDECREF(object);
  PyGILState_Release(state);
}

PyObject* from_handle(Scratch* scratch, const Type* type, const tenon_value* value) {
  const int is_own = type->kind == TENON_OWN;
  PyObject* const object = rep_find(value->of.rep, is_own);
  if (object != NULL || PyErr_Occurred()) return object;
  PyObject* const cls = is_program_object(type) ? (PyObject*)ResourceType : type->cls;
  return resource_wrap(scratch, cls, (tenon_resource*)value->of.rep, is_own);
}

/* ---- The class ---- */

static PyObject* resource_close(PyObject* self, PyObject* unused) {
  (void)unused;
  resource_end(self);
  Py_RETURN_NONE;
}

static PyObject* resource_exit(PyObject* self, PyObject* args) {
  (void)args;
  return resource_close(self, NULL);
}

static PyObject* resource_enter(PyObject* self, PyObject* unused) {
  (void)unused;
  return Py_NewRef(self);
}

static PyObject* resource_closed(PyObject* self, void* unused) {
  (void)unused;
  const Resource* const resource = (const Resource*)self;
  return PyBool_FromLong(resource->handle == NULL || resource->has_ended || resource->is_given);
}

static PyObject* resource_type(PyObject* self, void* unused) {
  (void)unused;
  const tenon_resource* const handle = ((Resource*)self)->handle;
  return PyUnicode_FromString(handle != NULL ? tenon_resource_type(handle) : "");
}

static void resource_dealloc(PyObject* self) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  drop((Resource*)self);
  Py_CLEAR(((Resource*)self)->composition);
  PyErr_Restore(type, value, traceback);
  object_free(self);
}

static PyMethodDef resource_methods[] = {
    {"close", resource_close, METH_NOARGS, "Drops the resource."},
    {"__enter__", resource_enter, METH_NOARGS, NULL},
    {"__exit__", resource_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef resource_getters[] = {
    {"closed", resource_closed, NULL, "whether the handle is gone", NULL},
    {"resource_type", resource_type, NULL, "its type as WIT names it", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot resource_slots[] = {{Py_tp_methods, resource_methods},
                                       {Py_tp_getset, resource_getters},
                                       {Py_tp_dealloc, resource_dealloc},
                                       {0, NULL}};
static PyType_Spec resource_spec = {
    "tenon._tenon.Resource", sizeof(Resource), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, resource_slots};

int add_resource(PyObject* module) {
  return (ResourceType = add_type(module, &resource_spec)) != NULL ? 0 : -1;
}
