// A package with imports that are no functions of packr: `host.alloc(i32) -> i32` and
// `host.log(i32, i32)`, as its first packages had them.
#include "tenon_packr.h"

IMPORT("host", "alloc") uint32_t host_alloc(uint32_t size);
IMPORT("host", "log") void host_log(const char* text, uint32_t size);

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  host_log("pass", 4);
  *result = (uint8_t*)(uintptr_t)host_alloc(size);
  __builtin_memcpy(*result, bytes, size);
  *result_size = size;
  return 0;
}

EXPORT("test_alloc") uint32_t test_alloc(uint32_t size) { return host_alloc(size); }
