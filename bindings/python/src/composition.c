/* Compositions, units and servers. */
#include "composition.h"

#include <pthread.h>
#include <stdlib.h>

PyTypeObject* CompositionType;
static PyTypeObject *UnitType, *ServerType;

/* ---- Work for an event loop ---- */

typedef struct Work {
  struct Work* next;
  void (*run)(void* work);
  void* work;
} Work;

struct Executor {
  pthread_mutex_t lock; /* nothing waits for the GIL while it is held */
  Work* first;
  Work** last;
  /* Of the event loop that runs the work, guarded by the GIL; NULL: there is none. */
  PyObject* loop;
  PyObject* call_soon; /* changes with the lock, too: either it or the work that waits is seen */
  ThreadState* thread;
  PyObject* owner; /* the composition, not owned */
};

Executor* executor_new(void) {
  Executor* const executor = (Executor*)calloc(1, sizeof *executor);
  if (executor == NULL) return NULL;
  pthread_mutex_init(&executor->lock, NULL);
  executor->last = &executor->first;
  return executor;
}

/* Lets the event loop run what was posted. */
static void wake(Executor* executor) {
  if (executor->call_soon == NULL) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject* const callable = Py_NewRef(executor->call_soon);
  PyObject* const run = PyObject_GetAttrString(executor->owner, "run_posted");
  PyObject* const called = run != NULL ? PyObject_CallFunctionObjArgs(callable, run, NULL) : NULL;
  Py_XDECREF(called); /* NULL: the loop is closed, and the work waits for another one */
  Py_XDECREF(run);
  Py_DECREF(callable);
  PyErr_Restore(type, value, traceback);
}

/* The event loop that runs the work from now on; takes the references. Whether work waits for it. */
static int set_loop(Executor* executor, PyObject* loop, PyObject* call_soon, ThreadState* thread) {
  PyObject* const before = executor->call_soon;
  pthread_mutex_lock(&executor->lock);
  executor->call_soon = call_soon;
  const int has_work = executor->first != NULL;
  pthread_mutex_unlock(&executor->lock);
  executor->thread = thread;
  set_reference(&executor->loop, loop);
  Py_XDECREF(before);
  return has_work;
}

void executor_post(void* user, void (*run)(void* work), void* work) {
  Executor* const executor = (Executor*)user;
  Work* const posted = (Work*)malloc(sizeof *posted);
  if (posted == NULL) abort(); /* the library would wait for ever */
  *posted = (Work){NULL, run, work};
  pthread_mutex_lock(&executor->lock);
  const int must_wake = executor->first == NULL && executor->call_soon != NULL;
  *executor->last = posted;
  executor->last = &posted->next;
  pthread_mutex_unlock(&executor->lock);
  if (!must_wake || is_ending) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  wake(executor);
  PyGILState_Release(state);
}

/* Runs what has been posted, without the GIL. */
static void executor_run(Executor* executor) {
  pthread_mutex_lock(&executor->lock);
  Work* work = executor->first;
  executor->first = NULL;
  executor->last = &executor->first;
  pthread_mutex_unlock(&executor->lock);
  while (work != NULL) {
    Work* const next = work->next;
    work->run(work->work);
    free(work);
    work = next;
  }
}

void executor_release(Executor* executor) {
  while (executor->first != NULL) executor_run(executor);
  pthread_mutex_destroy(&executor->lock);
  free(executor);
}

/* ---- Compositions ---- */

PyObject* composition_new(tenon_composition* composition, Executor* executor) {
  Composition* const made = (Composition*)object_alloc(CompositionType);
  if (made == NULL) return NULL;
  made->composition = composition;
  made->executor = executor;
  executor->owner = (PyObject*)made;
  return (PyObject*)made;
}

tenon_composition* refuse_closed(void) {
  PyErr_SetString(PyExc_ValueError, "the composition is closed");
  return NULL;
}

