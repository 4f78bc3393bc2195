#include "packr/message_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packr/random_graph_values.h"
#include "packr/shared_graph.h"
#include "packr/test_vectors.h"
#include "packr/value_bytes.h"
#include "pact/package.h"
#include "tests/support/test_scale.h"
#include "value/type_graph.h"

namespace tenon::packr::message_form_test {
namespace {

// The form of a function with this type as its result, and without parameters.
class ResultForm {
 public:
  explicit ResultForm(std::string_view type)
      : type_(*pact::read_value_type({"type", std::string(type)})) {
    types::Types types = value::graph_of(type_.type)->types;
    types::Function function;
    function.result = value::id_of(type_.type);
    const types::FunctionId id = types.functions.add(std::move(function));
    const auto graph =
        std::make_shared<const value::TypeGraph>(value::TypeGraph{std::move(types), {}});
    form_.emplace(value::make_function_type(graph, id),
                  std::make_shared<const TypeNamesOnWire>(type_.names));
  }

  Bytes encode(std::string_view text) const {
    const Result<Value> value = parse_wave(text, type_.type);
    EXPECT_TRUE(value) << text;
    Result<Bytes> bytes = encode_value(*value, type_);
    EXPECT_TRUE(bytes) << bytes.error().front().message;
    return *std::move(bytes);
  }

  // The message for a package of the version, as trees of nodes have it.
  Result<GraphValue, ValueProblem> fit(const Bytes& message, GraphVersion version) const {
    GraphWriter writer;
    const auto fitted = form_->fit_result(message, version, writer);
    if (!fitted) return fitted.error();
    Bytes bytes(fitted->begin(), fitted->end());
    stamp_version(bytes, version);
    const OpenGraph graph(std::move(bytes));
    if (!graph.view) return ValueProblem{{}, describe(*graph.error)};
    return *read_value(graph.view->root());
  }

  // Whether the message is passed on as it is.
  bool keeps(const Bytes& message, GraphVersion version) const {
    GraphWriter writer;
    const auto fitted = form_->fit_result(message, version, writer);
    return fitted && fitted->data() == message.data();
  }

 private:
  ValueType type_;
  std::optional<MessageForm> form_;
};

GraphType lower(const GraphType& type) {
  GraphType lowered{type.kind, type.name, {}};
  for (const GraphType& part : type.parts) lowered.parts.push_back(lower(part));
  if (type.kind == NodeKind::Set) lowered.kind = NodeKind::List;
  if (type.kind == NodeKind::Map)
    return GraphType::of(NodeKind::List,
                         {GraphType::of(NodeKind::Tuple, std::move(lowered.parts))});
  return lowered;
}

GraphValue lower(const GraphValue& value);

std::vector<GraphValue> lower(const std::vector<GraphValue>& values) {
  std::vector<GraphValue> lowered;
  for (const GraphValue& value : values) lowered.push_back(lower(value));
  return lowered;
}

// What packr up to 0.21 would have instead of a value: written without the code that is tested.
GraphValue lower(const GraphValue& value) {
  if (const auto* const map = std::get_if<GraphMap>(&value.of)) {
    GraphList list{GraphType::of(NodeKind::Tuple, {lower(map->key), lower(map->value)}), {}};
    for (std::size_t i = 0; i < map->parts.size(); i += 2)
      list.items.push_back({GraphTuple{{lower(map->parts[i]), lower(map->parts[i + 1])}}});
    return {std::move(list)};
  }
  if (const auto* const set = std::get_if<GraphSet>(&value.of))
    return {GraphList{lower(set->element), lower(set->items)}};
  if (const auto* const list = std::get_if<GraphList>(&value.of))
    return {GraphList{lower(list->element), lower(list->items)}};
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of))
    return {GraphTuple{lower(tuple->items)}};
  if (const auto* const record = std::get_if<GraphRecord>(&value.of)) {
    GraphRecord lowered{record->type_name, {}};
    for (const GraphField& field : record->fields)
      lowered.fields.push_back({field.name, lower(field.value)});
    return {std::move(lowered)};
  }
  if (const auto* const variant = std::get_if<GraphVariant>(&value.of))
    return {GraphVariant{variant->type_name, variant->case_name, variant->tag,
                         lower(variant->payload)}};
  if (const auto* const option = std::get_if<GraphOption>(&value.of)) {
    GraphOption lowered{lower(option->inner), std::nullopt};
    if (option->value) lowered.value = GraphBox(lower(**option->value));
    return {std::move(lowered)};
  }
  if (const auto* const result = std::get_if<GraphResult>(&value.of))
    return {
        GraphResult{lower(result->ok), lower(result->err), result->side, lower(*result->value)}};
  return value;
}

