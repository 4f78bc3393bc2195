/* `math` for packages: it traps for 13, and returns a wrong type for 14. */
#include <tenon/tenon_host.h>

static const tenon_host_api *api;

static int32_t twice(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                     tenon_value *result) {
  (void)self, (void)nargs;
  if (args[0].of.s == 13) return api->trap(call, "13 is not doubled");
  result->kind = args[0].of.s == 14 ? TENON_STRING : TENON_S64;
  result->of.s = args[0].of.s * 2;
  return 0;
}

static int32_t create(const tenon_host_api *host_api, const tenon_config *config, tenon_call *call,
                      void **self) {
  (void)config, (void)call, (void)self;
  api = host_api;
  return 0;
}

static const tenon_func_def funcs[] = {{"math", "double", twice, 0, TENON_PURE}};

TENON_HOST_ENTRY(math) {
  static const tenon_host_module module = {sizeof module,
                                           TENON_HOST_ABI_MAJOR,
                                           TENON_HOST_ABI_MINOR,
                                           TENON_CONCURRENT,
                                           "math",
                                           "1.0.0",
                                           create,
                                           NULL,
                                           funcs,
                                           1,
                                           NULL,
                                           0};
  return &module;
}
