#include "render/render_diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "render/json.h"

namespace tenon::render::render_diagnostics_test {

using testing::HasSubstr;
using testing::Not;

namespace {

constexpr Style kPlain{Color::No, Charset::Utf8};

Diagnostic make_mismatch() {
  Diagnostic problem;
  problem.code = "resolve-type-mismatch";
  problem.message = "`cart` imports `acme:tax/lib@1.2.0`, and no unit provides it";
  problem.where.file = "cart.wasm";
  problem.where.unit = "cart";
  problem.where.item = "acme:tax/lib@1.2.0";
  problem.where.offset = 0x1a2;
  problem.excerpt.lines = {" import acme:tax/lib@1.2.0;", "        ^^^^^^^^^^^^^^^^^^"};
  Note note;
  note.text = "`tax` exports `acme:tax/lib@1.3.1`, but its type does not fit";
  note.excerpt.lines = {"   record rate {", "-    currency: string,",
                        "+    currency: option<string>,", "   }"};
  note.related.unit = "tax";
  problem.notes.push_back(note);
  problem.hints = {"build cart against acme:tax@1.3.1"};
  return problem;
}

std::string render(const Diagnostics& problems, ErrorFormat format) {
  return render_diagnostics(problems, format, kPlain);
}

}  // namespace

TEST(PrintDiagnostics, ShowsHintsForPrograms) {
  Diagnostic problem = make_mismatch();
  problem.hints = {Hint(
      "make `cart` the root",
      {.program = "`CompositionBuilder::set_root`", .command = "--root cart", .manifest = {}})};
  const std::string text = print_diagnostics({problem});
  EXPECT_THAT(text, testing::StartsWith("error[resolve-type-mismatch]: `cart` imports"));
  EXPECT_THAT(text, HasSubstr("hint: make `cart` the root: `CompositionBuilder::set_root`\n"));
  EXPECT_THAT(text, Not(HasSubstr("--root")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_EQ(print_diagnostics({}), "");
}

TEST(RenderDiagnostics, HumanForm) {
  const std::string text = render({make_mismatch()}, ErrorFormat::Human);
  EXPECT_THAT(text, testing::StartsWith(
                        "error[resolve-type-mismatch]: `cart` imports `acme:tax/lib@1.2.0`, and no "
                        "unit provides it\n"
                        "  --> cart.wasm (byte 0x1a2)\n"
                        "   |\n"
                        "   |   import acme:tax/lib@1.2.0;\n"
                        "   |          ^^^^^^^^^^^^^^^^^^\n"
                        "   = note: `tax` exports `acme:tax/lib@1.3.1`, but its type does not fit\n"
                        "   |     record rate {\n"
                        "   |  -    currency: string,\n"
                        "   |  +    currency: option<string>,\n"
                        "   |     }\n"
                        "   = hint: build cart against acme:tax@1.3.1\n"
                        "1 error"));
}

TEST(RenderDiagnostics, ShowsThePositionAndAnItemMissingFromTheMessage) {
  Diagnostic problem;
  problem.code = "config-value";
  problem.message = "`memory` is not a size";
  problem.where = {"tenon.toml", "", "domains.main", {}, 3, 7};
  EXPECT_EQ(render({problem}, ErrorFormat::Short),
            "tenon.toml:3:7: error[config-value]: `memory` is not a size\n");
  EXPECT_THAT(render({problem}, ErrorFormat::Human),
              HasSubstr("--> tenon.toml:3:7, domains.main\n"));
}

TEST(RenderDiagnostics, ClosingLineCountsErrorsOnly) {
  Diagnostic warning = make_mismatch();
  warning.severity = Severity::Warning;
  EXPECT_THAT(render({make_mismatch(), warning, make_mismatch()}, ErrorFormat::Human),
              HasSubstr("2 errors"));
  EXPECT_THAT(render({warning}, ErrorFormat::Human), Not(HasSubstr("1 error")));
  EXPECT_EQ(render({}, ErrorFormat::Human), "");
}

TEST(RenderDiagnostics, ControlCharactersAreEscapedInEveryForm) {
  Diagnostic problem = make_mismatch();
  problem.message = "`a\x1b[31m`";
  problem.where.file = "x\ry.wasm";
  problem.hints = {"\xe2\x80\xae"};
  problem.notes[0].excerpt.lines = {"\x07"};
  for (const ErrorFormat format : {ErrorFormat::Human, ErrorFormat::Short, ErrorFormat::Json}) {
    const std::string text = render({problem}, format);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
    EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
  }
}

TEST(RenderDiagnostics, LineBreakInAMessageCannotImitateOurLines) {
  Diagnostic problem = make_mismatch();
  problem.message = "first\nerror[fake]: second";
  EXPECT_THAT(render({problem}, ErrorFormat::Human),
              HasSubstr("first\n   | error[fake]: second\n"));
}

TEST(RenderDiagnostics, JsonIsOneObjectALine) {
  const std::string text = render({make_mismatch(), make_mismatch()}, ErrorFormat::Json);
  const std::size_t end = text.find('\n');
  ASSERT_EQ(text.size(), 2 * (end + 1));
  const JsonValue json = JsonValue::parse(text.substr(0, end));
  EXPECT_EQ(json["code"], "resolve-type-mismatch");
  EXPECT_EQ(json["level"], "error");
  EXPECT_EQ(json["file"], "cart.wasm");
  EXPECT_EQ(json["unit"], "cart");
  EXPECT_EQ(json["path"], "acme:tax/lib@1.2.0");
  EXPECT_EQ(json["span"]["offset"], 0x1a2);
  EXPECT_TRUE(json["span"]["line"].is_null());
  EXPECT_EQ(json["notes"][0]["excerpt"].size(), 4U);
  EXPECT_EQ(json["hints"][0], "build cart against acme:tax@1.3.1");
  EXPECT_EQ(json["related"][0]["unit"], "tax");
}

TEST(RenderDiagnostics, ColorDoesNotChangeTheText) {
  const std::string text =
      render_diagnostics({make_mismatch()}, ErrorFormat::Human, {Color::Yes, Charset::Utf8});
  EXPECT_THAT(text, HasSubstr("\x1b[31m-    currency: string,\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[32m+    currency: option<string>,\x1b[0m"));
}

}  // namespace tenon::render::render_diagnostics_test
