// Values in packr's wire form: what the guests in C read and write of it. Include tenon_packr.h
// before it.
//
// Indices of nodes are plain numbers; every function that takes one from the bytes judges it. A read
// that does not fit what is asked for is false.
#pragma once

enum Kind {
  kBool = 0x01, kS32, kS64, kF32, kF64, kString, kList, kVariant, kRecord, kOption, kTuple,
  kU8, kU16, kU32, kU64, kS8, kS16, kChar, kFlags, kResult, kArray,
};

// How deep the guests follow values into each other: a step takes some hundred bytes of a stack of
// 1 MiB.
enum { kDeepest = 1000 };

typedef struct {
  const char* bytes;
  uint32_t size;
} Text;

#define TEXT(literal) ((Text){literal, sizeof(literal) - 1})

static inline bool same_text(Text left, Text right) {
  if (left.size != right.size) return false;
  for (uint32_t k = 0; k < left.size; ++k)
    if (left.bytes[k] != right.bytes[k]) return false;
  return true;
}

// --- Reading --------------------------------------------------------------------------------

typedef struct {
  const uint8_t* at;
  const uint8_t* end;
} Cursor;

static inline bool read_bytes(Cursor* cursor, uint32_t size, const uint8_t** bytes) {
  if ((size_t)(cursor->end - cursor->at) < size) return false;
  *bytes = cursor->at;
  cursor->at += size;
  return true;
}

static inline uint32_t load_u32(const uint8_t* at) {
  uint32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return value;
}

static inline bool read_u32(Cursor* cursor, uint32_t* value) {
  const uint8_t* bytes;
  if (!read_bytes(cursor, 4, &bytes)) return false;
  *value = load_u32(bytes);
  return true;
}

static inline bool read_text(Cursor* cursor, Text* text) {
  const uint8_t* bytes;
  if (!read_u32(cursor, &text->size) || !read_bytes(cursor, text->size, &bytes)) return false;
  text->bytes = (const char*)bytes;
  return true;
}

// A type descriptor, whatever it says.
static inline bool skip_type(Cursor* cursor) {
  for (uint64_t more = 1; more != 0; --more) {
    const uint8_t* tag;
    uint32_t count;
    Text name;
    if (!read_bytes(cursor, 1, &tag)) return false;
    switch (*tag) {
      case kList:
      case kOption: more += 1; break;
      case kResult: more += 2; break;
      case kTuple:
        if (!read_u32(cursor, &count)) return false;
        more += count;
        break;
      case kRecord:
      case kVariant:
        if (!read_text(cursor, &name)) return false;
        break;
      default:
        if (*tag == 0 || *tag >= kArray) return false;
    }
  }
  return true;
}

// The nodes of a value. `offsets` is allocated.
typedef struct {
  const uint8_t* bytes;
  uint32_t* offsets;
  uint32_t count;
  uint32_t root;
} Graph;

// Whether these are nodes of the wire form. What is in the nodes is judged when it is read.
static inline bool open_graph(const uint8_t* bytes, uint32_t size, Graph* graph) {
  static const uint8_t kStart[] = {'C', 'G', 'R', 'F', 2, 0};
  Cursor cursor = {bytes, bytes + size};
  const uint8_t* start;
  if (!read_bytes(&cursor, 8, &start)) return false;
  for (uint32_t k = 0; k < sizeof kStart; ++k)
    if (start[k] != kStart[k]) return false;
  if (!read_u32(&cursor, &graph->count) || !read_u32(&cursor, &graph->root)) return false;
  // A node has 8 bytes or more.
  if (graph->count > size / 8 || graph->root >= graph->count) return false;
  graph->bytes = bytes;
  graph->offsets = (uint32_t*)allocate(graph->count * 4);
  if (graph->offsets == NULL) return false;
  for (uint32_t k = 0; k < graph->count; ++k) {
    const uint8_t* header;
    const uint8_t* payload;
    if (!read_bytes(&cursor, 8, &header) ||
        !read_bytes(&cursor, load_u32(header + 4), &payload)) {
      release((uint8_t*)graph->offsets, graph->count * 4);
      return false;
    }
    graph->offsets[k] = (uint32_t)(header - bytes);
  }
  if (cursor.at == cursor.end) return true;
  release((uint8_t*)graph->offsets, graph->count * 4);
  return false;
}

