// Errors of malformed binaries: one row per rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <span>
#include <string>

#include "binary/hand_encoded.h"
#include "binary/read_component.h"
#include "support/byte_reader.h"
#include "support/limits.h"
#include "tenon/inspect.h"

namespace tenon::binary::read_errors_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The one problem of a component that cannot be read.
Diagnostic problem_of(const Bytes& bytes) {
  const Result<Component> read = read_component(bytes);
  if (read) {
    ADD_FAILURE() << "the component was read without error";
    return {};
  }
  EXPECT_EQ(read.error().size(), 1U);
  EXPECT_TRUE(read.error().front().where.offset.has_value());
  return read.error().front();
}

Bytes text(std::string_view characters) { return {characters.begin(), characters.end()}; }

TEST(ReadErrors, RecognizesFilesThatAreNotWasm) {
  struct Row {
    std::string_view begin;
    std::string_view likeness;
  };
  const Row rows[] = {
      {"(component (import \"a\" (func)))", "WebAssembly text"},
      {"\n\n  (module)", "WebAssembly text"},
      {";; a comment\n(component)", "WebAssembly text"},
      {"\x7f"
       "ELF\x02\x01\x01",
       "ELF"},
      {"PK\x03\x04rest", "zip"},
      {"\x1f\x8b\x08", "gzip"},
      {"!<arch>\n", "static library"},
      {"<!DOCTYPE html><html>", "HTML page"},
      {"\xef\xbb\xbf<html lang=\"en\">", "HTML page"},
      {"package acme:cart;", "WIT text"},
      {"version https://git-lfs.github.com/spec/v1", "Git LFS"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.begin);
    const Diagnostic problem = problem_of(text(row.begin));
    EXPECT_EQ(problem.code, "read-not-wasm");
    EXPECT_EQ(problem.where.offset, 0U);
    ASSERT_EQ(problem.notes.size(), 1U);
    EXPECT_THAT(problem.notes[0].text, HasSubstr(std::string(row.likeness)));
    EXPECT_EQ(problem.hints.size(), 1U);
  }
}

TEST(ReadErrors, ShowsTheBytesOfUnknownFiles) {
  const Diagnostic problem = problem_of({0xde, 0xad, 0xbe, 0xef});
  EXPECT_EQ(problem.code, "read-not-wasm");
  EXPECT_THAT(problem.message, HasSubstr("`de ad be ef`"));
  EXPECT_TRUE(problem.notes.empty());
  EXPECT_THAT(problem_of({}).message, HasSubstr("empty"));
  EXPECT_EQ(problem_of({}).code, "read-not-wasm");
}

TEST(ReadErrors, RecognizesACoreModule) {
  const Diagnostic problem = problem_of(module({section(1, {1, 0x60, 0, 0})}));
  EXPECT_EQ(problem.code, "read-core-module");
  EXPECT_THAT(problem.hints,
              ElementsAre(HasSubstr("wasm32-wasip2"), HasSubstr("wasm-tools component new")));
}

TEST(ReadErrors, RefusesOtherVersionsOfTheFormat) {
  const Diagnostic old = problem_of({0, 'a', 's', 'm', 0x0c, 0x00, 0x01, 0x00});
  EXPECT_EQ(old.code, "read-malformed");
  EXPECT_EQ(old.where.offset, 4U);
  EXPECT_THAT(old.hints, ElementsAre(HasSubstr("rebuild it")));
  EXPECT_EQ(problem_of({0, 'a', 's', 'm', 0x02, 0x00, 0x00, 0x00}).code, "read-malformed");
}

struct Malformed {
  std::uint8_t section;
  Bytes contents;
  std::size_t offset;  // from the start of the section's contents, at byte 10
  std::string_view says;
};

std::ostream& operator<<(std::ostream& out, const Malformed& row) { return out << row.says; }

class ReadMalformed : public testing::TestWithParam<Malformed> {};

