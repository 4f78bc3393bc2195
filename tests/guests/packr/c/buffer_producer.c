// Makes buffers: byte k of each is the lowest byte of 7 * k + 3.
//   keep(size)    a buffer, of which the producer keeps its own handle
//   send(size)    gives a buffer to `next.pass` and gives back what that says; drops its handle
//   give(handle)  a record with this number in it, whether it has such a handle or not
#include "tenon_packr.h"

#include "graph.h"

#include "buffers.h"

IMPORT("next", "pass") Status next_pass(PACKR_PARAMETERS);

static bool read_size(const uint8_t* bytes, uint32_t size, int64_t* number) {
  Graph graph;
  if (!open_graph(bytes, size, &graph)) return false;
  const bool fits = read_s64(&graph, graph.root, number);
  close_graph(&graph);
  return fits;
}

// False: the argument is no size that a buffer can have.
static bool make_buffer(const uint8_t* bytes, uint32_t size, uint32_t* handle) {
  int64_t number;
  if (!read_size(bytes, size, &number) || number < 1 || number > (1 << 28)) return false;
  uint8_t* content = allocate((uint32_t)number);
  if (content == NULL) return false;
  for (uint32_t k = 0; k < (uint32_t)number; ++k) content[k] = (uint8_t)(7 * k + 3);
  *handle = buffer_new(content, (uint32_t)number);
  release(content, (uint32_t)number);
  return true;
}

static Status give_handle(uint64_t handle, uint8_t** result, uint32_t* result_size) {
  Writer writer = {0};
  write_buffer(&writer, handle);
  return finish(&writer, result, result_size);
}

EXPORT("keep") Status keep(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!make_buffer(bytes, size, &handle)) return fail(TEXT("not a size"), result, result_size);
  return give_handle(handle, result, result_size);
}

EXPORT("give") Status give(PACKR_PARAMETERS) {
  int64_t handle;
  if (!read_size(bytes, size, &handle)) return fail(TEXT("not a handle"), result, result_size);
  return give_handle((uint64_t)handle, result, result_size);
}

EXPORT("send") Status send(PACKR_PARAMETERS) {
  uint32_t handle;
  uint8_t* message;
  uint32_t message_size;
  if (!make_buffer(bytes, size, &handle)) return fail(TEXT("not a size"), result, result_size);
  Status status = give_handle(handle, &message, &message_size);
  if (status == 0) status = next_pass(message, message_size, result, result_size);
  release(message, message_size);
  buffer_drop(handle);
  return status;
}
