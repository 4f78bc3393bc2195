/* A table that does not match its WIT: a misspelled name, an unknown name, a duplicate, a row without
 * function, a signature of another WIT, and no row for the resource. */
#include <tenon/tenon_host.h>

static int32_t nothing(void *self, tenon_call *call, const tenon_value *args, size_t nargs,
                       tenon_value *result) {
  (void)self, (void)call, (void)args, (void)nargs, (void)result;
  return 1;
}

#define LIB "demo:domains/lib"

static const tenon_func_def funcs[] = {
    {LIB, "add", nothing, 1, 0},
    {LIB, "ecko", nothing, 0, 0},
    {LIB, "echo-bytes", nothing, 0, 0},
    {LIB, "echo-points", nothing, 0, 0},
    {LIB, "echo-named", nothing, 0, 0},
    {LIB, "echo-mixed", NULL, 0, 0},
    {LIB, "calls", nothing, 0, 0},
    {LIB, "calls", nothing, 0, 0},
    {LIB, "boom", nothing, 0, 0},
    {LIB, "spin", nothing, 0, 0},
    {LIB, "grow", nothing, 0, 0},
    {LIB, "check-text", nothing, 0, 0},
    {LIB, "check-trouble", nothing, 0, 0},
    {LIB, "check-reason", nothing, 0, 0},
    {LIB, "[constructor]counter", nothing, 0, 0},
    {LIB, "[method]counter.next", nothing, 0, 0},
    {LIB, "[method]counter.peek", nothing, 0, 0},
    {LIB, "[static]counter.merge", nothing, 0, 0},
    {LIB, "alive", nothing, 0, 0},
    {LIB, "consume", nothing, 0, 0},
    {LIB, "make-bad", nothing, 0, 0},
    {LIB, "unmake", nothing, 0, 0},
};

TENON_HOST_ENTRY(mismatch) {
  static const tenon_host_module module = {sizeof module,
                                           TENON_HOST_ABI_MAJOR,
                                           TENON_HOST_ABI_MINOR + 7,
                                           TENON_CONCURRENT,
                                           "mismatch",
                                           "1.0.0",
                                           NULL,
                                           NULL,
                                           funcs,
                                           sizeof funcs / sizeof funcs[0],
                                           NULL,
                                           0};
  return &module;
}