// A set of a type with a fixed width is an array in version 2, where all items have this type.
bool has_sets_of_numbers(const GraphValue& value) {
  if (const auto* const set = std::get_if<GraphSet>(&value.of)) {
    if (fixed_width(set->element.kind) != 0) return true;
    return std::ranges::any_of(set->items, has_sets_of_numbers);
  }
  if (const auto* const map = std::get_if<GraphMap>(&value.of))
    return std::ranges::any_of(map->parts, has_sets_of_numbers);
  if (const auto* const list = std::get_if<GraphList>(&value.of))
    return std::ranges::any_of(list->items, has_sets_of_numbers);
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of))
    return std::ranges::any_of(tuple->items, has_sets_of_numbers);
  if (const auto* const record = std::get_if<GraphRecord>(&value.of))
    return std::ranges::any_of(
        record->fields, [](const GraphField& field) { return has_sets_of_numbers(field.value); });
  if (const auto* const variant = std::get_if<GraphVariant>(&value.of))
    return std::ranges::any_of(variant->payload, has_sets_of_numbers);
  if (const auto* const option = std::get_if<GraphOption>(&value.of))
    return option->value && has_sets_of_numbers(**option->value);
  if (const auto* const result = std::get_if<GraphResult>(&value.of))
    return has_sets_of_numbers(*result->value);
  return false;
}

TEST(MessageForm, MapsAndSetsBecomeListsInVersion2) {
  const ResultForm any("value");
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const GraphValue value = RandomGraphValues(seed).make_value(4);
    if (has_sets_of_numbers(value)) continue;
    const Result<Bytes, GraphError> bytes = encode(value, GraphVersion::V3);
    ASSERT_TRUE(bytes);
    const auto fitted = any.fit(*bytes, GraphVersion::V2);
    ASSERT_TRUE(fitted) << seed << ": " << fitted.error().message;
    EXPECT_EQ(*fitted, lower(value)) << seed;
    ++compared;
  }
  EXPECT_GT(compared, 300U);
}

// Without types that say what is a map, nothing becomes one.
TEST(MessageForm, AValueOfAnyTypeIsKeptInVersion3) {
  const ResultForm any("value");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Bytes bytes = *encode(RandomGraphValues(seed).make_value(4), GraphVersion::V3);
    EXPECT_TRUE(any.keeps(bytes, GraphVersion::V3));
  }
}

// The lists of version 2 become what the types of version 3 say, and lists again.
TEST(MessageForm, ListsBecomeMapsAndSetsByTheirTypes) {
  constexpr std::pair<std::string_view, std::string_view> kCases[] = {
      {"map<string, u32>", R"({"a": 1, "b": 2})"},
      {"map<string, u32>", "{:}"},
      {"set<u8>", "[1, 2]"},
      {"set<u8>", "[]"},
      {"set<string>", R"(["a"])"},
      {"map<u8, set<map<char, bool>>>", "{1: [{'x': true}], 2: []}"},
      {"list<map<u8, u8>>", "[{1: 2}, {:}]"},
      {"option<set<u8>>", "some([1])"},
      {"result<set<u8>, map<u8, u8>>", "err({1: 2})"},
      {"tuple<u8, set<u8>>", "(1, [2])"},
      {"record r { a: set<u8>, b: list<u8> } r", "{a: [1], b: [2]}"},
      {"variant v { none, of(map<u8, string>) } v", R"(of({1: "a"}))"},
      {"record tree { kids: map<string, self>, tags: set<u8> } tree",
       R"({kids: {"a": {kids: {:}, tags: [1]}}, tags: []})"},
      {"variant expr { num(s64), all(set<self>) } expr", "all([num(1), all([num(2)])])"}};
  for (const auto& [type, text] : kCases) {
    SCOPED_TRACE(type);
    const ResultForm form(type);
    const Bytes expected = form.encode(text);
    const GraphValue tree = *read_value(OpenGraph(expected).view->root());
    ASSERT_EQ(version_of(expected), GraphVersion::V3);
    EXPECT_TRUE(form.keeps(expected, GraphVersion::V3));
    const auto lists = form.fit(expected, GraphVersion::V2);
    ASSERT_TRUE(lists) << lists.error().message;
    const Result<Bytes, GraphError> bytes = encode(*lists, GraphVersion::V2);
    ASSERT_TRUE(bytes);
    EXPECT_FALSE(form.keeps(*bytes, GraphVersion::V3));
    EXPECT_TRUE(form.keeps(*bytes, GraphVersion::V2));
    const auto maps = form.fit(*bytes, GraphVersion::V3);
    ASSERT_TRUE(maps) << maps.error().message;
    EXPECT_EQ(*maps, tree);
  }
}

