// A package whose `__pack_free` traps.
#define NO_ALLOCATOR
#include "tenon_packr.h"

static uint8_t room[65536];
static uint32_t used;

EXPORT("__pack_alloc") uint8_t* allocate(uint32_t size) {
  if (size > sizeof room - used) return NULL;
  used += size;
  return room + used - size;
}

EXPORT("__pack_free") void release(uint8_t* bytes, uint32_t size) {
  (void)bytes, (void)size;
  __builtin_trap();
}

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
