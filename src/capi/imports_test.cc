// Tests what programs in C can find out about the imports of units, before they are linked and in functions.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/tenon_c.h"
#include "tests/support/c_api.h"

namespace tenon::c_api_test::imports_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

// "cart: acme:tax/lib#rate: func() -> u32;"
std::string show(const tenon_function* function) {
  return fmt::format("{}: {}#{}", tenon_function_unit(function), tenon_function_interface(function),
                     tenon_function_wit(function));
}

struct ImportsDeleter {
  void operator()(tenon_imports* imports) const { tenon_imports_delete(imports); }
};
using Imports = std::unique_ptr<tenon_imports, ImportsDeleter>;

Imports list(const Builder& builder) {
  tenon_imports* imports = nullptr;
  EXPECT_EQ(take(tenon_builder_imports(builder.get(), &imports)), "");
  return Imports(imports);
}

const tenon_function* find_import(const Imports& imports, std::string_view name) {
  for (size_t i = 0; i < tenon_imports_count(imports.get()); ++i) {
    const tenon_function* const function = tenon_imports_function(imports.get(), i);
    if (tenon_function_name(function) == name) return function;
  }
  return nullptr;
}

// Imports a function of an interface, whose type has a name, and a bare function.
constexpr const char* kUnit = R"((component
  (import "acme:x/points@1.0.0" (instance $points
    (type $record (record (field "x" u32)))
    (export "point" (type $point (eq $record)))
    (export "flip" (func (param "of" $point) (result $point)))))
  (import "note" (func $note (param "n" u32) (result u32)))
  (core func $flip (canon lower (func $points "flip")))
  (core func $lower-note (canon lower (func $note)))
  (func (export "flip") (param "n" u32) (result u32) (canon lift (core func $flip)))
  (func (export "note") (param "n" u32) (result u32) (canon lift (core func $lower-note)))))";

Builder make_unit() {
  const Bytes component = assemble(kUnit);
  Builder builder(tenon_builder_new());
  tenon_builder_add_component_bytes(builder.get(), "unit", component.data(), component.size(),
                                    nullptr);
  return builder;
}

TEST(CImports, AreListedBeforeTheyAreLinked) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  const Imports imports = list(builder);
  std::vector<std::string> shown;
  for (size_t i = 0; i < tenon_imports_count(imports.get()); ++i)
    shown.push_back(show(tenon_imports_function(imports.get(), i)));
  EXPECT_THAT(shown.front(), StartsWith("front: "));
  // Also those that another unit provides.
  EXPECT_THAT(shown, Contains("front: demo:domains/lib@1.0.0#echo-points: "
                              "func(points: list<point>) -> list<point>;"));
  EXPECT_THAT(shown, Contains("front: demo:domains/keeper@1.0.0#keep: func(c: counter);"));
  EXPECT_EQ(tenon_imports_function(imports.get(), shown.size()), nullptr);
  const tenon_type* const points =
      tenon_function_param_type(find_import(imports, "echo-points"), 0);
  EXPECT_EQ(tenon_type_kind(points), TENON_LIST);
  EXPECT_STREQ(tenon_type_name(tenon_type_part(points, 0)), "point");
}

TEST(CImports, AreThoseOfOneUnitInItsOrder) {
  const Builder builder = make_unit();
  const Imports imports = list(builder);
  ASSERT_EQ(tenon_imports_count(imports.get()), 2U);
  EXPECT_EQ(show(tenon_imports_function(imports.get(), 0)),
            "unit: acme:x/points@1.0.0#flip: func(of: point) -> point;");
  EXPECT_EQ(show(tenon_imports_function(imports.get(), 1)), "unit: #note: func(n: u32) -> u32;");
}

TEST(CImports, CannotBeCalled) {
  const Builder builder = make_unit();
  const Imports imports = list(builder);
  auto* const note = const_cast<tenon_function*>(find_import(imports, "note"));
  const tenon_value one = tenon_value_u32(1);
  const char* const problem =
      "api-usage: `note` is an import of `unit`, which the program cannot call";
  EXPECT_EQ(take(tenon_function_call(note, &one, 1, nullptr, nullptr)), problem);
  EXPECT_EQ(take(tenon_function_start(note, &one, 1, nullptr, nullptr, nullptr)), problem);
  std::uint64_t flat = 1;
  EXPECT_EQ(take(tenon_function_call_flat(note, &flat, 1, &flat)), problem);
  char* json = nullptr;
  EXPECT_EQ(take(tenon_function_call_json(note, "[1]", 3, &json)), problem);
}

TEST(CImports, OfUnitsThatCannotBeReadAreProblems) {
  const Builder builder = make_unit();
  tenon_builder_add_component(builder.get(), "gone", "/no/such/file.wasm", nullptr);
  tenon_imports* imports = nullptr;
  EXPECT_THAT(take(tenon_builder_imports(builder.get(), &imports)), StartsWith("read-file: "));
  EXPECT_EQ(imports, nullptr);
  EXPECT_EQ(take(tenon_builder_imports(builder.get(), nullptr)), "api-usage: `imports` is NULL");
  EXPECT_EQ(tenon_imports_count(nullptr), 0U);
  tenon_imports_delete(nullptr);
}

// A function of the program that returns its argument, and notes what it was called for.
std::int32_t note_call(void* seen, tenon_call* call, const tenon_value* args, size_t nargs,
                       tenon_value* result) {
  const tenon_function* const function = tenon_call_function(call);
  const tenon_type* const type = tenon_function_param_type(function, 0);
  static_cast<std::vector<std::string>*>(seen)->push_back(
      fmt::format("{}, {} of {}", show(function), tenon_type_name(type), nargs));
  *result = args[0];
  return 0;
}

TEST(CImports, AreKnownToTheFunctionsThatProvideThem) {
  for (const auto add : {&tenon_builder_add_function, &tenon_builder_add_async_function}) {
    const Builder builder = make_unit();
    std::vector<std::string> seen;
    add(builder.get(), "acme:x/points", "flip", note_call, &seen, nullptr);
    add(builder.get(), "", "note", note_call, &seen, nullptr);
    const BuiltComposition composition = build(builder);
    EXPECT_EQ(call(composition, "flip(3)"), "3");
    EXPECT_EQ(call(composition, "note(4)"), "4");
    EXPECT_THAT(seen,
                ElementsAre("unit: acme:x/points@1.0.0#flip: func(of: point) -> point;, point of 1",
                            "unit: #note: func(n: u32) -> u32;,  of 1"));
  }
  EXPECT_EQ(tenon_call_function(nullptr), nullptr);
}

}  // namespace
}  // namespace tenon::c_api_test::imports_test
