/* Ends of streams and futures. */
#include <stdlib.h>

#include "composition.h"
#include "values.h"

static PyTypeObject* StreamType;

typedef struct StreamEnd {
  PyObject_HEAD tenon_stream stream; /* 0: closed, or passed on */
  Type* item;                        /* NULL: no payload */
  PyObject* composition;
  int is_writer;
} StreamEnd;

/* A read or write in progress. */
typedef struct Operation {
  StreamEnd* end;
  PyObject* done; /* called with (items, count, state) */
  tenon_value items;
  Scratch scratch;
} Operation;

static PyObject* make_end(PyObject* cls, const Type* type, tenon_stream stream,
                          PyObject* composition, int is_writer) {
  StreamEnd* const made = (StreamEnd*)object_alloc((PyTypeObject*)cls);
  if (made == NULL) return NULL;
  made->stream = stream;
  made->item = type->count != 0 && type->parts[0] != NULL
                   ? (Type*)Py_NewRef((PyObject*)type->parts[0])
                   : NULL;
  made->composition = Py_NewRef(composition);
  made->is_writer = is_writer;
  return (PyObject*)made;
}

/* cls of a Type: (readable, writable). */
PyObject* from_stream(Scratch* scratch, const Type* type, const tenon_value* value) {
  if (scratch->composition == NULL)
    return PyErr_Format(PyExc_RuntimeError, "the composition is ending");
  return make_end(PyTuple_GetItem(type->cls, 0), type, value->of.u, scratch->composition, 0);
}

/* An argument, until it is known whether the call takes it. */
static int note_stream(Scratch* scratch, PyObject* end, tenon_stream stream) {
  PyObject* const note = Py_BuildValue("(OK)", end, (unsigned long long)stream);
  const int failed = note == NULL || scratch_note(&scratch->passed.streams, note) < 0;
  Py_XDECREF(note);
  return failed ? -1 : 0;
}

/* A stream whose items the program has: what `feed` makes of an object. */
static int feed(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  PyObject* const start = hook("feed");
  const tenon_stream stream =
      start != NULL && scratch->composition != NULL ? tenon_host()->stream_new() : 0;
  PyObject* const writer =
      stream != 0 ? make_end(PyTuple_GetItem(type->cls, 1), type, stream, scratch->composition, 1)
                  : NULL;
  if (writer == NULL) {
    if (stream != 0) tenon_host()->stream_close(stream);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "a stream cannot be made");
    return -1;
  }
  PyObject* const started = note_stream(scratch, writer, stream) == 0
                                ? PyObject_CallFunctionObjArgs(start, writer, object, NULL)
                                : NULL;
  Py_DECREF(writer);
  Py_XDECREF(started);
  value->of.u = stream;
  if (started != NULL) return 0;
  if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
  PyErr_Clear();
  return refuse_kind(scratch, type, object);
}

int to_stream(Scratch* scratch, const Type* type, PyObject* object, tenon_value* value) {
  if (!PyObject_TypeCheck(object, StreamType)) return feed(scratch, type, object, value);
  StreamEnd* const end = (StreamEnd*)object;
  if (PyObject_IsInstance(object, PyTuple_GetItem(type->cls, 0)) != 1)
    return refuse_kind(scratch, type, object);
  if (end->stream == 0)
    return refuse(scratch, PyExc_ValueError, "the stream was closed or passed on");
  if (note_stream(scratch, object, end->stream) < 0) return -1;
  value->of.u = end->stream;
  end->stream = 0;
  return 0;
}

static PyObject* stream_close(PyObject* self, PyObject* unused);

void stream_give_back(PyObject* note) {
  PyObject* object;
  unsigned long long stream;
  if (!PyArg_ParseTuple(note, "OK", &object, &stream)) return;
  if (((StreamEnd*)object)->is_writer)
    Py_XDECREF(stream_close(object, NULL)); /* `feed` made it, and nobody reads it */
  else
    ((StreamEnd*)object)->stream = stream;
}

/* is_passed: its items were taken. */
static void finish(Operation* operation, int is_passed) {
  scratch_end(&operation->scratch, is_passed);
  Py_DECREF(operation->end);
  Py_DECREF(operation->done);
  free(operation);
}

static void operation_done(void* data, const tenon_value* items, size_t count, int32_t state) {
  if (is_ending) return;
  const PyGILState_STATE gil = PyGILState_Ensure();
  Operation* const operation = (Operation*)data;
  const tenon_value none =
      tenon_value_items(TENON_LIST, NULL, operation->end->item == NULL ? count : 0);
  PyObject* list = Py_NewRef(Py_None);
  if (!operation->end->is_writer) {
    Py_DECREF(list);
    list = from_items(&operation->scratch, operation->end->item,
                      items != NULL && operation->end->item != NULL ? items : &none);
  }
  PyObject* const called =
      list != NULL ? PyObject_CallFunction(operation->done, "Oni", list, (Py_ssize_t)count, state)
                   : NULL;
  if (called == NULL) PyErr_WriteUnraisable(operation->done);
  Py_XDECREF(called);
  Py_XDECREF(list);
  /* Items that are or have handles are written one at a time: none of them is taken in part. */
  finish(operation, state == TENON_STREAM_OPEN || count != 0);
  PyGILState_Release(gil);
}

