// A package whose metadata lies in the middle of a data segment, after bytes that begin like it.
#define NO_METADATA
#include "tenon_packr.h"

#include "graph.h"

enum { kBefore = 3328, kAfter = 64 };

static const uint8_t segment[] = {
    'C', 'G', 'R', 'F', 2, 0, [6 ... kBefore - 1] = 0xaa,
#include METADATA
    , [kBefore + METADATA_SIZE ... kBefore + METADATA_SIZE + kAfter - 1] = 0xbb};

EXPORT("__pack_types") Status pack_types(const uint8_t** at, uint32_t* size) {
  *at = segment + kBefore;
  *size = METADATA_SIZE;
  return 0;
}

EXPORT("double") Status double_it(PACKR_PARAMETERS) {
  Graph graph;
  int64_t number;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = read_s64(&graph, graph.root, &number);
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a number"), result, result_size);
  Writer writer = {0};
  write_s64(&writer, (int64_t)((uint64_t)number * 2));
  return finish(&writer, result, result_size);
}