TEST_P(ReadMalformed, ReportsRuleAndOffset) {
  const Malformed& row = GetParam();
  const Diagnostic problem =
      problem_of(component({section(row.section, row.contents), section(0, {1, 'x'})}));
  EXPECT_EQ(problem.code, "read-malformed") << problem.message;
  EXPECT_EQ(problem.where.offset, 10 + row.offset) << problem.message;
  EXPECT_THAT(problem.message, HasSubstr(std::string(row.says)));
}

INSTANTIATE_TEST_SUITE_P(
    Names, ReadMalformed,
    testing::Values(
        Malformed{
            10, {1, 0x03, 1, 'a', 0x01, 0}, 1, "name in `nameattributes` of the import section"},
        Malformed{10, {1, 0x00, 1, 0xff, 0x01, 0}, 3, "invalid UTF-8"},
        Malformed{10, {1, 0x00, 9, 'a', 0x01, 0}, 3, "the import section ends after 3"},
        Malformed{10, {1, 0x02, 1, 'a', 1, 0x03, 1, 'b', 1, 0}, 5, "attribute in `attribute`"},
        Malformed{
            10, {1, 0x02, 1, 'a', 2, 0, 1, 'b', 0, 1, 'c', 1, 0}, 8, "duplicate attribute 0x00"},
        Malformed{0, {5, 'a'}, 1, "name of the custom section"}));

INSTANTIATE_TEST_SUITE_P(
    Sorts, ReadMalformed,
    testing::Values(
        Malformed{10, {1, 0x00, 1, 'a', 0x06, 0}, 4, "sort in `externtype` of the import section"},
        Malformed{
            10, {1, 0x00, 1, 'a', 0x00, 0x00, 0}, 4, "cannot import or export this core sort"},
        Malformed{10, {1, 0x00, 1, 'a', 0x00, 0x05, 0}, 5, "core sort"},
        Malformed{10, {1, 0x00, 1, 'a', 0x03, 0x02, 0}, 5, "type bound"},
        Malformed{11, {1, 0x00, 1, 'a', 0x06, 0, 0}, 4, "sort in `sortidx` of the export section"},
        Malformed{11, {1, 0x00, 1, 'a', 0x01, 0, 2}, 6, "optional type in `export`"},
        Malformed{6, {1, 0x05, 0x03, 0, 0}, 2, "alias target in `alias`"},
        Malformed{
            6, {1, 0x05, 0x01, 0, 1, 'a'}, 1, "not a sort that this kind of alias can refer to"},
        Malformed{6,
                  {1, 0x00, 0x00, 0x00, 0, 1, 'a'},
                  1,
                  "not a sort that this kind of alias can refer to"},
        Malformed{6, {1, 0x01, 0x02, 0, 0}, 1, "not a sort that this kind of alias can refer to"},
        Malformed{5, {1, 0x02, 0, 0}, 1, "kind in `instanceexpr`"},
        Malformed{2, {1, 0x02, 0, 0}, 1, "kind in `core:instanceexpr`"},
        Malformed{2, {1, 0x00, 0, 1, 1, 'a', 0x11, 0}, 6, "core sort in `core:instantiatearg`"},
        Malformed{2, {1, 0x01, 1, 1, 'a', 0x11, 0}, 5, "core sort in `core:inlineexport`"}));