/* Ends the composition. The GIL is released: guests are ended, and their destructors run. */
static void composition_end(Composition* self) {
  tenon_composition* const composition = self->composition;
  if (composition == NULL) return;
  Executor* const executor = self->executor;
  self->composition = NULL;
  self->executor = NULL;
  set_loop(executor, NULL, NULL, NULL);
  WAIT(tenon_composition_delete(composition); executor_release(executor));
}

static PyObject* composition_close(PyObject* self, PyObject* unused) {
  (void)unused;
  if (((Composition*)self)->in_use != 0)
    return PyErr_Format(
        PyExc_RuntimeError,
        "the composition is in use: wait for its calls, and close its servers, before");
  composition_end((Composition*)self);
  Py_RETURN_NONE;
}

static void composition_dealloc(PyObject* self) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (!is_ending) composition_end((Composition*)self);
  PyErr_Restore(type, value, traceback);
  object_free(self);
}

static PyObject* composition_function(PyObject* self, PyObject* args) {
  const char *interface, *name;
  if (!PyArg_ParseTuple(args, "zs", &interface, &name)) return NULL;
  tenon_function* function = NULL;
  ENTER(self, composition, tenon_composition_function(composition, interface, name, &function));
  return function_new(function, self);
}

static PyObject* composition_functions(PyObject* self, PyObject* unused) {
  (void)unused;
  size_t count = 0;
  ENTER(self, composition,
        (count = tenon_composition_function_count(composition), (tenon_error*)NULL));
  PyObject* const list = PyList_New(0);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    tenon_function* function = NULL;
    ENTER_OR(self, composition, tenon_composition_function_at(composition, i, &function),
             Py_DECREF(list));
    if (append(list, function_new(function, self)) < 0) {
      Py_DECREF(list);
      return NULL;
    }
  }
  return list;
}

static PyObject* unit_new(tenon_unit* unit, PyObject* composition) {
  UnitObject* const made = (UnitObject*)object_alloc(UnitType);
  if (made == NULL) {
    tenon_unit_delete(unit);
    return NULL;
  }
  made->unit = unit;
  made->composition = Py_NewRef(composition);
  return (PyObject*)made;
}

static PyObject* composition_unit(PyObject* self, PyObject* args) {
  const char* name;
  if (!PyArg_ParseTuple(args, "s", &name)) return NULL;
  tenon_unit* unit = NULL;
  ENTER(self, composition, tenon_composition_unit(composition, name, &unit));
  return unit_new(unit, self);
}

static PyObject* composition_units(PyObject* self, PyObject* unused) {
  (void)unused;
  size_t count = 0;
  ENTER(self, composition, (count = tenon_composition_unit_count(composition), (tenon_error*)NULL));
  PyObject* const list = PyList_New(0);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    tenon_unit* unit = NULL;
    ENTER_OR(self, composition, tenon_composition_unit_at(composition, i, &unit), Py_DECREF(list));
    if (append(list, unit_new(unit, self)) < 0) {
      Py_DECREF(list);
      return NULL;
    }
  }
  return list;
}

static PyObject* composition_call(PyObject* self, PyObject* args) {
  const char* text;
  if (!PyArg_ParseTuple(args, "s", &text)) return NULL;
  char* result = NULL;
  ENTER(self, composition, tenon_composition_call(composition, text, &result));
  return take_text(result);
}

static PyObject* composition_run_for(PyObject* self, PyObject* args) {
  unsigned long long nanoseconds;
  if (!PyArg_ParseTuple(args, "K", &nanoseconds)) return NULL;
  int waits = 0;
  ENTER(self, composition,
        (waits = tenon_composition_run_for(composition, nanoseconds), (tenon_error*)NULL));
  return PyBool_FromLong(waits);
}

static PyObject* composition_end_deadlock(PyObject* self, PyObject* unused) {
  (void)unused;
  ENTER(self, composition, (tenon_composition_end_deadlock(composition), (tenon_error*)NULL));
  Py_RETURN_NONE;
}

