// A package without `__pack_alloc` and `__pack_free`: arguments and the words for results lie at
// fixed places, which are the far end of its stack. `pass` gives back its argument from a place of its own.
#define NO_ALLOCATOR
#include "tenon_packr.h"

static uint8_t room[1 << 20];

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  if (size > sizeof room) return -1;
  __builtin_memcpy(room, bytes, size);
  *result = room;
  *result_size = size;
  return 0;
}
