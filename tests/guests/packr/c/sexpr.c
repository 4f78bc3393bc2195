// Evaluates s-expressions as ../rust/src/sexpr.rs does, with the interface's names on the wire. It
// evaluates while it reads: what it makes of an expression lies in an arena that is freed at the end.
#include "tenon_packr.h"

#include "graph.h"

enum Tag { kSym, kNum, kStr, kLst, kErr };

typedef struct Expr {
  enum Tag tag;
  int64_t number;
  Text text;
  struct Expr* items;
  uint32_t count;
} Expr;

// --- The arena ------------------------------------------------------------------------------

typedef struct Chunk {
  struct Chunk* next;
  uint32_t size;
} Chunk;

typedef struct {
  Chunk* chunks;
} Arena;

static void* take(Arena* arena, uint32_t size) {
  if (size > (1u << 24)) return NULL;
  Chunk* chunk = (Chunk*)allocate(size + sizeof(Chunk));
  if (chunk == NULL) return NULL;
  *chunk = (Chunk){arena->chunks, size + sizeof(Chunk)};
  arena->chunks = chunk;
  return chunk + 1;
}

static void drop_arena(Arena* arena) {
  for (Chunk* chunk = arena->chunks; chunk != NULL;) {
    Chunk* next = chunk->next;
    release((uint8_t*)chunk, chunk->size);
    chunk = next;
  }
}

// --- Evaluating -----------------------------------------------------------------------------

static Expr error_of(Text text) { return (Expr){.tag = kErr, .text = text}; }
static Expr number_of(int64_t number) { return (Expr){.tag = kNum, .number = number}; }

// An expression as it stands in the graph.
static Expr read_expr(const Graph* graph, uint32_t index, uint32_t depth, Arena* arena) {
  uint32_t tag;
  Children payload;
  if (depth > kDeepest) return error_of(TEXT("nested too deep"));
  if (!read_variant(graph, index, &tag, &payload) || payload.count != 1 || tag > kErr)
    return error_of(TEXT("not an expression"));
  Expr expr = {.tag = (enum Tag)tag};
  const uint32_t of = child(payload, 0);
  if (tag == kNum)
    return read_s64(graph, of, &expr.number) ? expr : error_of(TEXT("not a number"));
  if (tag != kLst) return read_string(graph, of, &expr.text) ? expr : error_of(TEXT("not a text"));
  Children items;
  if (!read_list(graph, of, &items)) return error_of(TEXT("not a list"));
  expr.count = items.count;
  expr.items = take(arena, items.count * sizeof(Expr));
  if (expr.items == NULL) return error_of(TEXT("no memory"));
  for (uint32_t k = 0; k < items.count; ++k) {
    expr.items[k] = read_expr(graph, child(items, k), depth + 1, arena);
  }
  return expr;
}

static Expr evaluated(const Expr* expr, Arena* arena);

// Evaluates all in place of an own copy. False: `*error` says why.
static bool evaluate_all(const Expr* items, uint32_t count, Arena* arena, Expr** results,
                         Expr* error) {
  *results = take(arena, count * sizeof(Expr));
  if (*results == NULL) {
    *error = error_of(TEXT("no memory"));
    return false;
  }
  for (uint32_t k = 0; k < count; ++k) {
    (*results)[k] = evaluated(&items[k], arena);
    if ((*results)[k].tag == kErr) {
      *error = (*results)[k];
      return false;
    }
  }
  return true;
}

static Expr compute(char sign, const Expr* items, uint32_t count) {
  if (count == 0) return error_of(TEXT("nothing to compute"));
  uint64_t sum = (uint64_t)items[0].number;
  for (uint32_t k = 0; k < count; ++k) {
    if (items[k].tag != kNum) return error_of(TEXT("not a number"));
    if (k == 0) continue;
    const uint64_t number = (uint64_t)items[k].number;
    sum = sign == '+' ? sum + number : sign == '-' ? sum - number : sum * number;
  }
  return number_of((int64_t)sum);
}

