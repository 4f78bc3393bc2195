// `count(n)` is n steps through the import `self.count`, for who wires it to its own export.
#include "tenon_packr.h"

#include "graph.h"

IMPORT("self", "count") Status self_count(PACKR_PARAMETERS);

static Status give_number(int64_t number, uint8_t** result, uint32_t* result_size) {
  Writer writer = {0};
  write_s64(&writer, number);
  return finish(&writer, result, result_size);
}

EXPORT("count") Status count(PACKR_PARAMETERS) {
  Graph graph;
  int64_t number;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = read_s64(&graph, graph.root, &number);
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a number"), result, result_size);
  if (number <= 0) return give_number(0, result, result_size);
  uint8_t* less;
  uint32_t less_size;
  Status status = give_number(number - 1, &less, &less_size);
  if (status == 0) status = self_count(less, less_size, result, result_size);
  release(less, less_size);
  return status;
}