// Two packages of version 3 can disagree about what is a map.
TEST(MessageForm, MapsAndSetsBecomeListsByTheirTypes) {
  const ResultForm maps("tuple<map<string, u32>, set<u8>, set<u8>>");
  const ResultForm lists("tuple<list<tuple<string, u32>>, list<u8>, set<u8>>");
  const Bytes bytes = maps.encode(R"(({"a": 1}, [2], [3]))");
  const auto fitted = lists.fit(bytes, GraphVersion::V3);
  ASSERT_TRUE(fitted) << fitted.error().message;
  const auto& parts = std::get<GraphTuple>(fitted->of).items;
  EXPECT_EQ(kind_of(parts[0]), NodeKind::List);
  EXPECT_EQ(kind_of(parts[1]), NodeKind::Array);
  EXPECT_EQ(kind_of(parts[2]), NodeKind::Set);
}

TEST(MessageForm, WhatDoesNotFitIsForThePackageToRefuse) {
  const ResultForm map("map<string, u32>");
  for (const Bytes& bytes :
       {*encode({GraphScalar{NodeKind::U8, 1}}), *encode({std::string("no map")}),
        *encode({GraphList{GraphType::of(NodeKind::String), {{std::string("no pair")}}}}), Bytes{},
        Bytes{'C', 'G', 'R', 'F', 9, 0}, Bytes{'C', 'G', 'R', 'F', 2, 0, 0}}) {
    const OpenGraph graph(bytes);
    if (!graph.view) {
      EXPECT_TRUE(map.keeps(bytes, GraphVersion::V3));
      continue;
    }
    const auto fitted = map.fit(bytes, GraphVersion::V3);
    ASSERT_TRUE(fitted) << fitted.error().message;
    EXPECT_EQ(*fitted, *read_value(graph.view->root()));
  }
}

// A short message can stand for a huge value, because it can refer to a node many times.
TEST(MessageForm, LimitsTheCopyOfAMessage) {
  const ResultForm any("value");
  SharedGraph texts;
  const SharedGraph::Node text = texts.text(std::string(std::size_t{1} << 22U, 'x'));
  std::vector<SharedGraph::Node> items(70, text);
  items.push_back(texts.empty_map());
  const auto too_many_bytes =
      any.fit(texts.finish(texts.tuple(items), GraphVersion::V3), GraphVersion::V2);
  ASSERT_FALSE(too_many_bytes);
  EXPECT_THAT(too_many_bytes.error().message, testing::HasSubstr("takes more than 256 MiB"));

  SharedGraph levels;
  SharedGraph::Node node = levels.empty_map();
  for (std::uint32_t i = 0; i < kMaxValueDepth; ++i) node = levels.tuple({node});
  const auto too_deep = any.fit(levels.finish(node, GraphVersion::V3), GraphVersion::V2);
  ASSERT_FALSE(too_deep);
  EXPECT_THAT(too_deep.error().message, testing::HasSubstr("nested more than 500 levels deep"));
}

TEST(MessageForm, LimitsTheValuesOfACopy) {
  if (kHasAddressSanitizer && !tests_everything())
    GTEST_SKIP() << "takes a minute under a sanitizer: ./dev test --all";
  const ResultForm any("value");
  SharedGraph tuples;
  SharedGraph::Node node = tuples.empty_map();
  for (int i = 0; i < 30; ++i) node = tuples.tuple({node, node});
  const auto too_many_nodes = any.fit(tuples.finish(node, GraphVersion::V3), GraphVersion::V2);
  ASSERT_FALSE(too_many_nodes);
  EXPECT_THAT(too_many_nodes.error().message, testing::HasSubstr("more than 10000000 values"));
}

// The types that a list states are written again without being taken apart.
TEST(MessageForm, TypesOfAnyDepthBecomeLists) {
  GraphType type = GraphType::of(NodeKind::Set, {GraphType::of(NodeKind::U8)});
  for (int i = 0; i < 300; ++i)
    type = GraphType::of(NodeKind::Map, {GraphType::named(NodeKind::Record, "key"),
                                         GraphType::of(NodeKind::Tuple, {std::move(type)})});
  const GraphValue value{GraphOption{type, std::nullopt}};
  const auto fitted = ResultForm("value").fit(*encode(value, GraphVersion::V3), GraphVersion::V2);
  ASSERT_TRUE(fitted) << fitted.error().message;
  EXPECT_EQ(*fitted, lower(value));
}

}  // namespace
}  // namespace tenon::packr::message_form_test
