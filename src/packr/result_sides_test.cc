// `result<_, string>`: metadata has `bool` where `ok` carries nothing, and `string` where `err`
// does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "packr/graph_writer.h"
#include "packr/value_reader.h"
#include "packr/value_writer.h"
#include "tenon/value_text.h"

namespace tenon::packr::result_sides_test {
namespace {

using testing::HasSubstr;
using types::Primitive;

class ResultSides : public testing::Test {
 protected:
  types::TypeId result(std::optional<Primitive> ok, std::optional<Primitive> error) {
    const auto type = [&](std::optional<Primitive> side) {
      return side ? std::optional(types.primitive(*side)) : std::nullopt;
    };
    return types.types.add({types::ResultType{type(ok), type(error)}});
  }
  // What a value becomes when it is written and read; or why not.
  std::string pass(const Value& value, types::TypeId id) {
    GraphWriter writer;
    const auto written = ValueWriter(value_types, writer).write(value, id);
    if (!written) return written.error().path + ": " + written.error().message;
    const auto bytes = writer.finish();
    EXPECT_TRUE(bytes);
    return read(*bytes, id);
  }
  std::string read(std::span<const std::uint8_t> bytes, types::TypeId id) {
    std::vector<std::uint32_t> index(*GraphView::count_prefix_nodes(bytes));
    const auto view = GraphView::open_prefix(bytes, index);
    EXPECT_TRUE(view);
    const auto value = ValueReader(value_types, 1U << 20U).read(view->root(), id);
    return value ? print_wave(*value) : value.error().path + ": " + value.error().message;
  }

  types::Types types;
  const std::unordered_map<types::TypeId, std::string> names;
  const ValueTypes value_types{types, names};
};

TEST_F(ResultSides, MayCarryNothing) {
  const types::TypeId id = result(Primitive::Bool, Primitive::String);
  EXPECT_EQ(pass(Value::ok(), id), "ok");
  EXPECT_EQ(pass(Value::err(), id), "err");
}

TEST_F(ResultSides, CarryWhatIsSaid) {
  const types::TypeId id = result(Primitive::Bool, Primitive::String);
  EXPECT_EQ(pass(Value::ok(Value::boolean(true)), id), "ok(true)");
  EXPECT_EQ(pass(Value::err(Value::string("no")), id), "err(\"no\")");
}

TEST_F(ResultSides, NeedWhatStandsForNothingElse) {
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
}  // namespace tenon::packr::result_sides_test
