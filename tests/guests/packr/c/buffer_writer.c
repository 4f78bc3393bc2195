// Writes buffers in parts: bytes 0, 1, 2, .., one at a time.
//   parts(size)    passes the buffer to `next.pass` and returns what that returns
//   late(size)     the same, and writes to the buffer after that
//   unknown(size)  writes to a buffer that it does not have
#include "tenon_packr.h"

#include "graph.h"

#include "buffers.h"

IMPORT("tenon:buffer", "append")
void buffer_append(uint32_t handle, const uint8_t* bytes, uint32_t size);
IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);

static Status pass_parts(const uint8_t* bytes, uint32_t size, uint8_t** result, uint32_t* result_size,
                         uint32_t* handle) {
  Graph graph;
  int64_t count = 0;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = read_s64(&graph, graph.root, &count);
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a size"), result, result_size);
  *handle = buffer_new(NULL, 0);
  for (int64_t k = 0; k < count; ++k) {
    const uint8_t byte = (uint8_t)k;
    buffer_append(*handle, &byte, 1);
  }
  uint8_t* message;
  uint32_t message_size;
  Writer writer = {0};
  write_buffer(&writer, *handle);
  Status status = finish(&writer, &message, &message_size);
  if (status == 0) status = next_pass(message, message_size, result, result_size);
  release(message, message_size);
  return status;
}

EXPORT("parts") Status parts(PACKR_PARAMETERS) {
  uint32_t handle = 0;
  const Status status = pass_parts(bytes, size, result, result_size, &handle);
  if (status == 0) buffer_drop(handle);
  return status;
}

EXPORT("late") Status late(PACKR_PARAMETERS) {
  uint32_t handle = 0;
  const Status status = pass_parts(bytes, size, result, result_size, &handle);
  if (status == 0) buffer_append(handle, bytes, size);
  return status;
}

EXPORT("unknown") Status unknown(PACKR_PARAMETERS) {
  buffer_append(77, bytes, size);
  *result = (uint8_t*)bytes;
  *result_size = size;
  return 0;
}