static Operation* begin(StreamEnd* self, PyObject* done) {
  if (self->stream == 0)
    return PyErr_SetString(PyExc_ValueError, "the stream was closed or passed on"), NULL;
  Operation* const operation = (Operation*)malloc(sizeof *operation);
  if (operation == NULL) return PyErr_NoMemory(), NULL;
  operation->end = (StreamEnd*)Py_NewRef((PyObject*)self);
  operation->done = Py_NewRef(done);
  operation->items = tenon_value_make(TENON_LIST);
  scratch_begin(&operation->scratch, NULL, self->composition);
  return operation;
}

/* begin_read(most, done): done(items, count, state) */
static PyObject* stream_begin_read(PyObject* self, PyObject* args) {
  Py_ssize_t most;
  PyObject* done;
  StreamEnd* const end = (StreamEnd*)self;
  if (!PyArg_ParseTuple(args, "nO", &most, &done)) return NULL;
  Operation* const operation = begin(end, done);
  if (operation == NULL) return NULL;
  int32_t refused;
  const tenon_stream stream = end->stream;
  Py_BEGIN_ALLOW_THREADS;
  refused = tenon_host()->stream_read(stream, (size_t)most, operation_done, operation);
  Py_END_ALLOW_THREADS;
  if (refused == 0) Py_RETURN_NONE;
  finish(operation, 0);
  return PyErr_Format(PyExc_RuntimeError, "the stream is being read, or cannot be read");
}

/* begin_write(items, done): items is a list or a buffer; they are copied. */
static PyObject* stream_begin_write(PyObject* self, PyObject* args) {
  PyObject *items, *done;
  StreamEnd* const end = (StreamEnd*)self;
  if (!PyArg_ParseTuple(args, "OO", &items, &done)) return NULL;
  Operation* const operation = begin(end, done);
  if (operation == NULL) return NULL;
  Type list = {.kind = TENON_LIST,
               .parts = &end->item,
               .count = 1,
               .wit = end->item != NULL ? end->item->wit : NULL};
  const int failed = end->item != NULL
                         ? to_value(&operation->scratch, &list, items, &operation->items)
                         : to_items(&operation->scratch, NULL, items, &operation->items);
  if (failed) {
    PyObject* const label = PyUnicode_FromString("write");
    PyObject* const what = PyUnicode_FromString("items");
    if (label != NULL && what != NULL) scratch_raise(&operation->scratch, label, what);
    Py_XDECREF(label);
    Py_XDECREF(what);
    finish(operation, 0);
    return NULL;
  }
  int32_t refused;
  const tenon_stream stream = end->stream;
  Py_BEGIN_ALLOW_THREADS;
  refused = tenon_host()->stream_write(stream, &operation->items, operation_done, operation);
  Py_END_ALLOW_THREADS;
  if (refused == 0) Py_RETURN_NONE;
  finish(operation, 0);
  return PyErr_Format(PyExc_RuntimeError, "the stream is being written, or cannot be written");
}

static PyObject* stream_close(PyObject* self, PyObject* unused) {
  (void)unused;
  const tenon_stream stream = ((StreamEnd*)self)->stream;
  ((StreamEnd*)self)->stream = 0;
  if (stream == 0 || is_ending) Py_RETURN_NONE;
  Py_BEGIN_ALLOW_THREADS;
  tenon_host()->stream_close(stream);
  Py_END_ALLOW_THREADS;
  Py_RETURN_NONE;
}

static PyObject* stream_closed(PyObject* self, void* unused) {
  (void)unused;
  return PyBool_FromLong(((StreamEnd*)self)->stream == 0);
}

static void stream_dealloc(PyObject* self) {
  StreamEnd* const end = (StreamEnd*)self;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  Py_XDECREF(stream_close(self, NULL));
  Py_CLEAR(end->item);
  Py_CLEAR(end->composition);
  PyErr_Restore(type, value, traceback);
  object_free(self);
}

static PyMethodDef stream_methods[] = {{"begin_read", stream_begin_read, METH_VARARGS, NULL},
                                       {"begin_write", stream_begin_write, METH_VARARGS, NULL},
                                       {"close", stream_close, METH_NOARGS, "Gives the end up."},
                                       {NULL, NULL, 0, NULL}};
static PyMemberDef stream_members[] = {
    {"composition", T_OBJECT, offsetof(StreamEnd, composition), READONLY, NULL},
    {"item", T_OBJECT, offsetof(StreamEnd, item), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyGetSetDef stream_getters[] = {{"closed", stream_closed, NULL, NULL, NULL},
                                       {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot stream_slots[] = {{Py_tp_methods, stream_methods},
                                     {Py_tp_members, stream_members},
                                     {Py_tp_getset, stream_getters},
                                     {Py_tp_dealloc, stream_dealloc},
                                     {0, NULL}};
static PyType_Spec stream_spec = {
    "tenon._tenon.StreamEnd", sizeof(StreamEnd), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, stream_slots};

int add_stream(PyObject* module) {
  return (StreamType = add_type(module, &stream_spec)) != NULL ? 0 : -1;
}
