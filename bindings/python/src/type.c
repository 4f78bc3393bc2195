/* Types: what Python has decided about them, in a form that is fast to use. */
#include <stdlib.h>
#include <string.h>

#include "values.h"

PyTypeObject* TypeType;

/* The offset of a member of `__slots__`, if the fields of an object are where this module expects them. */
static Py_ssize_t find_slot(PyObject* probe, PyObject* name, Py_ssize_t size) {
  PyObject* const mark = PyList_New(0);
  if (mark == NULL || PyObject_SetAttr(probe, name, mark) < 0) {
    Py_XDECREF(mark);
    return -1;
  }
  Py_ssize_t found = 0;
  for (Py_ssize_t at = sizeof(PyObject); at + (Py_ssize_t)sizeof(PyObject*) <= size;
       at += sizeof(PyObject*))
    if (*(PyObject**)((char*)probe + at) == mark) found = at;
  Py_DECREF(mark);
  return found;
}

/* Sets `offsets` if all fields of the class are slots. */
static int find_slots(Type* type) {
  PyObject* const basic = PyObject_GetAttrString(type->cls, "__basicsize__");
  const Py_ssize_t size = basic != NULL ? PyLong_AsSsize_t(basic) : -1;
  Py_XDECREF(basic);
  PyObject* const probe = size > 0 ? PyType_GenericAlloc((PyTypeObject*)type->cls, 0) : NULL;
  if (probe == NULL) return -1;
  Py_ssize_t* offsets = (Py_ssize_t*)calloc((size_t)type->count + 1, sizeof *offsets);
  Py_ssize_t offset = 1;
  for (Py_ssize_t i = 0; offsets != NULL && offset > 0 && i < type->count; ++i)
    offset = offsets[i] = find_slot(probe, type->names[i], size);
  Py_DECREF(probe);
  if (offsets == NULL || offset < 0) {
    free(offsets);
    return offsets == NULL ? (PyErr_NoMemory(), -1) : -1;
  }
  if (offset == 0) {
    free(offsets);
    offsets = NULL;
  }
  type->offsets = offsets;
  return 0;
}

static void* copy_items(PyObject* tuple, int is_types) {
  const Py_ssize_t count = PyTuple_Size(tuple);
  PyObject** const items = (PyObject**)calloc((size_t)count + 1, sizeof *items);
  for (Py_ssize_t i = 0; items != NULL && i < count; ++i) {
    PyObject* const item = PyTuple_GetItem(tuple, i);
    items[i] = is_types && item == Py_None ? NULL : item;
  }
  if (items == NULL) PyErr_NoMemory();
  return items;
}

static int set_parts(Type* type, PyObject* parts, PyObject* names, PyObject* cases) {
  for (Py_ssize_t i = 0; i < PyTuple_Size(parts); ++i) {
    PyObject* const part = PyTuple_GetItem(parts, i);
    if (part == Py_None) continue;
    if (!PyObject_TypeCheck(part, TypeType)) {
      PyErr_SetString(PyExc_TypeError, "a part is a Type or None");
      return -1;
    }
    type->has_handles |= ((Type*)part)->has_handles;
  }
  type->count = PyTuple_Size(parts);
  type->parts = (Type**)copy_items(parts, 1);
  type->names = (PyObject**)copy_items(names, 0);
  type->cases = (PyObject**)copy_items(cases, 0);
  return type->parts != NULL && type->names != NULL && type->cases != NULL ? 0 : -1;
}

static PyObject* type_new(PyTypeObject* subtype, PyObject* args, PyObject* keywords) {
  static char* known[] = {"kind", "wit",   "parts",  "names",      "cases",
                          "cls",  "index", "length", "is_wrapped", NULL};
  int kind = 0, is_wrapped = 0;
  unsigned length = 0;
  PyObject *wit, *parts, *names, *cases, *cls, *index;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "iUO!O!O!OO!Ip", known, &kind, &wit,
                                   &PyTuple_Type, &parts, &PyTuple_Type, &names, &PyTuple_Type,
                                   &cases, &cls, &PyDict_Type, &index, &length, &is_wrapped))
    return NULL;
  Type* const type = (Type*)PyType_GenericAlloc(subtype, 0);
  if (type == NULL) return NULL;
  type->kind = (uint8_t)kind;
  type->is_wrapped = (uint8_t)is_wrapped;
  type->length = length;
  type->has_handles =
      kind == TENON_OWN || kind == TENON_BORROW || kind == TENON_STREAM || kind == TENON_FUTURE;
  type->references = PyTuple_Pack(3, parts, names, cases);
  type->wit = Py_NewRef(wit);
  type->cls = Py_NewRef(cls);
  type->index = Py_NewRef(index);
  type->made = PyDict_New();
  if (type->references == NULL || type->made == NULL || set_parts(type, parts, names, cases) < 0 ||
      (kind == TENON_RECORD && find_slots(type) < 0)) {
    Py_DECREF(type);
    return NULL;
  }
  return (PyObject*)type;
}

static int type_traverse(PyObject* self, visitproc visit, void* arg) {
  const Type* const type = (const Type*)self;
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(type->references);
  Py_VISIT(type->cls);
  Py_VISIT(type->index);
  Py_VISIT(type->made);
  return 0;
}

static int type_clear(PyObject* self) {
  Type* const type = (Type*)self;
  type->count = 0;
  Py_CLEAR(type->references);
  Py_CLEAR(type->cls);
  Py_CLEAR(type->index);
  Py_CLEAR(type->made);
  return 0;
}

static void type_dealloc(PyObject* self) {
  Type* const type = (Type*)self;
  PyObject_GC_UnTrack(self);
  type_clear(self);
  Py_CLEAR(type->wit);
  free(type->parts);
  free(type->names);
  free(type->cases);
  free(type->offsets);
  object_free(self);
}

static PyObject* type_repr(PyObject* self) {
  return PyUnicode_FromFormat("<tenon type %U>", ((Type*)self)->wit);
}

static PyMemberDef type_members[] = {
    {"kind", T_UBYTE, offsetof(Type, kind), READONLY, "the number of the kind"},
    {"wit", T_OBJECT, offsetof(Type, wit), READONLY, "the type as WIT"},
    {"cls", T_OBJECT, offsetof(Type, cls), READONLY, "the class of its values"},
    {"references", T_OBJECT, offsetof(Type, references), READONLY, "(parts, names, cases)"},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot type_slots[] = {{Py_tp_new, type_new},
                                   {Py_tp_traverse, type_traverse},
                                   {Py_tp_clear, type_clear},
                                   {Py_tp_dealloc, type_dealloc},
                                   {Py_tp_repr, type_repr},
                                   {Py_tp_members, type_members},
                                   {0, NULL}};
static PyType_Spec type_spec = {"tenon._tenon.Type", sizeof(Type), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, type_slots};

int add_types(PyObject* module) {
  return (TypeType = add_type(module, &type_spec)) != NULL ? 0 : -1;
}
