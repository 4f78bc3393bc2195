// Binary trees as ../rust/src/tree.rs has them. `sum` and `mirror` read them in place.
#include "tenon_packr.h"

#include "graph.h"

enum Tag { kLeaf, kNode };

static uint32_t write_leaf(Writer* writer, int64_t number) {
  const uint32_t payload = write_s64(writer, number);
  return write_variant(writer, TEXT("tree"), TEXT("leaf"), kLeaf, payload);
}

static uint32_t write_node(Writer* writer, uint32_t left, uint32_t right) {
  const uint32_t children[] = {left, right};
  const uint32_t payload = write_tuple(writer, children, 2);
  return write_variant(writer, TEXT("tree"), TEXT("node"), kNode, payload);
}

static uint32_t build_tree(Writer* writer, uint32_t depth, int64_t* next) {
  if (depth == 0) return write_leaf(writer, (*next)++);
  const uint32_t left = build_tree(writer, depth - 1, next);
  return write_node(writer, left, build_tree(writer, depth - 1, next));
}

// A tree with 2 to the power of `depth` leaves, numbered from the left.
EXPORT("build") Status build(PACKR_PARAMETERS) {
  Graph graph;
  uint32_t depth = 0;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = read_number(&graph, graph.root, kU32, &depth, 4) && depth <= 20;
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a depth up to 20"), result, result_size);
  Writer writer = {0};
  int64_t next = 0;
  build_tree(&writer, depth, &next);
  return finish(&writer, result, result_size);
}

// What is at a node of the graph: a number, or two children.
typedef struct {
  enum Tag tag;
  int64_t number;
  Children children;
} Tree;

static bool read_tree(const Graph* graph, uint32_t index, Tree* tree) {
  uint32_t tag;
  Children payload;
  if (!read_variant(graph, index, &tag, &payload) || payload.count != 1) return false;
  tree->tag = (enum Tag)tag;
  if (tag == kLeaf) return read_s64(graph, child(payload, 0), &tree->number);
  return tag == kNode && read_tuple(graph, child(payload, 0), &tree->children) &&
         tree->children.count == 2;
}

static bool sum_tree(const Graph* graph, uint32_t index, uint32_t depth, uint64_t* sum) {
  Tree tree;
  if (depth > kDeepest || !read_tree(graph, index, &tree)) return false;
  if (tree.tag == kLeaf) {
    *sum += (uint64_t)tree.number;
    return true;
  }
  return sum_tree(graph, child(tree.children, 0), depth + 1, sum) &&
         sum_tree(graph, child(tree.children, 1), depth + 1, sum);
}

EXPORT("sum") Status sum(PACKR_PARAMETERS) {
  Graph graph;
  uint64_t total = 0;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = sum_tree(&graph, graph.root, 0, &total);
  close_graph(&graph);
  if (!fits) return fail(TEXT("not a tree"), result, result_size);
  Writer writer = {0};
  write_s64(&writer, (int64_t)total);
  return finish(&writer, result, result_size);
}

static bool mirror_tree(const Graph* graph, uint32_t index, uint32_t depth, Writer* writer,
                        uint32_t* made) {
  Tree tree;
  if (depth > kDeepest || !read_tree(graph, index, &tree)) return false;
  if (tree.tag == kLeaf) {
    *made = write_leaf(writer, tree.number);
    return true;
  }
  uint32_t left;
  uint32_t right;
  if (!mirror_tree(graph, child(tree.children, 1), depth + 1, writer, &left) ||
      !mirror_tree(graph, child(tree.children, 0), depth + 1, writer, &right))
    return false;
  *made = write_node(writer, left, right);
  return true;
}

EXPORT("mirror") Status mirror(PACKR_PARAMETERS) {
  Graph graph;
  Writer writer = {0};
  uint32_t made;
  if (!open_graph(bytes, size, &graph)) return fail(TEXT("not a value"), result, result_size);
  const bool fits = mirror_tree(&graph, graph.root, 0, &writer, &made);
  close_graph(&graph);
  if (fits) return finish(&writer, result, result_size);
  release(writer.bytes, writer.capacity);
  return fail(TEXT("not a tree"), result, result_size);
}