INSTANTIATE_TEST_SUITE_P(
    Types, ReadMalformed,
    testing::Values(
        Malformed{7, {1, 0x6c}, 1, "type in `deftype` of the type section: unexpected byte 0x6c"},
        Malformed{7, {1, 0x70, 0x44}, 2, "value type in `valtype`"},
        Malformed{7, {1, 0x70, 0xff, 0x7f}, 2, "value type in `valtype`"},
        Malformed{7, {1, 0x71, 1, 1, 'a', 0, 1}, 6, "end of the case in `case`"},
        Malformed{7, {1, 0x6a, 2, 0}, 2, "optional type"},
        Malformed{7, {1, 0x40, 0, 2, 0}, 3, "result in `resultlist`"},
        Malformed{7, {1, 0x40, 0, 1, 1}, 4, "number of results in `resultlist`"},
        Malformed{7, {1, 0x3f, 0x00, 0}, 2, "heap type in `resourcetype`"},
        Malformed{7, {1, 0x3f, 0x7f, 2}, 3, "destructor in `resourcetype`"},
        Malformed{7, {1, 0x42, 1, 0x05, 0}, 3, "declaration in `instancedecl`"},
        Malformed{7, {1, 0x42, 1, 0x03, 0, 1, 'a', 1, 0}, 3, "declaration in `instancedecl`"},
        Malformed{7, {1, 0x41, 1, 0x05, 0}, 3, "declaration in `componentdecl`"},
        Malformed{7,
                  {1, 0x69, 0x80, 0x80, 0x80, 0x80, 0x10},
                  2,
                  "an integer that does not fit in 32 bits"},
        Malformed{7, {1, 0x69, 0x80, 0x80, 0x80, 0x80, 0x80, 0}, 2, "longer than 5 bytes"},
        Malformed{7, {1, 0x73, 0x73}, 2, "1 unexpected byte after its contents"},
        Malformed{7, {2, 0x73}, 0, "a count of 2, but only 1 byte is left"}));

INSTANTIATE_TEST_SUITE_P(
    CoreTypes, ReadMalformed,
    testing::Values(
        Malformed{3, {1, 0x61}, 1, "core type in `core:rectype` of the core type section"},
        Malformed{3, {1, 0x00, 0x60, 0, 0}, 2, "core type in `core:type`"},
        Malformed{3, {1, 0x60, 1, 0x40, 0}, 3, "heap type"},
        Malformed{3, {1, 0x5e, 0x7f, 2}, 3, "mutability"},
        Malformed{3, {1, 0x50, 1, 0x04}, 3, "declaration in `core:moduledecl`"},
        Malformed{3, {1, 0x50, 1, 0x02, 0x11, 0x01, 0, 0}, 4, "core alias"},
        Malformed{3, {1, 0x50, 1, 0x03, 1, 'a', 0x05, 0}, 6, "kind in `core:externtype`"},
        Malformed{3, {1, 0x50, 1, 0x03, 1, 'a', 0x02, 0x10, 0}, 7, "limits in `core:memtype`"},
        Malformed{
            3, {1, 0x50, 1, 0x03, 1, 'a', 0x01, 0x70, 0x08, 0}, 8, "limits in `core:tabletype`"},
        Malformed{3, {1, 0x50, 1, 0x03, 1, 'a', 0x04, 0x01, 0}, 7, "attribute"}));

INSTANTIATE_TEST_SUITE_P(
    Canonical, ReadMalformed,
    testing::Values(Malformed{8, {1, 0x07}, 1, "canonical function in `canon`"},
                    Malformed{8, {1, 0x43}, 1, "canonical function in `canon`"},
                    Malformed{8, {1, 0x00, 0x01, 0, 0, 0}, 2, "sort in `canon`"},
                    Malformed{8, {1, 0x01, 0x00, 0, 1, 0x0a}, 5, "option in `canonopt`"},
                    Malformed{8, {1, 0x06, 0x02}, 2, "flag in `canon`"},
                    Malformed{8, {1, 0x09, 0x02, 0}, 2, "result in `resultlist`"}));

