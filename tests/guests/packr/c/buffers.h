// The host's module `tenon:buffer`, and the record by which a buffer goes from package to package.
// Include graph.h before it.
#pragma once

IMPORT("tenon:buffer", "new") uint32_t buffer_new(const uint8_t* bytes, uint32_t size);
IMPORT("tenon:buffer", "len") uint32_t buffer_len(uint32_t handle);
// Gives back how many bytes it copied.
IMPORT("tenon:buffer", "read")
uint32_t buffer_read(uint32_t handle, uint32_t offset, uint8_t* to, uint32_t size);
IMPORT("tenon:buffer", "drop") void buffer_drop(uint32_t handle);

static inline uint32_t write_buffer(Writer* writer, uint64_t handle) {
  const uint32_t number = write_u64(writer, handle);
  return write_record_of_one(writer, TEXT("tenon:buffer"), TEXT("handle"), number);
}

// The handle in a value that is a buffer and nothing else.
static inline bool read_buffer(const uint8_t* bytes, uint32_t size, uint32_t* handle) {
  Graph graph;
  Text type_name;
  Text field;
  uint32_t value;
  uint64_t number = 0;
  if (!open_graph(bytes, size, &graph)) return false;
  const bool fits = read_record_of_one(&graph, graph.root, &type_name, &field, &value) &&
                    same_text(type_name, TEXT("tenon:buffer")) && same_text(field, TEXT("handle")) &&
                    read_number(&graph, value, kU64, &number, 8) && number <= UINT32_MAX;
  close_graph(&graph);
  *handle = (uint32_t)number;
  return fits;
}
