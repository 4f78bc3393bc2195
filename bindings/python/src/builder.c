/* Builders and plans. Most functions of a builder take text alone, so a table has them. */
#include <stdlib.h>
#include <string.h>

#include "composition.h"
#include "values.h"

int32_t host_call_later(void* user, tenon_call* call, const tenon_value* args, size_t nargs,
                        tenon_value* result);

static PyTypeObject *BuilderType, *PlanType;

typedef struct Builder {
  PyObject_HEAD tenon_builder* builder; /* NULL: its composition was built */
  Executor* executor;
} Builder;

typedef struct Plan {
  PyObject_HEAD tenon_plan* plan;
} Plan;

enum { MOST_TEXTS = 4 };
typedef void (*Setter)(tenon_builder*, const char*, const char*, const char*, const char*);
typedef tenon_error* (*Reader)(tenon_builder*, const char*, const char*, const char*, const char*);

#define SETTER(name, count) {#name, (Setter)(void (*)(void))tenon_builder_##name, NULL, count}
#define READER(name, count) {#name, NULL, (Reader)(void (*)(void))tenon_builder_##name, count}
static const struct {
  const char* name;
  Setter set;
  Reader read;
  int texts;
} FUNCTIONS[] = {SETTER(set_name, 1),
                 SETTER(add_host_bundle, 2),
                 SETTER(add_remote, 3),
                 SETTER(hide, 2),
                 SETTER(expose, 2),
                 SETTER(export_item, 3),
                 SETTER(export_all, 0),
                 SETTER(set_root, 1),
                 SETTER(allow_unresolved, 0),
                 SETTER(place, 2),
                 SETTER(isolate, 1),
                 SETTER(isolate_all, 0),
                 SETTER(inherit_stdio, 0),
                 SETTER(grant_directory, 2),
                 SETTER(grant_variable, 3),
                 SETTER(grant_network, 2),
                 SETTER(add_program_argument, 2),
                 SETTER(set_limit, 3),
                 SETTER(allow_interrupt, 0),
                 SETTER(trust, 0),
                 SETTER(trust_path, 1),
                 SETTER(require_pins, 0),
                 SETTER(forbid_native, 0),
                 SETTER(set_host_config, 3),
                 SETTER(set_process_program, 1),
                 SETTER(set_config, 3),
                 SETTER(set_cache, 1),
                 SETTER(allow_threads, 0),
                 READER(add_argument, 1),
                 READER(read_manifest, 1),
                 READER(read_wac, 2),
                 READER(read_hosts, 1),
                 READER(prepare, 0)};

/* Calls the library without the GIL. No other thread uses the builder meanwhile. */
#define WAIT_ALONE(self, ...)                  \
  do {                                         \
    Builder* const of_ = (Builder*)(self);     \
    tenon_builder* const kept_ = of_->builder; \
    of_->builder = NULL;                       \
    WAIT(__VA_ARGS__);                         \
    of_->builder = kept_;                      \
  } while (0)

static tenon_builder* use(PyObject* self) {
  tenon_builder* const builder = ((Builder*)self)->builder;
  if (builder == NULL)
    PyErr_SetString(PyExc_ValueError,
                    "the builder has built its composition, or another thread uses it: make "
                    "another one");
  return builder;
}

/* call(name, *texts): a function of the table. */
static PyObject* builder_call(PyObject* self, PyObject* args) {
  tenon_builder* const builder = use(self);
  const char* texts[1 + MOST_TEXTS] = {NULL};
  if (builder == NULL ||
      !PyArg_ParseTuple(args, "s|zzzz", &texts[0], &texts[1], &texts[2], &texts[3], &texts[4]))
    return NULL;
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; ++i) {
    if (strcmp(FUNCTIONS[i].name, texts[0]) != 0) continue;
    if (PyTuple_Size(args) != 1 + FUNCTIONS[i].texts)
      return PyErr_Format(PyExc_TypeError, "%s takes %d texts", texts[0], FUNCTIONS[i].texts);
    tenon_error* error = NULL;
    if (FUNCTIONS[i].set != NULL)
      FUNCTIONS[i].set(builder, texts[1], texts[2], texts[3], texts[4]);
    else
      WAIT_ALONE(self, error = FUNCTIONS[i].read(builder, texts[1], texts[2], texts[3], texts[4]));
    return error != NULL ? raise_error(error) : Py_NewRef(Py_None);
  }
  return PyErr_Format(PyExc_AttributeError, "a builder has no function `%s`", texts[0]);
}