static Expr join(const Expr* items, uint32_t count, Arena* arena) {
  uint32_t size = 0;
  for (uint32_t k = 0; k < count; ++k) {
    if (items[k].tag != kStr) return error_of(TEXT("`join` is of strings"));
    size += items[k].text.size;
  }
  char* joined = take(arena, size);
  if (joined == NULL) return error_of(TEXT("no memory"));
  char* at = joined;
  for (uint32_t k = 0; k < count; ++k) {
    __builtin_memcpy(at, items[k].text.bytes, items[k].text.size);
    at += items[k].text.size;
  }
  return (Expr){.tag = kStr, .text = {joined, size}};
}

static Expr length_of(const Expr* expr) {
  if (expr->tag == kLst) return number_of(expr->count);
  if (expr->tag == kStr) return number_of(expr->text.size);
  return error_of(TEXT("`length` is of a list or a string"));
}

static Expr choose(const Expr* parts, Arena* arena) {
  const Expr condition = evaluated(&parts[0], arena);
  if (condition.tag == kErr) return condition;
  if (condition.tag != kNum) return error_of(TEXT("not a number"));
  return evaluated(&parts[condition.number != 0 ? 1 : 2], arena);
}

static Expr evaluated(const Expr* expr, Arena* arena) {
  if (expr->tag != kLst || expr->count == 0) return *expr;
  if (expr->items[0].tag == kErr) return expr->items[0];
  if (expr->items[0].tag != kSym) return error_of(TEXT("a list starts with a symbol"));
  const Text name = expr->items[0].text;
  const Expr* rest = expr->items + 1;
  const uint32_t count = expr->count - 1;
  if (same_text(name, TEXT("quote")) && count == 1) return rest[0];
  if (same_text(name, TEXT("if")) && count == 3) return choose(rest, arena);

  Expr* values;
  Expr error;
  if (!evaluate_all(rest, count, arena, &values, &error)) return error;
  if (same_text(name, TEXT("list"))) return (Expr){.tag = kLst, .items = values, .count = count};
  if (same_text(name, TEXT("length")) && count == 1) return length_of(&values[0]);
  if (same_text(name, TEXT("join"))) return join(values, count, arena);
  if (same_text(name, TEXT("<")) && count == 2) {
    if (values[0].tag != kNum || values[1].tag != kNum) return error_of(TEXT("not a number"));
    return number_of(values[0].number < values[1].number);
  }
  if (same_text(name, TEXT("+")) || same_text(name, TEXT("-")) || same_text(name, TEXT("*")))
    return compute(name.bytes[0], values, count);
  return error_of(TEXT("no such function"));
}

// --- The result -----------------------------------------------------------------------------

static uint32_t write_expr(Writer* writer, const Expr* expr, Arena* arena) {
  static const Text kNames[] = {{"sym", 3}, {"num", 3}, {"str", 3}, {"lst", 3}, {"err", 3}};
  uint32_t payload;
  if (expr->tag == kLst) {
    uint32_t* children = take(arena, expr->count * 4);
    writer->has_failed |= children == NULL;
    if (children == NULL) return 0;
    for (uint32_t k = 0; k < expr->count; ++k)
      children[k] = write_expr(writer, &expr->items[k], arena);
    payload = write_variants(writer, TEXT("expr"), children, expr->count);
  } else if (expr->tag == kNum) {
    payload = write_s64(writer, expr->number);
  } else {
    payload = write_string(writer, expr->text);
  }
  return write_variant(writer, TEXT("expr"), kNames[expr->tag], expr->tag, payload);
}

EXPORT("evaluate") Status evaluate(PACKR_PARAMETERS) {
  Graph graph;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  Arena arena = {0};
  const Expr input = read_expr(&graph, graph.root, 0, &arena);
  const Expr output = evaluated(&input, &arena);
  Writer writer = {0};
  write_expr(&writer, &output, &arena);
  drop_arena(&arena);
  close_graph(&graph);
  return finish(&writer, result, result_size);
}
