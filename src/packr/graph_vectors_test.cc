// All vectors that packr generated, valid and malformed, of both versions of the wire form.
#include <gtest/gtest.h>

#include <map>

#include "packr/compare_view.h"
#include "packr/test_vectors.h"

namespace tenon::packr::graph_vectors_test {
namespace {

TEST(GraphVectors, AreWrittenByteForByte) {
  std::size_t count = 0;
  for (const Json& row : read_vectors("cgrf.jsonl")) {
    const Result<Bytes, GraphError> bytes = encode(value_of_json(row["value"]));
    ASSERT_TRUE(bytes) << row["name"];
    EXPECT_EQ(to_hex(*bytes), text_of(row, "hex")) << row["name"];
    ++count;
  }
  EXPECT_EQ(count, 90U);
}

TEST(GraphVectors, AreReadWithBothLimits) {
  for (const GraphLimits& limits : {kLimits054, kLimits021}) {
    for (const Json& row : read_vectors("cgrf.jsonl")) {
      const OpenGraph graph(from_hex(text_of(row, "hex")), limits);
      ASSERT_TRUE(graph.view) << row["name"];
      const GraphValue expected =
          value_of_json(row.contains("decodes_to") ? row["decodes_to"] : row["value"]);
      const std::optional<GraphValue> value = read_value(graph.view->root());
      ASSERT_TRUE(value) << row["name"];
      EXPECT_EQ(*value, expected) << row["name"];
      EXPECT_TRUE(is_same(graph.view->root(), expected)) << row["name"];
    }
  }
}

TEST(GraphVectors, OfVersion3AreWrittenAndReadByteForByte) {
  std::size_t count = 0;
  for (const Json& row : read_vectors("cgrf-3.jsonl")) {
    SCOPED_TRACE(text_of(row, "name"));
    const GraphValue expected = value_of_json(row["value"]);
    const Result<Bytes, GraphError> bytes = encode(expected, GraphVersion::V3);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(to_hex(*bytes), text_of(row, "hex"));
    const OpenGraph graph(from_hex(text_of(row, "hex")));
    ASSERT_TRUE(graph.view);
    EXPECT_EQ(read_value(graph.view->root()), expected);
    EXPECT_TRUE(is_same(graph.view->root(), expected));
    // By default, a value has the lowest version that has its kinds.
    const bool has_collections = graph.view->has_collections();
    EXPECT_EQ(has_collections, text_of(row, "text").find("map<") != std::string::npos ||
                                   text_of(row, "text").find("set<") != std::string::npos);
    EXPECT_EQ(version_of(*encode(expected)), has_collections ? GraphVersion::V3 : GraphVersion::V2);
    ++count;
  }
  EXPECT_EQ(count, 21U);
}

// Values without maps and sets have the same bytes in both versions, apart from the version.
TEST(GraphVectors, OfVersion2HaveAnotherNumberInVersion3) {
  for (const Json& row : read_vectors("cgrf.jsonl")) {
    Bytes expected = from_hex(text_of(row, "hex"));
    expected[kGraphVersionAt] = 3;
    const Result<Bytes, GraphError> bytes = encode(value_of_json(row["value"]), GraphVersion::V3);
    ASSERT_TRUE(bytes) << row["name"];
    EXPECT_EQ(*bytes, expected) << row["name"];
    EXPECT_TRUE(OpenGraph(expected).view) << row["name"];
  }
}

GraphError error_of_json(const Json& json) {
  const std::string kind = text_of(json, "kind");
  if (kind == "BufferTooSmall") return buffer_too_small(json["need"], json["have"]);
  if (kind == "InvalidTag") return invalid_tag(json["tag"]);
  EXPECT_EQ(kind, "InvalidEncoding");
  return invalid_encoding(text_of(json, "message"));
}

// The bytes of a row. Large buffers are only described in the file.
Bytes bytes_of(const Json& row) {
  if (row.contains("hex")) return from_hex(text_of(row, "hex"));
  const std::string name = text_of(row, "name");
  if (name == "tuples nested 1,000 deep") return make_nested_tuples(1'000);
  if (name == "tuples nested 10,000 deep") return make_nested_tuples(10'000);
  if (name == "tuples nested 200,000 deep") return make_nested_tuples(200'000);
  EXPECT_EQ(name, "type descriptor option nested 1,000,000 deep");
  TestNode list{0x07, Bytes(1'000'000, 0x0a)};
  list.payload.push_back(0x06);
  append_word(list.payload, 0);
  return make_graph({list}, 0);
}

// The errors for vectors with which packr's readers end the process.
const std::map<std::string, GraphError> kOwnErrors{
    {"list count u32::MAX, no children", buffer_too_small(9, 5)},
    {"record field_count u32::MAX", buffer_too_small(13, 9)},
    {"variant payload_count u32::MAX", buffer_too_small(22, 18)},
    {"type tuple count u32::MAX", buffer_too_small(6, 5)},
    {"tuples nested 10,000 deep", {GraphErrorKind::TooDeep, "more than 1000 levels at node 8999"}},
    {"tuples nested 200,000 deep",
     {GraphErrorKind::TooDeep, "more than 1000 levels at node 198999"}},
    {"type descriptor option nested 1,000,000 deep",
     {GraphErrorKind::TooDeep, "a type of more than 1000 levels"}}};

void check_bad_row(const Json& row, GraphLimits limits) {
  const std::string name = text_of(row, "name");
  SCOPED_TRACE(name);
  if (row["op"] == "encode") {
    const Result<Bytes, GraphError> bytes = encode(value_of_json(row["value"]));
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error(), error_of_json(row["error"]));
    return;
  }
  if (row.contains("limits"))
    limits = {row["limits"][0], row["limits"][1], row["limits"][2], row["limits"][3]};
  const Bytes bytes = bytes_of(row);
  if (row.contains("size")) {
    ASSERT_EQ(bytes.size(), row["size"].get<std::size_t>());
  }
  const OpenGraph graph(bytes, limits);
  if (row.contains("error")) {
    ASSERT_TRUE(graph.error);
    EXPECT_EQ(*graph.error, error_of_json(row["error"])) << describe(*graph.error);
  } else if (row.contains("crash")) {
    ASSERT_TRUE(graph.error);
    EXPECT_EQ(*graph.error, kOwnErrors.at(name)) << describe(*graph.error);
  } else if (row.contains("outcome") && row["outcome"] != "ok") {
    const std::string outcome = text_of(row, "outcome");
    ASSERT_TRUE(graph.error && outcome.starts_with("err "));
    EXPECT_EQ(*graph.error, error_of_json(Json::parse(outcome.substr(4))));
  } else {
    ASSERT_TRUE(graph.view) << describe(*graph.error);
    const std::optional<GraphValue> value = read_value(graph.view->root());
    ASSERT_TRUE(value);
    EXPECT_TRUE(is_same(graph.view->root(), *value));
    if (row.contains("ok")) {
      EXPECT_EQ(*value, value_of_json(row["ok"]));
    }
    if (row.contains("reencodes_same")) {
      EXPECT_EQ(*encode(*value, version_of(bytes)) == bytes, row["reencodes_same"].get<bool>());
    }
  }
}

TEST(GraphVectors, MalformedOnesGetPackrsErrors) {
  const std::vector<Json> of_054 = read_vectors("cgrf-bad-0.5.4.jsonl");
  const std::vector<Json> of_021 = read_vectors("cgrf-bad-0.21.0.jsonl");
  EXPECT_EQ(of_054.size(), 116U);
  EXPECT_EQ(of_021.size(), 116U);
  // These versions of packr cannot read version 3.
  const auto check = [](const Json& row, const GraphLimits& limits) {
    if (row["name"] != "version 3") check_bad_row(row, limits);
  };
  for (const Json& row : of_054) check(row, kLimits054);
  for (const Json& row : of_021) check(row, kLimits021);
}

TEST(GraphVectors, MalformedOnesOfVersion3GetPackrsErrors) {
  const std::vector<Json> rows = read_vectors("cgrf-bad-0.24.1.jsonl");
  EXPECT_EQ(rows.size(), 22U);
  // packr 0.24 reads version 3 only.
  for (const Json& row : rows)
    if (row["name"] != "version 2") check_bad_row(row, kLimits021);
}

// The kinds of version 3 are unknown in version 2.
TEST(GraphVectors, MapsAndSetsAreNotOfVersion2) {
  for (const Json& row : read_vectors("cgrf-3.jsonl")) {
    Bytes bytes = from_hex(text_of(row, "hex"));
    bytes[kGraphVersionAt] = 2;
    const OpenGraph graph(bytes);
    EXPECT_EQ(graph.view.has_value(),
              !OpenGraph(from_hex(text_of(row, "hex"))).view->has_collections())
        << row["name"];
    if (graph.error) {
      EXPECT_EQ(graph.error->kind, GraphErrorKind::InvalidTag) << row["name"];
    }
  }
}

TEST(GraphVectors, ErrorsHaveTheTextOfPackrsHost) {
  EXPECT_EQ(describe(invalid_encoding("Invalid magic")), "Invalid encoding: Invalid magic");
  EXPECT_EQ(describe(buffer_too_small(4, 0)), "Buffer too small: need 4 bytes, have 0");
  EXPECT_EQ(describe(invalid_tag(22)), "Invalid variant tag: 22");
}

}  // namespace
}  // namespace tenon::packr::graph_vectors_test
