#include "packr/graph_writer.h"

#include <gtest/gtest.h>

#include "packr/test_vectors.h"

namespace tenon::packr::graph_writer_test {
namespace {

std::string finished(GraphWriter& writer) {
  const auto bytes = writer.finish();
  return bytes ? to_hex(*bytes) : describe(bytes.error());
}

TEST(GraphWriter, WritesTheExampleOfTheFormat) {
  GraphWriter writer;
  writer.begin_tuple();
  writer.add_u8(1);
  writer.add_string("hi");
  writer.end();
  EXPECT_EQ(finished(writer),
            "43475246020000000300000002000000"
            "0c0000000100000001"
            "060000000600000002000000"
            "6869"
            "0b0000000c000000020000000000000001000000");
}

TEST(GraphWriter, AgreesWithTheTreeForEachContainer) {
  const GraphType text = GraphType::of(NodeKind::String);
  const GraphType node = GraphType::named(NodeKind::Record, "node");
  GraphWriter writer;
  writer.begin_record("node");
  writer.field("items");
  writer.begin_list(text);
  writer.add_string("a");
  writer.add_string("");
  writer.end();
  writer.field("next");
  writer.begin_option(node);
  writer.end();
  writer.field("shape");
  writer.begin_variant("shape", "rect", 2);
  writer.add_f64(1);
  writer.begin_result(text, node, ResultSide::Err);
  writer.add_s16(-2);
  writer.end();
  writer.end();
  writer.end();

  GraphVariant shape{"shape", "rect", 2, {}};
  shape.payload.push_back({GraphScalar{NodeKind::F64, 0x3ff0000000000000}});
  shape.payload.push_back(
      {GraphResult{text, node, ResultSide::Err, GraphValue{GraphScalar{NodeKind::S16, 0xfffe}}}});
  const GraphValue value{
      GraphRecord{"node",
                  {{"items", {GraphList{text, {{std::string("a")}, {std::string()}}}}},
                   {"next", {GraphOption{node, std::nullopt}}},
                   {"shape", {shape}}}}};
  EXPECT_EQ(finished(writer), to_hex(*encode(value)));
}

TEST(GraphWriter, ListsOfFixedWidthBecomeArrays) {
  GraphWriter one_by_one;
  one_by_one.begin_tuple();
  one_by_one.begin_list(GraphType::of(NodeKind::U16));
  one_by_one.add_u16(1);
  one_by_one.add_u16(0x1234);
  one_by_one.end();
  one_by_one.end();
  GraphWriter at_once;
  at_once.begin_tuple();
  at_once.add_array(NodeKind::U16, Bytes{1, 0, 0x34, 0x12});
  at_once.end();
  EXPECT_EQ(finished(one_by_one), finished(at_once));
  EXPECT_NE(finished(at_once).find("15000000090000000d020000000100"
                                   "3412"),
            std::string::npos);
}

TEST(GraphWriter, AcceptsATypeView) {
  Bytes descriptor;
  append_type(descriptor, GraphType::of(NodeKind::List, {GraphType::of(NodeKind::Char)}),
              GraphVersion::V3);
  GraphWriter from_view;
  from_view.begin_list(TypeView(descriptor));
  from_view.end();
  const GraphType element = GraphType::of(NodeKind::List, {GraphType::of(NodeKind::Char)});
  EXPECT_EQ(finished(from_view), to_hex(*encode({GraphList{element, {}}})));
}

TEST(GraphWriter, RejectsOtherItemsInAListOfFixedWidth) {
  const auto refuses = [](auto add) {
    GraphWriter writer;
    writer.begin_tuple();
    writer.begin_list(GraphType::of(NodeKind::S32));
    writer.add_s32(1);
    add(writer);
    writer.end();
    writer.add_u8(1);
    writer.end();
    return finished(writer).starts_with(
        "Invalid encoding: List with primitive elem_type contains non-matching items");
  };
  EXPECT_TRUE(refuses([](GraphWriter& writer) { writer.add_u32(1); }));
  EXPECT_TRUE(refuses([](GraphWriter& writer) { writer.add_string("x"); }));
  EXPECT_TRUE(refuses([](GraphWriter& writer) {
    writer.begin_record("r");
    writer.field("a");
    writer.add_s32(1);
    writer.end();
  }));
  EXPECT_FALSE(refuses([](GraphWriter& writer) { writer.add_s32(2); }));
}

TEST(GraphWriter, LimitsTheDepthLikeTheReader) {
  const auto nest = [](std::uint32_t levels) {
    GraphWriter writer;
    for (std::uint32_t i = 0; i < levels; ++i) writer.begin_tuple();
    writer.add_u8(7);
    for (std::uint32_t i = 0; i < levels; ++i) writer.end();
    return finished(writer);
  };
  EXPECT_EQ(nest(kMaxGraphDepth), to_hex(make_nested_tuples(kMaxGraphDepth)));
  EXPECT_EQ(nest(kMaxGraphDepth + 1), "Nested too deep: more than 1000 levels");
}

TEST(GraphWriter, CanBeReusedAfterClear) {
  GraphWriter writer;
  writer.begin_list(GraphType::of(NodeKind::S32));
  writer.add_string("x");
  writer.end();
  EXPECT_FALSE(writer.finish());
  writer.clear();
  writer.add_bool(true);
  EXPECT_EQ(finished(writer), "43475246020000000100000000000000010000000100000001");
}

TEST(GraphWriter, CallsInAWrongOrderEndTheProcess) {
  EXPECT_DEATH(static_cast<void>(GraphWriter().finish()), "");
  EXPECT_DEATH(GraphWriter().end(), "");
  GraphWriter writer;
  writer.begin_record("r");
  EXPECT_DEATH(
      {
        writer.add_u8(1);
        writer.end();
      },
      "");
}

}  // namespace
}  // namespace tenon::packr::graph_writer_test
