/* bench:native/ops by a table, and as plain C. */
#include <tenon/tenon_host.h>

static int32_t add(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                   tenon_value *result) {
  (void)self, (void)call, (void)nargs;
  result->kind = TENON_U32;
  result->of.u = (uint32_t)(args[0].of.u + args[1].of.u);
  return 0;
}

static int32_t count(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                     tenon_value *result) {
  (void)self, (void)call, (void)nargs;
  result->kind = TENON_U32;
  result->of.u = (uint32_t)args[0].of.packed.len;
  return 0;
}

static const tenon_func_def funcs[] = {{"bench:native/ops", "add", add, 0, TENON_PURE},
                                       {"bench:native/ops", "count", count, 0, TENON_PURE}};

TENON_HOST_ENTRY(bench) {
  static const tenon_host_module module = {sizeof module,
                                           TENON_HOST_ABI_MAJOR,
                                           TENON_HOST_ABI_MINOR,
                                           TENON_CONCURRENT,
                                           "bench",
                                           "1.0.0",
                                           NULL,
                                           NULL,
                                           funcs,
                                           2,
                                           NULL,
                                           0};
  return &module;
}

TENON_EXPORT uint32_t bench_native_ops_add(uint32_t a, uint32_t b) { return a + b; }
TENON_EXPORT uint32_t bench_native_ops_count(const uint8_t *data, size_t size) {
  (void)data;
  return (uint32_t)size;
}
