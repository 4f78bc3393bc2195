/* demo:domains/lib in native code. It behaves as tests/guests/domains/lib does, and shows the fault that
 * it is configured with. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon/tenon_host.h>

typedef struct {
  const tenon_host_api *api;
  const char *fault;
  const char *log;
  uint32_t calls;
  uint32_t alive;
} lib;

typedef struct {
  uint32_t value;
} counter;

static void write_log(const lib *self, const char *line, uint32_t number) {
  FILE *file = self->log != NULL ? fopen(self->log, "a") : NULL;
  if (file == NULL) return;
  fprintf(file, "%s %u\n", line, number);
  fclose(file);
}

/* The number of calls and drops that are running. The library declares that it accepts one at a time, so
 * more than one is a fault of the host. */
static atomic_int inside;

static int is_alone(void) { return atomic_fetch_add(&inside, 1) == 0; }
static void leave(void) { atomic_fetch_sub(&inside, 1); }

static int has_fault(const lib *self, const char *fault) {
  return self->fault != NULL && strcmp(self->fault, fault) == 0;
}

static void set_u32(tenon_value *result, uint32_t number) {
  result->kind = TENON_U32;
  result->of.u = number;
}

static counter *make_counter(lib *self, uint32_t value) {
  counter *created = malloc(sizeof(counter));
  if (created == NULL) abort();
  created->value = value;
  ++self->alive;
  return created;
}

static void drop_counter(void *self, void *rep) {
  counter *dropped = rep;
  if (!is_alone()) write_log(self, "overlap", dropped->value);
  write_log(self, "drop", dropped->value);
  --((lib *)self)->alive;
  free(dropped);
  leave();
}

/* The work of a thread of the library during a call. */
typedef struct {
  const lib *own;
  tenon_call *call;
  const tenon_value *args;
  uint32_t sum;
} helper;

static void *help(void *argument) {
  helper *own = argument;
  char line[32];
  snprintf(line, sizeof line, "adding %u", (unsigned)own->args[0].of.u);
  own->own->api->log(3, "domains", line);
  if (!own->own->api->should_stop(own->call))
    own->sum = (uint32_t)own->args[0].of.u + (uint32_t)own->args[1].of.u;
  return NULL;
}

static int32_t add_on_threads(const lib *own, tenon_call *call, const tenon_value *args,
                              tenon_value *result) {
  pthread_t threads[4];
  helper helpers[4];
  uint32_t i = 0;
  uint32_t started = 0;
  for (; started < 4; ++started) {
    helpers[started] = (helper){own, call, args, 0};
    if (pthread_create(&threads[started], NULL, help, &helpers[started]) != 0) break;
  }
  for (i = 0; i < started; ++i) pthread_join(threads[i], NULL);
  for (i = 0; i < started; ++i)
    if (helpers[i].sum != helpers[0].sum) return own->api->trap(call, "they do not agree");
  if (started == 0) return own->api->trap(call, "no thread");
  set_u32(result, helpers[0].sum);
  return 0;
}

static int32_t add_here(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                   tenon_value *result) {
  const lib *own = self;
  (void)nargs;
  if (has_fault(own, "threads")) return add_on_threads(own, call, args, result);
  if (has_fault(own, "silent")) return 7;
  if (has_fault(own, "trap")) return own->api->trap(call, "no adding %d and %d", 1, 2);
  set_u32(result, (uint32_t)args[0].of.u + (uint32_t)args[1].of.u);
  if (has_fault(own, "kind")) result->kind = TENON_S32;
  if (has_fault(own, "range")) result->of.u = (uint64_t)1 << 40;
  return 0;
}

static int32_t add(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                   tenon_value *result) {
  const int alone = is_alone();
  const int32_t status = add_here(self, call, args, nargs, result);
  leave();
  return alone ? status : ((lib *)self)->api->trap(call, "another call is in the library");
}

/* A result can point to arguments. */
static int32_t echo(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                    tenon_value *result) {
  const lib *own = self;
  (void)call;
  (void)nargs;
  *result = args[0];
  if (result->kind != TENON_STRING) return 0;
  if (has_fault(own, "text")) result->of.str.ptr = "\xff\xfe", result->of.str.len = 2;
  if (has_fault(own, "null")) result->of.str.ptr = NULL, result->of.str.len = 3;
  if (has_fault(own, "kind")) result->kind = TENON_LIST;
  if (has_fault(own, "memory")) {
    result->of.str.ptr = own->api->alloc(call, (size_t)1 << 40, 1);
    result->of.str.len = 0;
  }
  return 0;
}

static int32_t echo_mixed(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                          tenon_value *result) {
  const lib *own = self;
  tenon_value *items = own->api->alloc(call, nargs * sizeof(tenon_value), _Alignof(tenon_value));
  if (items == NULL) return 1;
  memcpy(items, args, nargs * sizeof(tenon_value));
  if (has_fault(own, "case")) items[3].index = 9;
  result->kind = TENON_TUPLE;
  result->of.items.ptr = items;
  result->of.items.len = nargs;
  return 0;
}

static int32_t calls(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                     tenon_value *result) {
  (void)call, (void)args, (void)nargs;
  set_u32(result, ++((lib *)self)->calls);
  return 0;
}

static int32_t boom(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                    tenon_value *result) {
  (void)args, (void)nargs, (void)result;
  return ((lib *)self)->api->trap(call, "%s", "boom");
}