static inline void close_graph(Graph* graph) {
  release((uint8_t*)graph->offsets, graph->count * 4);
}

// The payload of a node, if it is of this kind.
static inline bool find_node(const Graph* graph, uint32_t index, enum Kind kind, Cursor* payload) {
  if (index >= graph->count) return false;
  const uint8_t* node = graph->bytes + graph->offsets[index];
  if (*node != kind) return false;
  payload->at = node + 8;
  payload->end = payload->at + load_u32(node + 4);
  return true;
}

static inline bool read_number(const Graph* graph, uint32_t index, enum Kind kind, void* value,
                               uint32_t width) {
  Cursor payload;
  const uint8_t* bytes;
  if (!find_node(graph, index, kind, &payload) || !read_bytes(&payload, width, &bytes)) return false;
  __builtin_memcpy(value, bytes, width);
  return true;
}

static inline bool read_s64(const Graph* graph, uint32_t index, int64_t* value) {
  return read_number(graph, index, kS64, value, 8);
}

static inline bool read_string(const Graph* graph, uint32_t index, Text* text) {
  Cursor payload;
  return find_node(graph, index, kString, &payload) && read_text(&payload, text);
}

// Indices of nodes.
typedef struct {
  const uint8_t* at;
  uint32_t count;
} Children;

static inline uint32_t child(Children children, uint32_t k) { return load_u32(children.at + 4 * k); }

static inline bool read_children(Cursor* payload, uint32_t count, Children* children) {
  children->count = count;
  return count <= 0x3fffffff && read_bytes(payload, 4 * count, &children->at);
}

// A list whose elements are nodes, or an array without elements.
static inline bool read_list(const Graph* graph, uint32_t index, Children* children) {
  Cursor payload;
  uint32_t count;
  if (find_node(graph, index, kArray, &payload))
    return skip_type(&payload) && read_u32(&payload, &count) && count == 0 &&
           read_children(&payload, 0, children);
  return find_node(graph, index, kList, &payload) && skip_type(&payload) &&
         read_u32(&payload, &count) && read_children(&payload, count, children);
}

static inline bool read_tuple(const Graph* graph, uint32_t index, Children* children) {
  Cursor payload;
  uint32_t count;
  return find_node(graph, index, kTuple, &payload) && read_u32(&payload, &count) &&
         read_children(&payload, count, children);
}

static inline bool read_variant(const Graph* graph, uint32_t index, uint32_t* tag,
                                Children* children) {
  Cursor payload;
  Text type_name;
  Text case_name;
  uint32_t count;
  return find_node(graph, index, kVariant, &payload) && read_text(&payload, &type_name) &&
         read_text(&payload, &case_name) && read_u32(&payload, tag) &&
         read_u32(&payload, &count) && read_children(&payload, count, children);
}

// A record with exactly one field.
static inline bool read_record_of_one(const Graph* graph, uint32_t index, Text* type_name,
                                      Text* field, uint32_t* value) {
  Cursor payload;
  uint32_t count;
  return find_node(graph, index, kRecord, &payload) && read_text(&payload, type_name) &&
         read_u32(&payload, &count) && count == 1 && read_text(&payload, field) &&
         read_u32(&payload, value);
}

// --- Writing --------------------------------------------------------------------------------

// Nodes in the order of their writing: children come first. Starts as {0}.
typedef struct {
  uint8_t* bytes;
  uint32_t capacity;
  uint32_t size;
  uint32_t count;
  bool has_failed;  // there is no memory
} Writer;

static inline void put_bytes(Writer* writer, const void* bytes, uint32_t size) {
  if (writer->has_failed) return;
  if (writer->size + size > writer->capacity) {
    uint32_t capacity = writer->capacity == 0 ? 256 : writer->capacity;
    while (capacity < writer->size + size) capacity *= 2;
    uint8_t* grown = allocate(capacity);
    writer->has_failed = grown == NULL;
    if (grown == NULL) return;
    __builtin_memcpy(grown, writer->bytes, writer->size);
    release(writer->bytes, writer->capacity);
    writer->bytes = grown;
    writer->capacity = capacity;
  }
  __builtin_memcpy(writer->bytes + writer->size, bytes, size);
  writer->size += size;
}

