#include "packr/value_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "packr/graph_writer.h"
#include "packr/value_reader.h"
#include "packr/value_writer.h"
#include "tenon/value.h"

namespace tenon::packr::value_types_test {
namespace {

using testing::HasSubstr;
using types::Primitive;

TEST(ValuePath, PrintsTheStepsFromTheOutermost) {
  ValuePath path;
  EXPECT_EQ(path.print(), "$");
  const ValuePath::Step items(path, ValuePath::label("items"));
  {
    const ValuePath::Step third(path, ValuePath::element(3));
    const ValuePath::Step second(path, ValuePath::position(2));
    EXPECT_EQ(path.print(), "$.items[3].2");
  }
  const ValuePath::Step key(path, ValuePath::element(0, "key"));
  EXPECT_EQ(path.print(), "$.items[0].key");
}

// Metadata describes `result<_, string>` with `bool` for an empty `ok`, and with `string` for an
// empty `err`.
class ResultSides : public testing::Test {
 protected:
  types::TypeId result(std::optional<Primitive> ok, std::optional<Primitive> error) {
    const auto type = [&](std::optional<Primitive> side) {
      return side ? std::optional(types.primitive(*side)) : std::nullopt;
    };
    return types.types.add({types::ResultType{type(ok), type(error)}});
  }
  // The text of a value after it was written and read, or why that failed.
  std::string pass(const Value& value, types::TypeId id) {
    GraphWriter writer;
    const auto written = ValueWriter(value_types, writer).write(value, id);
    if (!written) return describe(written.error());
    const auto bytes = writer.finish();
    EXPECT_TRUE(bytes);
    return read(*bytes, id);
  }
  std::string read(std::span<const std::uint8_t> bytes, types::TypeId id) {
    std::vector<std::uint32_t> index(*GraphView::count_prefix_nodes(bytes));
    const auto view = GraphView::open_prefix(bytes, index);
    EXPECT_TRUE(view);
    const auto value = ValueReader(value_types, 1U << 20U).read(view->root(), id);
    return value ? print_wave(*value) : describe(value.error());
  }

  types::Types types;
  const std::unordered_map<types::TypeId, std::string> names;
  const ValueTypes value_types{types, names};
};

TEST_F(ResultSides, CanBeEmpty) {
  const types::TypeId id = result(Primitive::Bool, Primitive::String);
  EXPECT_EQ(pass(Value::ok(), id), "ok");
  EXPECT_EQ(pass(Value::err(), id), "err");
}

TEST_F(ResultSides, CanHaveThePayloadThatMetadataStates) {
  const types::TypeId id = result(Primitive::Bool, Primitive::String);
  EXPECT_EQ(pass(Value::ok(Value::boolean(true)), id), "ok(true)");
  EXPECT_EQ(pass(Value::err(Value::string("no")), id), "err(\"no\")");
}

TEST_F(ResultSides, NeedAPayloadOfAnyOtherType) {
  const types::TypeId id = result(Primitive::String, Primitive::Bool);
  EXPECT_THAT(pass(Value::ok(), id), HasSubstr("`ok` needs a payload"));
  EXPECT_THAT(pass(Value::err(), id), HasSubstr("`err` needs a payload"));
  GraphWriter writer;
  writer.begin_result(GraphType(), GraphType(), ResultSide::Ok);
  writer.begin_tuple();
  writer.end();
  writer.end();
  EXPECT_EQ(read(*writer.finish(), id), "$.ok: expected string, found tuple");
  EXPECT_EQ(read(*writer.finish(), result(Primitive::Bool, {})), "ok");
  EXPECT_EQ(read(*writer.finish(), result({}, {})), "ok");
}

}  // namespace
}  // namespace tenon::packr::value_types_test