INSTANTIATE_TEST_SUITE_P(
    Sections, ReadMalformed,
    testing::Values(Malformed{9, {0, 0, 0, 0}, 3, "1 unexpected byte after its contents"},
                    Malformed{12, {1, 0x79, 9, 1}, 3, "value in `value` of the value section"},
                    Malformed{1, {0, 'a', 's', 'm', 0x0d, 0, 1, 0}, 0, "expected `00 61 73 6d 01"},
                    Malformed{4, {0, 'a', 's', 'm', 0x01, 0, 0, 0}, 0, "expected `00 61 73 6d 0d"},
                    Malformed{4,
                              {0, 'a', 's', 'm', 0x0d, 0, 1, 0, 7, 1},
                              10,
                              "the type section of a nested component"},
                    Malformed{4, {0, 'a'}, 0, "magic, version and layer in `preamble`"}));

TEST(ReadErrors, CanonicalFunctionsOfANewerAbi) {
  for (const auto& [opcode, name] :
       {std::pair<std::uint8_t, std::string>{0x2e, "stream.forward"}, {0x2f, "future.forward"}}) {
    const Diagnostic problem = problem_of(component({section(8, {1, opcode, 0})}));
    EXPECT_EQ(problem.code, "read-newer-abi");
    EXPECT_EQ(problem.where.offset, 11U);
    EXPECT_THAT(problem.message,
                HasSubstr("`" + name + "` is newer than the async ABI of the engine, " +
                          std::string(engine_version())));
    EXPECT_THAT(problem.hints, ElementsAre(HasSubstr("without `" + name + "`")));
  }
}

// Any unknown byte may be one of a newer format.
TEST(ReadErrors, UnknownBytesNameTheEngine) {
  for (const Bytes& contents : {Bytes{1, 0x30}, Bytes{1, 0x01, 0x00, 0, 1, 0x0a}}) {
    const Diagnostic problem = problem_of(component({section(8, contents)}));
    EXPECT_EQ(problem.code, "read-malformed");
    ASSERT_EQ(problem.notes.size(), 1U);
    EXPECT_THAT(problem.notes[0].text, HasSubstr(std::string(engine_version())));
  }
}

TEST(ReadErrors, UnknownSection) {
  const Diagnostic problem = problem_of(component({section(13, {})}));
  EXPECT_EQ(problem.code, "read-malformed");
  EXPECT_EQ(problem.message, "section of the component: unexpected byte 0x0d");
}

TEST(ReadErrors, CountBombs) {
  const Bytes count = {0xff, 0xff, 0xff, 0xff, 0x0f};
  const auto vectors = {Bytes{},     Bytes{0x72}, Bytes{0x71}, Bytes{0x6f}, Bytes{0x6e},
                        Bytes{0x6d}, Bytes{0x40}, Bytes{0x41}, Bytes{0x42}};
  for (const Bytes& before : vectors) {
    const Bytes type = before.empty() ? count : join({{1}, before, count});
    EXPECT_EQ(problem_of(component({section(7, type)})).code, "read-malformed");
  }
  for (const std::uint8_t id : Bytes{2, 3, 5, 6, 8, 10, 11, 12}) {
    EXPECT_EQ(problem_of(component({section(id, count)})).code, "read-malformed");
  }
  EXPECT_EQ(problem_of(component({section(8, join({{1, 0x1c}, count}))})).code, "read-malformed");
  EXPECT_EQ(problem_of(component({section(5, join({{1, 0x00, 0}, count}))})).code,
            "read-malformed");
  EXPECT_EQ(problem_of(component({section(9, join({{0}, count}))})).code, "read-malformed");
  EXPECT_EQ(problem_of(component({section(3, join({{1, 0x4e}, count}))})).code, "read-malformed");
}

// A component with `depth` nested component types.
Bytes nested_types(std::size_t depth) {
  Bytes types = {1};
  for (std::size_t i = 1; i < depth; ++i) types.insert(types.end(), {0x41, 1, 0x01});
  types.insert(types.end(), {0x42, 0});
  return component({section(7, types)});
}

Bytes nested_components(std::size_t depth) {
  Bytes bytes = component({});
  for (std::size_t i = 0; i < depth; ++i) bytes = component({section(4, bytes)});
  return bytes;
}