static inline void put_u32(Writer* writer, uint32_t value) { put_bytes(writer, &value, 4); }

static inline void put_text(Writer* writer, Text text) {
  put_u32(writer, text.size);
  put_bytes(writer, text.bytes, text.size);
}

// The index of a node of which `size` bytes of payload follow.
static inline uint32_t start_node(Writer* writer, enum Kind kind, uint32_t size) {
  if (writer->size == 0) put_bytes(writer, "CGRF\2\0\0\0\0\0\0\0\0\0\0\0", 16);
  put_u32(writer, kind);
  put_u32(writer, size);
  return writer->count++;
}

static inline void put_indices(Writer* writer, const uint32_t* indices, uint32_t count) {
  put_u32(writer, count);
  put_bytes(writer, indices, 4 * count);
}

static inline uint32_t write_s64(Writer* writer, int64_t value) {
  const uint32_t node = start_node(writer, kS64, 8);
  put_bytes(writer, &value, 8);
  return node;
}

static inline uint32_t write_u64(Writer* writer, uint64_t value) {
  const uint32_t node = start_node(writer, kU64, 8);
  put_bytes(writer, &value, 8);
  return node;
}

static inline uint32_t write_string(Writer* writer, Text text) {
  const uint32_t node = start_node(writer, kString, 4 + text.size);
  put_text(writer, text);
  return node;
}

static inline uint32_t write_tuple(Writer* writer, const uint32_t* children, uint32_t count) {
  const uint32_t node = start_node(writer, kTuple, 4 + 4 * count);
  put_indices(writer, children, count);
  return node;
}

static inline uint32_t write_variant(Writer* writer, Text type_name, Text case_name, uint32_t tag,
                                     uint32_t payload) {
  const uint32_t node =
      start_node(writer, kVariant, 8 + type_name.size + case_name.size + 4 + 4 + 4);
  put_text(writer, type_name);
  put_text(writer, case_name);
  put_u32(writer, tag);
  put_indices(writer, &payload, 1);
  return node;
}

// A list of values of a variant.
static inline uint32_t write_variants(Writer* writer, Text type_name, const uint32_t* children,
                                      uint32_t count) {
  const uint8_t tag = kVariant;
  const uint32_t node = start_node(writer, kList, 1 + 4 + type_name.size + 4 + 4 * count);
  put_bytes(writer, &tag, 1);
  put_text(writer, type_name);
  put_indices(writer, children, count);
  return node;
}

static inline uint32_t write_list_u8(Writer* writer, const uint8_t* bytes, uint32_t count) {
  const uint8_t tag = kU8;
  const uint32_t node = start_node(writer, kArray, 1 + 4 + count);
  put_bytes(writer, &tag, 1);
  put_u32(writer, count);
  put_bytes(writer, bytes, count);
  return node;
}

static inline uint32_t write_record_of_one(Writer* writer, Text type_name, Text field,
                                           uint32_t value) {
  const uint32_t node = start_node(writer, kRecord, 4 + type_name.size + 4 + 4 + field.size + 4);
  put_text(writer, type_name);
  put_u32(writer, 1);
  put_text(writer, field);
  put_bytes(writer, &value, 4);
  return node;
}

// Text instead of a result: gives back the status that says so.
static inline Status fail(Text text, uint8_t** result, uint32_t* result_size) {
  *result = allocate(text.size);
  *result_size = *result == NULL ? 0 : text.size;
  if (*result != NULL) __builtin_memcpy(*result, text.bytes, text.size);
  return -1;
}

// The value whose root was written last. The block is one of exactly its size, as it is freed so.
static inline Status finish(Writer* writer, uint8_t** result, uint32_t* result_size) {
  uint8_t* exact = writer->has_failed ? NULL : allocate(writer->size);
  if (exact != NULL) {
    const uint32_t root = writer->count - 1;
    __builtin_memcpy(exact, writer->bytes, writer->size);
    __builtin_memcpy(exact + 8, &writer->count, 4);
    __builtin_memcpy(exact + 12, &root, 4);
  }
  release(writer->bytes, writer->capacity);
  if (exact == NULL) return fail(TEXT("no memory"), result, result_size);
  *result = exact;
  *result_size = writer->size;
  return 0;
}
