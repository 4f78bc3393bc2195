// The end of buffers.
//   pass(buffer)          the sum of its bytes, read a piece at a time; drops its handle
//   copy(buffer)          its bytes; drops its handle
//   length(buffer)        its length; drops its handle
//   hold(buffer)          the number of its handle, which it keeps
//   drop(handle)          drops a handle by its number, whether it has it or not
//   drop-twice(buffer)    the second time it has no such handle
//   read-outside(buffer)  lets the host copy to the end of the memory and beyond it
#include "tenon_packr.h"

#include "graph.h"

#include "buffers.h"

enum { kPiece = 65536 };

static uint8_t piece[kPiece];

static Status give_number(int64_t number, uint8_t** result, uint32_t* result_size) {
  Writer writer = {0};
  write_s64(&writer, number);
  return finish(&writer, result, result_size);
}

EXPORT("pass") Status pass(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  const uint32_t length = buffer_len(handle);
  int64_t sum = 0;
  for (uint32_t offset = 0; offset < length;) {
    const uint32_t got = buffer_read(handle, offset, piece, kPiece);
    if (got == 0) return fail(TEXT("a piece is missing"), result, result_size);
    for (uint32_t k = 0; k < got; ++k) sum += piece[k];
    offset += got;
  }
  buffer_drop(handle);
  return give_number(sum, result, result_size);
}

EXPORT("copy") Status copy(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  const uint32_t length = buffer_len(handle);
  uint8_t* content = allocate(length);
  if (content == NULL) return fail(TEXT("no memory"), result, result_size);
  // More than there is may be asked for.
  const uint32_t got = buffer_read(handle, 0, content, length);
  const uint32_t beyond = buffer_read(handle, length, content, length);
  buffer_drop(handle);
  Writer writer = {0};
  write_list_u8(&writer, content, got + beyond);
  release(content, length);
  return finish(&writer, result, result_size);
}

EXPORT("length") Status length(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  const uint32_t length = buffer_len(handle);
  buffer_drop(handle);
  return give_number(length, result, result_size);
}

EXPORT("hold") Status hold(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  return give_number(handle, result, result_size);
}

EXPORT("drop") Status drop(PACKR_PARAMETERS) {
  Graph graph;
  int64_t handle;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = read_s64(&graph, graph.root, &handle);
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a handle"), result, result_size);
  buffer_drop((uint32_t)handle);
  return give_number(handle, result, result_size);
}

EXPORT("drop-twice") Status drop_twice(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  buffer_drop(handle);
  buffer_drop(handle);
  return give_number(handle, result, result_size);
}

EXPORT("read-outside") Status read_outside(PACKR_PARAMETERS) {
  uint32_t handle;
  if (!read_buffer(bytes, size, &handle)) return fail(TEXT("not a buffer"), result, result_size);
  const size_t end = __builtin_wasm_memory_size(0) << 16;
  return give_number(buffer_read(handle, 0, (uint8_t*)(end - 16), 4096), result, result_size);
}
