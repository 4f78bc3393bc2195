// A package whose `__pack_alloc` is broken: there is never memory.
#define NO_ALLOCATOR
#include "tenon_packr.h"

EXPORT("__pack_alloc") uint8_t* allocate(uint32_t size) {
  (void)size;
  return NULL;
}

EXPORT("__pack_free") void release(uint8_t* bytes, uint32_t size) { (void)bytes, (void)size; }

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
