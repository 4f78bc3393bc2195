#include "abi/flat_types.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenon::abi::flat_types_test {
namespace {

using F = abi::CoreType;

class Flatten : public ::testing::Test {
 protected:
  types::TypeId add(types::Type type) { return types.types.add(std::move(type)); }
  types::TypeId primitive(types::Primitive kind) { return types.primitive(kind); }
  CoreSignature flatten(std::vector<types::TypeId> params, std::optional<types::TypeId> result) {
    types::Function function;
    for (const types::TypeId param : params) function.params.push_back({"p", param});
    function.result = result;
    return flatten_lifted(types, function);
  }

  types::Types types;
};

TEST_F(Flatten, JoinsTheCasesOfAVariant) {
  // i32 with f32 is i32; i32 with f64 is i64.
  const types::TypeId both = add(
      {types::ResultType{primitive(types::Primitive::F32), primitive(types::Primitive::String)}});
  EXPECT_EQ(flatten({both}, {}), (CoreSignature{{F::I32, F::I32, F::I32}, {}}));
  const types::TypeId wide =
      add({types::ResultType{primitive(types::Primitive::F64), primitive(types::Primitive::U32)}});
  EXPECT_EQ(flatten({wide}, {}), (CoreSignature{{F::I32, F::I64}, {}}));
}

TEST_F(Flatten, PassesMoreThanSixteenByPointer) {
  const types::TypeId u64 = primitive(types::Primitive::U64);
  EXPECT_EQ(flatten(std::vector<types::TypeId>(16, u64), u64),
            (CoreSignature{std::vector<F>(16, F::I64), {F::I64}}));
  EXPECT_EQ(flatten(std::vector<types::TypeId>(17, u64), {}), (CoreSignature{{F::I32}, {}}));
}

TEST_F(Flatten, ReturnsMoreThanOneByPointer) {
  const types::TypeId text = primitive(types::Primitive::String);
  EXPECT_EQ(flatten({text}, text), (CoreSignature{{F::I32, F::I32}, {F::I32}}));
}

TEST_F(Flatten, RepeatsTheElementOfAFixedLengthList) {
  const types::TypeId u64 = primitive(types::Primitive::U64);
  EXPECT_EQ(flatten({add({types::List{u64, 3}})}, {}),
            (CoreSignature{{F::I64, F::I64, F::I64}, {}}));
  EXPECT_EQ(flatten({add({types::List{u64, 4'000'000'000}})}, {}), (CoreSignature{{F::I32}, {}}));
}

// Twenty nested variants with ten cases each: 10^20 paths.
TEST_F(Flatten, VisitsATypeOnce) {
  types::TypeId inner = primitive(types::Primitive::U8);
  for (int i = 0; i < 20; ++i) {
    types::Variant variant;
    for (int j = 0; j < 10; ++j)
      variant.cases.push_back({std::string(1, static_cast<char>('a' + j)), inner});
    inner = add({std::move(variant)});
  }
  EXPECT_EQ(flatten({inner}, {}), (CoreSignature{{F::I32}, {}}));
}

TEST_F(Flatten, FlagsAreWords) {
  const auto flags = [&](std::size_t count) {
    return add({types::Flags{std::vector<std::string>(count, "f")}});
  };
  EXPECT_EQ(flatten({flags(32)}, {}), (CoreSignature{{F::I32}, {}}));
  EXPECT_EQ(flatten({flags(33)}, {}), (CoreSignature{{F::I32, F::I32}, {}}));
}

}  // namespace
}  // namespace tenon::abi::flat_types_test