/* add_unit(name, path, bytes, is_package, reachable, sha256, pool) */
static PyObject* builder_add_unit(PyObject* self, PyObject* args) {
  const char *name, *path;
  Py_buffer bytes = {0};
  int is_package;
  tenon_unit_options options = TENON_UNIT_OPTIONS_INIT;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "szz*ppzI", &name, &path, &bytes, &is_package,
                                           &options.reachable, &options.sha256, &options.pool))
    return NULL;
  if (path != NULL)
    (is_package ? tenon_builder_add_package : tenon_builder_add_component)(builder, name, path,
                                                                           &options);
  else
    (is_package ? tenon_builder_add_package_bytes : tenon_builder_add_component_bytes)(
        builder, name, bytes.buf, (size_t)bytes.len, &options);
  PyBuffer_Release(&bytes);
  Py_RETURN_NONE;
}

static PyObject* builder_read_manifest_text(PyObject* self, PyObject* args) {
  const char *text, *folder;
  Py_ssize_t size;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "s#s", &text, &size, &folder)) return NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_read_manifest_text(builder, text, (size_t)size, folder));
  return error != NULL ? raise_error(error) : Py_NewRef(Py_None);
}

/* wire(consumer, import, provider, export, via, target, lazy, optional, adapt, on_failure) */
static PyObject* builder_wire(PyObject* self, PyObject* args) {
  const char* via[16];
  PyObject* through;
  tenon_wire wire = TENON_WIRE_INIT;
  tenon_builder* const builder = use(self);
  if (builder == NULL ||
      !PyArg_ParseTuple(args, "zzzzO!ipppz", &wire.consumer, &wire.import, &wire.provider,
                        &wire.export_name, &PyTuple_Type, &through, &wire.target, &wire.lazy,
                        &wire.optional, &wire.adapt, &wire.on_failure))
    return NULL;
  wire.via = via;
  wire.nvia = (size_t)PyTuple_Size(through);
  if (wire.nvia > sizeof via / sizeof *via)
    return PyErr_Format(PyExc_ValueError, "a wire goes via 16 units at most");
  for (size_t i = 0; i < wire.nvia; ++i)
    if ((via[i] = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(through, (Py_ssize_t)i), NULL)) == NULL)
      return NULL;
  tenon_builder_wire(builder, &wire);
  Py_RETURN_NONE;
}

static PyObject* builder_restart(PyObject* self, PyObject* args) {
  const char* domain;
  unsigned most;
  unsigned long long within;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "zIK", &domain, &most, &within)) return NULL;
  tenon_builder_restart(builder, domain, most, within);
  Py_RETURN_NONE;
}

/* run_in_process(host, no_files, no_network, memory, cpu_milliseconds, descriptors, restarts, within_milliseconds) */
static PyObject* builder_run_in_process(PyObject* self, PyObject* args) {
  const char* host;
  unsigned long long memory, cpu, descriptors, within;
  tenon_process_options options = TENON_PROCESS_OPTIONS_INIT;
  tenon_builder* const builder = use(self);
  if (builder == NULL ||
      !PyArg_ParseTuple(args, "sppKKKIK", &host, &options.no_files, &options.no_network, &memory,
                        &cpu, &descriptors, &options.restarts, &within))
    return NULL;
  options.memory = memory;
  options.cpu_milliseconds = cpu;
  options.descriptors = descriptors;
  options.within_milliseconds = within;
  tenon_builder_run_in_process(builder, host, &options);
  Py_RETURN_NONE;
}

static PyObject* builder_set_threads(PyObject* self, PyObject* args) {
  Py_ssize_t count;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "n", &count)) return NULL;
  if (count < 0) return PyErr_Format(PyExc_ValueError, "the number of threads is not negative");
  tenon_builder_set_threads(builder, (size_t)count);
  Py_RETURN_NONE;
}

static void call_with_line(void* user, const char* line, size_t size) {
  if (is_ending) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  PyObject* const text = PyUnicode_DecodeUTF8(line, (Py_ssize_t)size, "replace");
  PyObject* const called =
      text != NULL ? PyObject_CallFunctionObjArgs((PyObject*)user, text, NULL) : NULL;
  if (called == NULL) PyErr_WriteUnraisable((PyObject*)user);
  Py_XDECREF(text);
  Py_XDECREF(called);
  PyGILState_Release(state);
}

