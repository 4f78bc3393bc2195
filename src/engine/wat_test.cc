#include "engine/wat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/test_components.h"

namespace tenon::engine::wat_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Wat, PrintsTextThatAssemblesToTheSameBytes) {
  const Bytes wasm = assemble("(component (type (func (param \"a\" u8))))");
  const Result<std::string> text = wasm_to_wat(wasm);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, StartsWith("(component"));
  EXPECT_EQ(assemble(*text), wasm);
}

TEST(Wat, PassesABinaryThrough) {
  const Bytes wasm = assemble("(component)");
  const std::string_view text(reinterpret_cast<const char*>(wasm.data()), wasm.size());
  EXPECT_EQ(assemble(text), wasm);
}

TEST(Wat, ReportsThePositionOfASyntaxError) {
  const Result<Bytes> result = wat_to_wasm("a.wat", "(component\n  (tipe (func)))");
  ASSERT_FALSE(result);
  const Diagnostic& problem = result.error().front();
  EXPECT_EQ(problem.code, "read-malformed");
  EXPECT_EQ(problem.where.file, "a.wat");
  EXPECT_EQ(problem.where.line, 2u);
  EXPECT_EQ(problem.where.column, 4u);
  ASSERT_EQ(problem.excerpt.lines.size(), 2u);
  EXPECT_EQ(problem.excerpt.lines[0], "  (tipe (func)))");
  EXPECT_EQ(problem.excerpt.lines[1], "   ^");
}

TEST(Wat, RefusesTextThatIsNotUtf8) { EXPECT_FALSE(wat_to_wasm("a.wat", "\xff")); }

TEST(Wat, RefusesToPrintTextAsABinary) {
  const Bytes bytes = {'h', 'e', 'l', 'l', 'o', '!', '!', '!'};
  const Result<std::string> result = wasm_to_wat(bytes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().code, "read-malformed");
}

}  // namespace
}  // namespace tenon::engine::wat_test
