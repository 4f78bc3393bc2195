// Functions that fail as they are told: of 0 a trap, of 1 a text instead of a result, of 2 a loop without
// end; of more, the number.
#include "tenon_packr.h"

#include "graph.h"

// False: `*status` is the answer.
static bool take(const uint8_t* bytes, uint32_t size, uint8_t** result, uint32_t* result_size,
                 int64_t* number, Status* status) {
  Graph graph;
  bool fits = open_graph(bytes, size, &graph);
  if (fits) {
    fits = read_s64(&graph, graph.root, number);
    close_graph(&graph);
  }
  if (!fits) {
    *status = fail(TEXT("not a number"), result, result_size);
    return false;
  }
  if (*number == 0) __builtin_trap();
  for (volatile int turning = 1; *number == 2 && turning;) {
  }
  if (*number != 1) return true;
  *status = fail(TEXT("one is too few"), result, result_size);
  return false;
}

// A result of an s64 and anything else, which is ok.
static Status give_ok(int64_t number, uint8_t** result, uint32_t* result_size) {
  Writer writer = {0};
  const uint32_t of = write_s64(&writer, number);
  start_node(&writer, kResult, 11);
  const uint8_t types[] = {kS64, kString};
  put_bytes(&writer, types, sizeof types);
  put_u32(&writer, 0);
  put_bytes(&writer, "\1", 1);
  put_bytes(&writer, &of, sizeof of);
  return finish(&writer, result, result_size);
}

#define ANSWER(name, function)                                                              \
  EXPORT(name) Status function(PACKR_PARAMETERS) {                                          \
    int64_t number;                                                                         \
    Status status;                                                                          \
    if (!take(bytes, size, result, result_size, &number, &status)) return status;           \
    return give_ok(number, result, result_size);                                            \
  }

ANSWER("answer.ask", ask)
ANSWER("answer.try", try_it)
ANSWER("answer.test", test)

EXPORT("answer.plain") Status plain(PACKR_PARAMETERS) {
  int64_t number;
  Status status;
  if (!take(bytes, size, result, result_size, &number, &status)) return status;
  Writer writer = {0};
  write_s64(&writer, number);
  return finish(&writer, result, result_size);
}