static PyObject* builder_on_log(PyObject* self, PyObject* callable) {
  tenon_builder* const builder = use(self);
  if (builder == NULL) return NULL;
  tenon_builder_on_log(builder, call_with_line, Py_NewRef(callable), drop_object);
  Py_RETURN_NONE;
}

static PyObject* builder_on_trace(PyObject* self, PyObject* callable) {
  tenon_builder* const builder = use(self);
  if (builder == NULL) return NULL;
  tenon_builder_on_trace(builder, call_with_line, Py_NewRef(callable), drop_object);
  Py_RETURN_NONE;
}

/* add_function(interface, name, host_function, is_async) */
static PyObject* builder_add_function(PyObject* self, PyObject* args) {
  const char *interface, *name;
  PyObject* function;
  int is_async;
  tenon_builder* const builder = use(self);
  if (builder == NULL ||
      !PyArg_ParseTuple(args, "ssO!p", &interface, &name, HostFunctionType, &function, &is_async))
    return NULL;
  Py_INCREF(function);
  if (is_async)
    tenon_builder_add_async_function(builder, interface, name, host_call_later, function,
                                     drop_object);
  else
    tenon_builder_add_function(builder, interface, name, host_call, function, drop_object);
  Py_RETURN_NONE;
}

/* add_resource(interface, name, drop): drop is called with the object, or is None. */
static PyObject* builder_add_resource(PyObject* self, PyObject* args) {
  const char *interface, *name;
  PyObject* drop;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "ssO", &interface, &name, &drop)) return NULL;
  tenon_builder_add_resource(builder, interface, name, rep_drop, Py_NewRef(drop), drop_object);
  Py_RETURN_NONE;
}

/* Descriptions of the functions that units import. */
static PyObject* builder_imports(PyObject* self, PyObject* unused) {
  (void)unused;
  tenon_imports* imports = NULL;
  tenon_builder* const builder = use(self);
  if (builder == NULL) return NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_imports(builder, &imports));
  if (error != NULL) return raise_error(error);
  PyObject* list = PyList_New(0);
  for (size_t i = 0; list != NULL && i < tenon_imports_count(imports); ++i)
    if (append(list, describe_function(tenon_imports_function(imports, i))) < 0) Py_CLEAR(list);
  tenon_imports_delete(imports);
  return list;
}

static PyObject* builder_plan(PyObject* self, PyObject* unused) {
  (void)unused;
  tenon_builder* const builder = use(self);
  Plan* const made = builder != NULL ? (Plan*)object_alloc(PlanType) : NULL;
  if (made == NULL) return NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_plan(builder, &made->plan));
  if (error == NULL) return (PyObject*)made;
  Py_DECREF(made);
  return raise_error(error);
}

static PyObject* builder_explain_import(PyObject* self, PyObject* args) {
  const char* import;
  char* json = NULL;
  tenon_builder* const builder = use(self);
  if (builder == NULL || !PyArg_ParseTuple(args, "s", &import)) return NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_explain_import(builder, import, &json));
  return error != NULL ? raise_error(error) : take_text(json);
}

static PyObject* builder_compose(PyObject* self, PyObject* unused) {
  (void)unused;
  uint8_t* bytes = NULL;
  size_t size = 0;
  tenon_builder* const builder = use(self);
  if (builder == NULL) return NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_compose(builder, &bytes, &size));
  if (error != NULL) return raise_error(error);
  PyObject* const made = PyBytes_FromStringAndSize((const char*)bytes, (Py_ssize_t)size);
  tenon_free(bytes);
  return made;
}

/* Builds the composition, once: its functions of the program belong to it. */
static PyObject* builder_build(PyObject* self, PyObject* unused) {
  (void)unused;
  Builder* const of = (Builder*)self;
  tenon_builder* const builder = use(self);
  if (builder == NULL) return NULL;
  if (of->executor == NULL) {
    if ((of->executor = executor_new()) == NULL) return PyErr_NoMemory();
    const tenon_executor executor = {executor_post, of->executor};
    tenon_builder_set_executor(builder, &executor);
  }
  tenon_composition* composition = NULL;
  tenon_error* error;
  WAIT_ALONE(self, error = tenon_builder_build(builder, &composition));
  if (error != NULL) return raise_error(error);
  PyObject* const made = composition_new(composition, of->executor);
  if (made == NULL) return NULL;
  of->builder = NULL;
  of->executor = NULL;
  tenon_builder_delete(builder);
  return made;
}

