// A package that exports `__wasm_call_ctors`, which the host calls once before anything else:
// `started` says how often that was.
// linker: --export=__wasm_call_ctors
#include "tenon_packr.h"

#include "graph.h"

// Volatile: else the compiler runs the constructor itself.
static volatile int64_t count;

__attribute__((constructor)) static void start(void) { count = count + 1; }

EXPORT("started") Status started(PACKR_PARAMETERS) {
  (void)bytes, (void)size;
  Writer writer = {0};
  write_s64(&writer, count);
  return finish(&writer, result, result_size);
}