static int32_t spin(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                    tenon_value *result) {
  const lib *own = self;
  (void)args, (void)nargs, (void)result;
  while (!own->api->should_stop(call)) {
  }
  return 0;
}

static int32_t grow(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                    tenon_value *result) {
  (void)self, (void)call, (void)args, (void)nargs;
  set_u32(result, 0);
  return 0;
}

static int32_t check(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                     tenon_value *result) {
  const lib *own = self;
  tenon_value *payload = own->api->alloc(call, sizeof(tenon_value), _Alignof(tenon_value));
  (void)nargs;
  if (payload == NULL) return 1;
  if (args[0].of.u == 0) return own->api->trap(call, "0 is checked and found wanting");
  *payload = args[0];
  result->kind = TENON_RESULT;
  result->of.payload = payload;
  return 0;
}

static int32_t counter_new(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                           tenon_value *result) {
  (void)call, (void)nargs;
  result->kind = TENON_OWN;
  result->of.rep = make_counter(self, (uint32_t)args[0].of.u);
  return 0;
}

static int32_t counter_next(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                            tenon_value *result) {
  (void)self, (void)call, (void)nargs;
  set_u32(result, ++((counter *)args[0].of.rep)->value);
  return 0;
}

static int32_t counter_peek(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                            tenon_value *result) {
  (void)self, (void)call, (void)nargs;
  set_u32(result, ((counter *)args[0].of.rep)->value + ((counter *)args[1].of.rep)->value);
  return 0;
}

/* An `own` argument belongs to the function, which destroys it here. */
static uint32_t take(lib *self, const tenon_value *owned) {
  counter *argument = owned->of.rep;
  const uint32_t value = argument->value;
  free(argument);
  --self->alive;
  return value;
}

static int32_t counter_merge(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                             tenon_value *result) {
  const uint32_t a = take(self, &args[0]);
  const uint32_t b = take(self, &args[1]);
  (void)call, (void)nargs;
  result->kind = TENON_OWN;
  result->of.rep = make_counter(self, a + b);
  return 0;
}

static int32_t alive(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                     tenon_value *result) {
  (void)call, (void)args, (void)nargs;
  set_u32(result, ((lib *)self)->alive);
  return 0;
}

static int32_t consume(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                       tenon_value *result) {
  (void)call, (void)nargs;
  set_u32(result, take(self, &args[0]));
  return 0;
}

static int32_t make_bad(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                        tenon_value *result) {
  (void)call, (void)args, (void)nargs;
  result->kind = TENON_OWN;
  result->of.rep = make_counter(self, UINT32_MAX);
  return 0;
}

static int32_t create(const tenon_host_api *api, const tenon_config *config, tenon_call *call,
                      void **self) {
  const char *start = api->config_get(config, "start");
  const char *fault = api->config_get(config, "fault");
  lib *instance = NULL;
  if (api->size < sizeof(tenon_host_api)) return api->trap(call, "the host is too old");
  if (fault != NULL && strcmp(fault, "create") == 0) return api->trap(call, "it was told to fail");
  if (fault != NULL && strcmp(fault, "create-silent") == 0) return 3;
  instance = calloc(1, sizeof(lib));
  if (instance == NULL) return api->trap(call, "no memory");
  instance->api = api;
  instance->fault = fault;
  instance->log = api->config_get(config, "log");
  instance->calls = start != NULL ? (uint32_t)strtoul(start, NULL, 10) : 0;
  write_log(instance, "create", instance->calls);
  *self = instance;
  return 0;
}

static void destroy(void *self) {
  lib *own = self;
  write_log(own, "destroy", own->alive);
  free(own);
}

#define LIB "demo:domains/lib"

static const tenon_func_def funcs[] = {
    {LIB, "add", add, 0, TENON_PURE},
    {LIB, "echo", echo, 0, TENON_PURE},
    {LIB, "echo-bytes", echo, 0, TENON_PURE},
    {LIB, "echo-points", echo, 0, TENON_PURE},
    {LIB, "echo-named", echo, 0, TENON_PURE},
    {LIB, "echo-mixed", echo_mixed, 0, TENON_PURE},
    {LIB, "calls", calls, 0, 0},
    {LIB, "boom", boom, 0, 0},
    {LIB, "spin", spin, 0, TENON_MAY_BLOCK},
    {LIB, "grow", grow, 0, 0},
    {LIB, "check-text", check, 0, 0},
    {LIB, "check-trouble", check, 0, 0},
    {LIB, "check-reason", check, 0, 0},
    {LIB, "[constructor]counter", counter_new, 0, 0},
    {LIB, "[method]counter.next", counter_next, 0, 0},
    {LIB, "[method]counter.peek", counter_peek, 0, 0},
    {LIB, "[static]counter.merge", counter_merge, 0, 0},
    {LIB, "alive", alive, 0, 0},
    {LIB, "consume", consume, 0, 0},
    {LIB, "make-bad", make_bad, 0, 0},
};
static const tenon_resource_def resources[] = {{LIB, "counter", drop_counter}};

TENON_HOST_ENTRY(domains) {
  static const tenon_host_module module = {sizeof module,
                                           TENON_HOST_ABI_MAJOR,
                                           TENON_HOST_ABI_MINOR,
                                           TENON_SERIAL_LIBRARY,
                                           "domains",
                                           "1.0.0",
                                           create,
                                           destroy,
                                           funcs,
                                           sizeof funcs / sizeof funcs[0],
                                           resources,
                                           sizeof resources / sizeof resources[0]};
  return &module;
}