static PyObject* builder_new(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  (void)args, (void)keywords;
  Builder* const made = (Builder*)object_alloc(type);
  if (made == NULL) return NULL;
  made->builder = tenon_builder_new();
  if (made->builder != NULL) return (PyObject*)made;
  Py_DECREF(made);
  return PyErr_NoMemory();
}

static void builder_dealloc(PyObject* self) {
  Builder* const of = (Builder*)self;
  if (!is_ending) tenon_builder_delete(of->builder);
  if (of->executor != NULL && !is_ending) executor_release(of->executor);
  object_free(self);
}

static PyMethodDef builder_methods[] = {
    {"call", builder_call, METH_VARARGS, NULL},
    {"add_unit", builder_add_unit, METH_VARARGS, NULL},
    {"read_manifest_text", builder_read_manifest_text, METH_VARARGS, NULL},
    {"wire", builder_wire, METH_VARARGS, NULL},
    {"restart", builder_restart, METH_VARARGS, NULL},
    {"run_in_process", builder_run_in_process, METH_VARARGS, NULL},
    {"set_threads", builder_set_threads, METH_VARARGS, NULL},
    {"on_log", builder_on_log, METH_O, NULL},
    {"on_trace", builder_on_trace, METH_O, NULL},
    {"add_function", builder_add_function, METH_VARARGS, NULL},
    {"add_resource", builder_add_resource, METH_VARARGS, NULL},
    {"imports", builder_imports, METH_NOARGS, NULL},
    {"plan", builder_plan, METH_NOARGS, NULL},
    {"explain_import", builder_explain_import, METH_VARARGS, NULL},
    {"compose", builder_compose, METH_NOARGS, NULL},
    {"build", builder_build, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}};
static PyType_Slot builder_slots[] = {{Py_tp_new, builder_new},
                                      {Py_tp_methods, builder_methods},
                                      {Py_tp_dealloc, builder_dealloc},
                                      {0, NULL}};
static PyType_Spec builder_spec = {"tenon._tenon.Builder", sizeof(Builder), 0, Py_TPFLAGS_DEFAULT,
                                   builder_slots};

/* ---- Plans ---- */

static PyObject* plan_print(PyObject* self, tenon_error* (*print)(const tenon_plan*, char**)) {
  char* text = NULL;
  Plan* const of = (Plan*)self;
  tenon_plan* const plan = of->plan;
  if (plan == NULL) return PyErr_Format(PyExc_RuntimeError, "another thread uses the plan");
  of->plan = NULL;
  tenon_error* error;
  WAIT(error = print(plan, &text));
  of->plan = plan;
  return error != NULL ? raise_error(error) : take_text(text);
}

static PyObject* plan_json(PyObject* self, PyObject* unused) {
  return (void)unused, plan_print(self, tenon_plan_json);
}
static PyObject* plan_text(PyObject* self, PyObject* unused) {
  return (void)unused, plan_print(self, tenon_plan_text);
}
static PyObject* plan_svg(PyObject* self, PyObject* unused) {
  return (void)unused, plan_print(self, tenon_plan_svg);
}

static void plan_dealloc(PyObject* self) {
  if (!is_ending) tenon_plan_delete(((Plan*)self)->plan);
  object_free(self);
}

static PyMethodDef plan_methods[] = {{"json", plan_json, METH_NOARGS, NULL},
                                     {"text", plan_text, METH_NOARGS, NULL},
                                     {"svg", plan_svg, METH_NOARGS, NULL},
                                     {NULL, NULL, 0, NULL}};
static PyType_Slot plan_slots[] = {
    {Py_tp_methods, plan_methods}, {Py_tp_dealloc, plan_dealloc}, {0, NULL}};
static PyType_Spec plan_spec = {"tenon._tenon.Plan", sizeof(Plan), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, plan_slots};

int add_builder(PyObject* module) {
  BuilderType = add_type(module, &builder_spec);
  PlanType = add_type(module, &plan_spec);
  return BuilderType != NULL && PlanType != NULL ? 0 : -1;
}