static PyObject* composition_run_command(PyObject* self, PyObject* unused) {
  (void)unused;
  int code = 0;
  ENTER(self, composition, tenon_composition_run_command(composition, &code));
  return PyLong_FromLong(code);
}

static PyObject* composition_interrupt(PyObject* self, PyObject* unused) {
  (void)unused;
  tenon_composition_interrupt(((Composition*)self)->composition);
  Py_RETURN_NONE;
}

static PyObject* composition_take_drop_failure(PyObject* self, PyObject* unused) {
  (void)unused;
  tenon_composition* const composition = composition_enter(self);
  if (composition == NULL) return NULL;
  tenon_error* error;
  WAIT(error = tenon_composition_take_drop_failure(composition));
  composition_leave(self);
  return error != NULL ? make_exception(error) : Py_NewRef(Py_None);
}

static PyObject* composition_swap(PyObject* self, PyObject* args) {
  const char *unit, *path;
  Py_buffer bytes = {0};
  tenon_swap_options options = TENON_SWAP_OPTIONS_INIT;
  if (!PyArg_ParseTuple(args, "szz*ppp", &unit, &path, &bytes, &options.make_stale,
                        &options.whole_domains, &options.is_trial))
    return NULL;
  tenon_composition* const composition = composition_enter(self);
  tenon_error* error = NULL;
  if (composition != NULL) {
    WAIT(error = path != NULL ? tenon_composition_swap(composition, unit, path, &options)
                              : tenon_composition_swap_bytes(composition, unit, bytes.buf,
                                                             (size_t)bytes.len, &options));
    composition_leave(self);
  }
  PyBuffer_Release(&bytes);
  if (composition == NULL) return NULL;
  return error != NULL ? raise_error(error) : Py_NewRef(Py_None);
}

static PyObject* composition_serve(PyObject* self, PyObject* args) {
  const char* addresses;
  int insecure;
  if (!PyArg_ParseTuple(args, "sp", &addresses, &insecure)) return NULL;
  ServerObject* const made = (ServerObject*)object_alloc(ServerType);
  if (made == NULL) return NULL;
  tenon_server* server = NULL;
  ENTER_OR(self, composition, tenon_composition_serve(composition, addresses, insecure, &server),
           Py_DECREF(made));
  made->server = server;
  made->composition = Py_NewRef(self);
  composition_enter(self); /* until the server is closed */
  return (PyObject*)made;
}

/* attach(loop): the event loop of this thread runs the composition from now on. */
static PyObject* composition_attach(PyObject* self, PyObject* loop) {
  Executor* const executor = ((Composition*)self)->executor;
  if (executor == NULL || executor->loop == loop) Py_RETURN_NONE;
  PyObject* const call_soon = PyObject_GetAttrString(loop, "call_soon_threadsafe");
  if (call_soon == NULL) return NULL;
  if (set_loop(executor, Py_NewRef(loop), call_soon, thread_state())) wake(executor);
  Py_RETURN_NONE;
}

/* The event loop, unless its thread waits for a guest; else None. */
static PyObject* composition_loop(PyObject* self, void* unused) {
  (void)unused;
  const Executor* const executor = ((Composition*)self)->executor;
  const int is_free = executor != NULL && executor->loop != NULL &&
                      __atomic_load_n(&executor->thread->waits, __ATOMIC_RELAXED) == 0;
  return Py_NewRef(is_free ? executor->loop : Py_None);
}

static PyObject* composition_run_posted(PyObject* self, PyObject* unused) {
  (void)unused;
  if (((Composition*)self)->executor == NULL) Py_RETURN_NONE;
  if (composition_enter(self) == NULL) return NULL;
  Executor* const executor = ((Composition*)self)->executor;
  Py_BEGIN_ALLOW_THREADS;
  executor_run(executor);
  Py_END_ALLOW_THREADS;
  composition_leave(self);
  Py_RETURN_NONE;
}

