/* The memory of the values of one call, and what is wrong with them. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

typedef struct Block {
  struct Block* next;
} Block;

/* What values refer to: an object, or a view of a buffer. */
typedef struct Held {
  struct Held* next;
  PyObject* object;
  Py_buffer view;
} Held;

void scratch_begin(Scratch* scratch, tenon_call* call, PyObject* composition) {
  memset(scratch, 0, offsetof(Scratch, first));
  scratch->call = call;
  scratch->composition = composition;
  scratch->at = scratch->first;
  scratch->left = sizeof scratch->first;
}

void* scratch_alloc(Scratch* scratch, size_t size) {
  if (scratch->call != NULL) {
    void* const memory = tenon_host()->alloc(scratch->call, size != 0 ? size : 1, 8);
    if (memory == NULL) PyErr_NoMemory();
    return memory;
  }
  size = (size + 7) & ~(size_t)7;
  if (size > scratch->left) {
    const size_t room = size > 16384 ? size : 16384;
    Block* const block = (Block*)malloc(sizeof(Block) + room);
    if (block == NULL) return PyErr_NoMemory();
    block->next = scratch->blocks;
    scratch->blocks = block;
    scratch->at = (char*)(block + 1);
    scratch->left = room;
  }
  void* const memory = scratch->at;
  scratch->at += size;
  scratch->left -= size;
  return memory;
}

tenon_value* scratch_values(Scratch* scratch, size_t count) {
  if (count > SIZE_MAX / sizeof(tenon_value)) {
    PyErr_NoMemory();
    return NULL;
  }
  tenon_value* const values = (tenon_value*)scratch_alloc(scratch, count * sizeof(tenon_value));
  if (values != NULL) memset(values, 0, count * sizeof(tenon_value));
  return values;
}

static Held* hold(Scratch* scratch) {
  Held* const held = (Held*)calloc(1, sizeof *held);
  if (held == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  held->next = scratch->held;
  scratch->held = held;
  return held;
}

int scratch_hold(Scratch* scratch, PyObject* object) {
  Held* const held = hold(scratch);
  if (held == NULL) return -1;
  held->object = Py_NewRef(object);
  return 0;
}

Py_buffer* scratch_view(Scratch* scratch, PyObject* object) {
  Held* const held = hold(scratch);
  if (held == NULL) return NULL;
  if (PyObject_GetBuffer(object, &held->view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) == 0)
    return &held->view;
  held->view.obj = NULL;
  return NULL;
}

void end_borrowed(PyObject* resources) {
  for (Py_ssize_t i = 0; i < PyList_Size(resources); ++i)
    resource_end(PyList_GetItem(resources, i));
}

void passed_settle(Passed* passed, int is_taken) {
  if (passed->lent == NULL && passed->reps == NULL && passed->streams == NULL) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  for (Py_ssize_t i = 0; passed->lent != NULL && i < PyList_Size(passed->lent); ++i)
    resource_give_back(PyList_GetItem(passed->lent, i), is_taken);
  for (Py_ssize_t i = 0; passed->reps != NULL && i < PyList_Size(passed->reps); ++i)
    rep_settle(PyList_GetItem(passed->reps, i), is_taken);
  for (Py_ssize_t i = 0; !is_taken && passed->streams != NULL && i < PyList_Size(passed->streams);
       ++i)
    stream_give_back(PyList_GetItem(passed->streams, i));
  Py_CLEAR(passed->streams);
  Py_CLEAR(passed->lent);
  Py_CLEAR(passed->reps);
  PyErr_Restore(type, value, traceback);
}

void scratch_end(Scratch* scratch, int is_taken) {
  for (Held *held = scratch->held, *next; held != NULL; held = next) {
    next = held->next;
    Py_XDECREF(held->object);
    if (held->view.obj != NULL) PyBuffer_Release(&held->view);
    free(held);
  }
  for (Block *block = scratch->blocks, *next; block != NULL; block = next) {
    next = block->next;
    free(block);
  }
  passed_settle(&scratch->passed, is_taken);
  if (scratch->borrowed != NULL) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    end_borrowed(scratch->borrowed);
    Py_CLEAR(scratch->borrowed);
    PyErr_Restore(type, value, traceback);
  }
  Py_XDECREF(scratch->problem);
  Py_XDECREF(scratch->path);
}

int scratch_note(PyObject** list, PyObject* object) {
  if (*list == NULL && (*list = PyList_New(0)) == NULL) return -1;
  return PyList_Append(*list, object);
}

int refuse(Scratch* scratch, PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  scratch->problem = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  scratch->problem_type = type;
  return -1;
}

int refuse_kind(Scratch* scratch, const Type* type, PyObject* object) {
  PyObject* const found = PyType_GetName(Py_TYPE(object));
  if (found == NULL) return -1;
  const int refused = refuse(scratch, PyExc_TypeError,
                             "`%U` was expected, and this is of type `%U`", type->wit, found);
  Py_DECREF(found);
  return refused;
}

int refuse_at(Scratch* scratch, PyObject* part) {
  if (part == NULL) return -1;
  PyObject* const path = scratch->path;
  scratch->path = path != NULL ? PyUnicode_Concat(part, path) : Py_NewRef(part);
  Py_XDECREF(path);
  Py_DECREF(part);
  return -1;
}

void scratch_raise(Scratch* scratch, PyObject* function, PyObject* argument) {
  if (scratch->problem == NULL) return;
  PyObject* const empty = PyUnicode_FromString("");
  if (empty != NULL)
    PyErr_Format(scratch->problem_type, "%U: %U%U: %U", function, argument,
                 scratch->path != NULL ? scratch->path : empty, scratch->problem);
  Py_XDECREF(empty);
}
