// The end of a chain of `forward`: `pass` gives back the bytes that it got, where they are; `copy`
// in a block of its own; `size` says how many there are.
#include "tenon_packr.h"

#include "graph.h"

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}

EXPORT("copy") Status copy(PACKR_PARAMETERS) {
  uint8_t* block = allocate(size);
  if (block == NULL) return fail(TEXT("no memory"), result, result_size);
  __builtin_memcpy(block, bytes, size);
  *result = block;
  *result_size = size;
  return 0;
}

EXPORT("size") Status size_of(PACKR_PARAMETERS) {
  (void)bytes;
  Writer writer = {0};
  write_s64(&writer, size);
  return finish(&writer, result, result_size);
}
