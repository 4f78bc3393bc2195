// A package in packr's original form: the caller passes a buffer for the result, and a function
// returns the size of what it wrote, or a negative number. It has no allocator and no metadata.
#ifndef HAS_ABI
#define NO_ALLOCATOR
#endif
#include "tenon_packr.h"

#define BUFFER_PARAMETERS const uint8_t *bytes, uint32_t size, uint8_t *result, uint32_t room

IMPORT("next", "pass") int32_t next_pass(BUFFER_PARAMETERS);

EXPORT("pass") int32_t pass(BUFFER_PARAMETERS) {
  if (size > room) return -1;
  __builtin_memcpy(result, bytes, size);
  return (int32_t)size;
}

EXPORT("ask") int32_t ask(BUFFER_PARAMETERS) { return next_pass(bytes, size, result, room); }

EXPORT("ask-small") int32_t ask_small(BUFFER_PARAMETERS) {
  (void)room;
  return next_pass(bytes, size, result, 8);
}

EXPORT("ask-outside") int32_t ask_outside(BUFFER_PARAMETERS) {
  (void)result;
  return next_pass(bytes, size, (uint8_t*)0xfffffff0, room);
}

EXPORT("ask-negative") int32_t ask_negative(BUFFER_PARAMETERS) {
  (void)room;
  return next_pass(bytes, size, result, (uint32_t)-1);
}

EXPORT("fails") int32_t fails(BUFFER_PARAMETERS) {
  (void)bytes, (void)size, (void)result, (void)room;
  return -7;
}

EXPORT("too-long") int32_t too_long(BUFFER_PARAMETERS) {
  (void)bytes, (void)size, (void)result;
  return (int32_t)room + 1;
}

EXPORT("empty") int32_t empty(BUFFER_PARAMETERS) {
  (void)bytes, (void)size, (void)result, (void)room;
  return 0;
}