static PyObject* composition_closed(PyObject* self, void* unused) {
  (void)unused;
  return PyBool_FromLong(((Composition*)self)->composition == NULL);
}

/* The loop that was attached last, or None. */
static PyObject* composition_attached(PyObject* self, void* unused) {
  (void)unused;
  const Executor* const executor = ((Composition*)self)->executor;
  return Py_NewRef(executor != NULL && executor->loop != NULL ? executor->loop : Py_None);
}

static PyMethodDef composition_methods[] = {
    {"function", composition_function, METH_VARARGS, NULL},
    {"functions", composition_functions, METH_NOARGS, NULL},
    {"unit", composition_unit, METH_VARARGS, NULL},
    {"units", composition_units, METH_NOARGS, NULL},
    {"call", composition_call, METH_VARARGS, NULL},
    {"run_for", composition_run_for, METH_VARARGS, NULL},
    {"end_deadlock", composition_end_deadlock, METH_NOARGS, NULL},
    {"run_command", composition_run_command, METH_NOARGS, NULL},
    {"interrupt", composition_interrupt, METH_NOARGS, NULL},
    {"take_drop_failure", composition_take_drop_failure, METH_NOARGS, NULL},
    {"swap", composition_swap, METH_VARARGS, NULL},
    {"serve", composition_serve, METH_VARARGS, NULL},
    {"attach", composition_attach, METH_O, NULL},
    {"run_posted", composition_run_posted, METH_NOARGS, NULL},
    {"close", composition_close, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef composition_getters[] = {{"closed", composition_closed, NULL, NULL, NULL},
                                            {"attached", composition_attached, NULL, NULL, NULL},
                                            {"loop", composition_loop, NULL, NULL, NULL},
                                            {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot composition_slots[] = {{Py_tp_methods, composition_methods},
                                          {Py_tp_getset, composition_getters},
                                          {Py_tp_dealloc, composition_dealloc},
                                          {0, NULL}};
static PyType_Spec composition_spec = {"tenon._tenon.Composition", sizeof(Composition), 0,
                                       Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                       composition_slots};

/* ---- Units ---- */

static PyObject* unit_function(PyObject* self, PyObject* args) {
  const char *interface, *name;
  UnitObject* const unit = (UnitObject*)self;
  if (!PyArg_ParseTuple(args, "zs", &interface, &name)) return NULL;
  tenon_function* function = NULL;
  ENTER(unit->composition, composition,
        ((void)composition, tenon_unit_function(unit->unit, interface, name, &function)));
  return function_new(function, unit->composition);
}

static PyObject* unit_functions(PyObject* self, PyObject* unused) {
  (void)unused;
  UnitObject* const unit = (UnitObject*)self;
  size_t count = 0;
  ENTER(unit->composition, composition,
        ((void)composition, count = tenon_unit_function_count(unit->unit), (tenon_error*)NULL));
  PyObject* const list = PyList_New(0);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    tenon_function* function = NULL;
    ENTER_OR(unit->composition, composition,
             ((void)composition, tenon_unit_function_at(unit->unit, i, &function)),
             Py_DECREF(list));
    if (append(list, function_new(function, unit->composition)) < 0) {
      Py_DECREF(list);
      return NULL;
    }
  }
  return list;
}

static PyObject* unit_name(PyObject* self, void* unused) {
  (void)unused;
  return PyUnicode_FromString(tenon_unit_name(((UnitObject*)self)->unit));
}

static void unit_dealloc(PyObject* self) {
  UnitObject* const unit = (UnitObject*)self;
  tenon_unit_delete(unit->unit);
  Py_CLEAR(unit->composition);
  object_free(self);
}

static PyMethodDef unit_methods[] = {{"function", unit_function, METH_VARARGS, NULL},
                                     {"functions", unit_functions, METH_NOARGS, NULL},
                                     {NULL, NULL, 0, NULL}};
static PyGetSetDef unit_getters[] = {{"name", unit_name, NULL, NULL, NULL},
                                     {NULL, NULL, NULL, NULL, NULL}};
static PyMemberDef unit_members[] = {
    {"composition", T_OBJECT, offsetof(UnitObject, composition), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};
static PyType_Slot unit_slots[] = {{Py_tp_methods, unit_methods},
                                   {Py_tp_getset, unit_getters},
                                   {Py_tp_members, unit_members},
                                   {Py_tp_dealloc, unit_dealloc},
                                   {0, NULL}};
static PyType_Spec unit_spec = {"tenon._tenon.Unit", sizeof(UnitObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, unit_slots};

/* ---- Servers ---- */

static PyObject* server_addresses(PyObject* self, void* unused) {
  (void)unused;
  PyObject* const list = PyList_New(0);
  const tenon_server* const server = ((ServerObject*)self)->server;
  const char* address = NULL;
  for (size_t i = 0; list != NULL && (address = tenon_server_address(server, i)) != NULL; ++i)
    if (append(list, PyUnicode_FromString(address)) < 0) {
      Py_DECREF(list);
      return NULL;
    }
  return list;
}

static PyObject* server_run(PyObject* self, PyObject* args) {
  unsigned long long drain;
  ServerObject* const of = (ServerObject*)self;
  if (!PyArg_ParseTuple(args, "K", &drain)) return NULL;
  if (of->server == NULL) return PyErr_Format(PyExc_ValueError, "the server is closed");
  if (of->in_use != 0) return PyErr_Format(PyExc_RuntimeError, "the server runs in another thread");
  of->in_use = 1;
  int all_ended = 0;
  WAIT(all_ended = tenon_server_run(of->server, drain));
  of->in_use = 0;
  return PyBool_FromLong(all_ended);
}

static PyObject* server_stop(PyObject* self, PyObject* unused) {
  (void)unused;
  tenon_server_stop(((ServerObject*)self)->server);
  Py_RETURN_NONE;
}

static PyObject* server_close(PyObject* self, PyObject* unused) {
  (void)unused;
  ServerObject* const of = (ServerObject*)self;
  if (of->in_use != 0)
    return PyErr_Format(PyExc_RuntimeError, "the server runs: call stop(), and wait for run()");
  tenon_server* const server = of->server;
  of->server = NULL;
  if (server == NULL) Py_RETURN_NONE;
  WAIT(tenon_server_delete(server));
  composition_leave(of->composition);
  Py_RETURN_NONE;
}

static void server_dealloc(PyObject* self) {
  if (!is_ending) Py_XDECREF(server_close(self, NULL));
  Py_CLEAR(((ServerObject*)self)->composition);
  object_free(self);
}

static PyMethodDef server_methods[] = {{"run", server_run, METH_VARARGS, NULL},
                                       {"stop", server_stop, METH_NOARGS, NULL},
                                       {"close", server_close, METH_NOARGS, NULL},
                                       {NULL, NULL, 0, NULL}};
static PyGetSetDef server_getters[] = {{"addresses", server_addresses, NULL, NULL, NULL},
                                       {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot server_slots[] = {{Py_tp_methods, server_methods},
                                     {Py_tp_getset, server_getters},
                                     {Py_tp_dealloc, server_dealloc},
                                     {0, NULL}};
static PyType_Spec server_spec = {"tenon._tenon.Server", sizeof(ServerObject), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                  server_slots};

int add_composition(PyObject* module) {
  CompositionType = add_type(module, &composition_spec);
  UnitType = add_type(module, &unit_spec);
  ServerType = add_type(module, &server_spec);
  return CompositionType != NULL && UnitType != NULL && ServerType != NULL ? 0 : -1;
}
