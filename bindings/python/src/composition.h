/* Entering the library. */
#ifndef TENON_PY_COMPOSITION_H
#define TENON_PY_COMPOSITION_H

#include "tenon_py.h"

typedef struct UnitObject {
  PyObject_HEAD tenon_unit* unit;
  PyObject* composition;
} UnitObject;

typedef struct ServerObject {
  PyObject_HEAD tenon_server* server; /* NULL: closed */
  PyObject* composition;
  int in_use;
} ServerObject;

/* Waits for guests without the GIL. */
#define WAIT(...)                                        \
  do {                                                   \
    ThreadState* const thread_ = thread_state();         \
    if (thread_->waits++ == 0) Py_CLEAR(thread_->cause); \
    Py_BEGIN_ALLOW_THREADS;                              \
    __VA_ARGS__;                                         \
    Py_END_ALLOW_THREADS;                                \
    --thread_->waits;                                    \
  } while (0)

/* Calls the library with a composition, and leaves the function with an exception if that fails. */
#define ENTER_OR(object, name, call, cleanup)                  \
  do {                                                         \
    tenon_composition* const name = composition_enter(object); \
    if (name == NULL) {                                        \
      cleanup;                                                 \
      return NULL;                                             \
    }                                                          \
    tenon_error* error_ = NULL;                                \
    WAIT(error_ = (call));                                     \
    composition_leave(object);                                 \
    if (error_ != NULL) {                                      \
      cleanup;                                                 \
      return raise_error(error_);                              \
    }                                                          \
  } while (0)
#define ENTER(object, name, call) ENTER_OR(object, name, call, (void)0)

/* Text of the library, which is freed. */
static inline PyObject* take_text(char* text) {
  PyObject* const made = PyUnicode_FromString(text != NULL ? text : "");
  tenon_free(text);
  return made;
}

/* Takes the reference to `item`, which can be NULL with an exception. */
static inline int append(PyObject* list, PyObject* item) {
  const int failed = item == NULL || PyList_Append(list, item) < 0;
  Py_XDECREF(item);
  return failed ? -1 : 0;
}

#endif
