/* Errors of the C API as exceptions: all their fields are handed to a function of the package, which makes the object. */
#include <string.h>

#include "tenon_py.h"

/* Text of the library, which can quote what is not UTF-8. */
static PyObject* text(const char* of) {
  return PyUnicode_DecodeUTF8(of, (Py_ssize_t)strlen(of), "replace");
}

static PyObject* texts(const char* const* of, size_t count) {
  PyObject* const list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* const item = text(of[i]);
    if (item == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, item);
  }
  return list;
}

static PyObject* notes(const tenon_note* of, size_t count) {
  PyObject* const list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* const note =
        Py_BuildValue("(NN)", text(of[i].text), texts(of[i].lines, of[i].nlines));
    if (note == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, note);
  }
  return list;
}

/* None: unknown. */
static PyObject* offset(uint64_t of) {
  return of == UINT64_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLongLong(of);
}

static PyObject* problem(const tenon_problem* of) {
  return Py_BuildValue("(NNiNNNNIINNN)", text(of->code), text(of->message), of->severity,
                       text(of->file), text(of->unit), text(of->item), offset(of->offset), of->line,
                       of->column, texts(of->lines, of->nlines), notes(of->notes, of->nnotes),
                       texts(of->hints, of->nhints));
}

static PyObject* problems(const tenon_error* error) {
  const size_t count = tenon_error_count(error);
  PyObject* const list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* const made = problem(tenon_error_problem(error, i));
    if (made == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, made);
  }
  return list;
}

static PyObject* frames(const tenon_failure* of) {
  PyObject* const list = PyList_New((Py_ssize_t)of->nframes);
  for (size_t i = 0; list != NULL && i < of->nframes; ++i) {
    const tenon_frame* const frame = &of->frames[i];
    PyObject* const made =
        Py_BuildValue("(NNNNN)", text(frame->unit), text(frame->function), text(frame->module),
                      text(frame->source), offset(frame->offset));
    if (made == NULL) {
      Py_DECREF(list);
      return NULL;
    }
    PyList_SetItem(list, (Py_ssize_t)i, made);
  }
  return list;
}

static PyObject* failure(const tenon_failure* of) {
  if (of == NULL) return Py_NewRef(Py_None);
  return Py_BuildValue("(iNNNNNNNN)", of->kind, text(of->unit), text(of->function),
                       text(of->message), text(of->import), text(of->domain),
                       texts(of->limits, of->nlimits), texts(of->waits, of->nwaits), frames(of));
}

PyObject* make_exception(tenon_error* error) {
  ThreadState* const thread = thread_state();
  PyObject* const cause = thread != NULL ? thread->cause : NULL;
  if (thread != NULL) thread->cause = NULL;
  PyObject* const arguments =
      Py_BuildValue("(NNNN)", problems(error), failure(tenon_error_failure(error)),
                    text(tenon_error_text(error)), Py_NewRef(cause != NULL ? cause : Py_None));
  PyObject* const make = arguments != NULL ? hook("make_error") : NULL;
  PyObject* made = make != NULL ? PyObject_CallObject(make, arguments) : NULL;
  Py_XDECREF(arguments);
  Py_XDECREF(cause);
  tenon_error_delete(error);
  return made != NULL ? made : take_exception();
}

PyObject* raise_error(tenon_error* error) {
  PyObject* const exception = make_exception(error);
  PyErr_SetObject((PyObject*)Py_TYPE(exception), exception);
  Py_DECREF(exception);
  return NULL;
}

PyObject* take_exception(void) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != NULL) PyException_SetTraceback(value, traceback);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  return value;
}