TEST(ReadErrors, NestingBombs) {
  EXPECT_TRUE(read_component(nested_types(limits::kNestingDepth)));
  EXPECT_EQ(problem_of(nested_types(limits::kNestingDepth + 1)).code, "read-limit");
  EXPECT_EQ(problem_of(nested_types(100'000)).code, "read-limit");
  EXPECT_TRUE(read_component(nested_components(limits::kNestingDepth)));
  const Diagnostic problem = problem_of(nested_components(limits::kNestingDepth + 1));
  EXPECT_EQ(problem.code, "read-limit");
  EXPECT_THAT(problem.message, HasSubstr("more than 100 levels deep"));
}

TEST(ReadErrors, NestingCountsComponentsAndTypesTogether) {
  const Bytes inner = nested_types(60);
  Bytes bytes = inner;
  for (int i = 0; i < 60; ++i) bytes = component({section(4, bytes)});
  EXPECT_EQ(problem_of(bytes).code, "read-limit");
}

TEST(ReadErrors, LongNames) {
  const Bytes import = join({{1, 0x00}, name(std::string(limits::kNameBytes + 1, 'a')), {0x01, 0}});
  const Diagnostic problem = problem_of(component({section(10, import)}));
  EXPECT_EQ(problem.code, "read-limit");
  EXPECT_THAT(problem.message, StartsWith("name in `nameattributes` of the import section"));
}

TEST(ReadErrors, StartResults) {
  EXPECT_EQ(problem_of(component({section(9, {0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})})).code,
            "read-limit");
}

TEST(ReadErrors, FilesBeyondTheLimit) {
  // Only the size is checked: no byte of the span is read.
  const Bytes bytes = component({});
  const std::span<const std::uint8_t> huge(bytes.data(), limits::kFileBytes + 1);
  const Result<Component> read = read_component(huge);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().front().code, "read-limit");
}

// The offsets where the preamble and the sections of the outermost component end. A component that
// is cut there is complete; cut anywhere else, it must be refused.
std::set<std::size_t> section_ends(const Bytes& bytes) {
  ByteReader in(bytes, "the component");
  std::set<std::size_t> ends;
  EXPECT_TRUE(in.read_bytes(8, "preamble"));
  ends.insert(in.offset());
  while (!in.at_end()) {
    EXPECT_TRUE(in.read_byte("number"));
    const Result<std::uint32_t> size = in.read_u32("size");
    EXPECT_TRUE(size && in.read_bytes(*size, "contents"));
    ends.insert(in.offset());
  }
  return ends;
}

void expect_refused_when_cut(const Bytes& bytes) {
  const std::set<std::size_t> ends = section_ends(bytes);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const Result<Component> read = read_component(std::span(bytes).first(size));
    ASSERT_EQ(read.has_value(), ends.contains(size)) << "cut after " << size;
    if (!read) {
      ASSERT_EQ(read.error().front().code, "read-truncated") << "cut after " << size;
    }
  }
}

TEST(Truncation, RefusesASmallComponentCutAnywhere) {
  const Bytes inner = component({section(7, {1, 0x73}), section(1, module({}))});
  expect_refused_when_cut(component(
      {section(4, inner), section(10, {1, 0x02, 1, 'a', 1, 0x00, 1, 'b', 0x05, 0}),
       section(7, {2, 0x42, 1, 0x01, 0x72, 1, 1, 'a', 0x79, 0x40, 0, 1, 0}),
       section(8, {1, 0, 0, 1, 1, 0x03, 0, 2}), section(0, join({name("x"), {1, 2, 3}}))}));
}

TEST(Truncation, RefusesARealComponentCutAnywhere) {
  const std::string path = TENON_SOURCE_DIR "/examples/press/wasm/highlighter.wasm";
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_TRUE(read_component(bytes));
  expect_refused_when_cut(bytes);
}

}  // namespace
}  // namespace tenon::binary::read_errors_test
