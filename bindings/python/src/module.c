/* The module, and what belongs to threads. */
#include <stdlib.h>

#include "values.h"

int add_types(PyObject* module);

int is_ending;
static PyObject* hooks;

PyObject* hook(const char* name) {
  PyObject* const found = hooks != NULL ? PyDict_GetItemString(hooks, name) : NULL;
  if (found == NULL)
    PyErr_Format(PyExc_RuntimeError, "tenon._tenon is used without the package: no hook `%s`",
                 name);
  return found;
}

__thread ThreadState* current_thread __attribute__((tls_model("initial-exec")));

ThreadState* make_thread_state(void) {
  static ThreadState shared; /* without memory */
  ThreadState* const made = (ThreadState*)calloc(1, sizeof *made);
  return current_thread = made != NULL ? made : &shared;
}

PyTypeObject* add_type(PyObject* module, PyType_Spec* spec) {
  PyTypeObject* const type = (PyTypeObject*)PyType_FromSpec(spec);
  if (type == NULL || PyModule_AddType(module, type) < 0) return NULL;
  return type;
}

PyObject* object_alloc(PyTypeObject* type) { return PyType_GenericAlloc(type, 0); }

void object_free(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

/* The state of the module is that of one interpreter. An import in a second one can come without PyInit__tenon. */
static int check_interpreter(void) {
  if (PyInterpreterState_GetID(PyInterpreterState_Get()) == 0) return 0;
  PyErr_SetString(
      PyExc_ImportError,
      "tenon cannot be used in a sub-interpreter: use it in the main interpreter, or in a "
      "process of its own");
  return -1;
}

static PyObject* set_hooks(PyObject* module, PyObject* given) {
  (void)module;
  if (check_interpreter() < 0) return NULL;
  if (!PyDict_Check(given)) return PyErr_Format(PyExc_TypeError, "hooks are a dict");
  set_reference(&hooks, Py_NewRef(given));
  Py_RETURN_NONE;
}

static PyObject* end(PyObject* module, PyObject* unused) {
  (void)module, (void)unused;
  is_ending = 1;
  Py_RETURN_NONE;
}

static PyObject* explain(PyObject* module, PyObject* code) {
  (void)module;
  const char* const name = PyUnicode_AsUTF8AndSize(code, NULL);
  if (name == NULL) return NULL;
  char* const text = tenon_explain_code(name);
  if (text == NULL) Py_RETURN_NONE;
  PyObject* const made = PyUnicode_FromString(text);
  tenon_free(text);
  return made;
}

static PyMethodDef methods[] = {
    {"set_hooks", set_hooks, METH_O, NULL},
    {"end", end, METH_NOARGS, "No callback enters the interpreter after this."},
    {"explain", explain, METH_O, NULL},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, "tenon._tenon", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__tenon(void) {
  if (check_interpreter() < 0) return NULL;
  if (tenon_abi_version() >> 16 != TENON_C_ABI_MAJOR ||
      (tenon_abi_version() & 0xffff) < TENON_C_ABI_MINOR) {
    PyErr_Format(PyExc_ImportError,
                 "libtenon.so.0 has the ABI %u.%u, and this module needs %d.%d: install both from "
                 "one package",
                 tenon_abi_version() >> 16, tenon_abi_version() & 0xffff, TENON_C_ABI_MAJOR,
                 TENON_C_ABI_MINOR);
    return NULL;
  }
  PyObject* const module = PyModule_Create(&module_def);
  if (module == NULL || PyModule_AddStringConstant(module, "version", tenon_version()) < 0 ||
      add_types(module) < 0 || add_composition(module) < 0 || add_function(module) < 0 ||
      add_builder(module) < 0 || add_resource(module) < 0 || add_host(module) < 0 ||
      add_stream(module) < 0) {
    Py_XDECREF(module);
    return NULL;
  }
  return module;
}
