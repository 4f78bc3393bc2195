// `pass` gives the buffer that it got to `next.pass` and gives back what that says. It looks at
// nothing of the buffer but its length, and drops its handle.
#include "tenon_packr.h"

#include "graph.h"

#include "buffers.h"

IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  if (buffer_len(handle) == 0) return fail(TEXT("an empty buffer"), result, result_size);
  const Status status = next_pass(bytes, size, result, result_size);
  buffer_drop(handle);
  return status;
}
