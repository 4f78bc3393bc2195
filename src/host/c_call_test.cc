// Every row of the mapping of docs/host-bundles-c.md, with C functions of this file.
#include "host/c_call.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "abi/copy_program.h"
#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "host/c_test_support.h"
#include "host/native_call.h"
#include "host/native_values.h"
#include "tenon/value.h"

namespace tenon::host::c_call_test {
namespace {

using testing::HasSubstr;

// --- The C functions of a library

template <class T>
struct OutBuffer {
  T* ptr;
  std::size_t len;
  void (*free)(void*);
};

// Blocks that are allocated and not yet freed. Freeing any other pointer fails the test.
std::set<void*>& live() {
  static std::set<void*> all;
  return all;
}
void* make_block(std::size_t size) { return *live().insert(std::malloc(size + 1)).first; }
void free_block(void* block) {
  EXPECT_EQ(live().erase(block), 1U);
  std::free(block);
}
template <class T>
void fill(OutBuffer<T>* out, const T* from, std::size_t count) {
  *out = {static_cast<T*>(make_block(count * sizeof(T))), count, free_block};
  if (count > 0) std::memcpy(out->ptr, from, count * sizeof(T));
}

struct Inner {
  std::uint8_t a;
  double b;
};
struct Outer {
  bool flag;
  Inner inner;
  std::uint16_t many[3];
  std::uint32_t color;
};

struct Point {
  std::int16_t x;
  double y;
};
struct Shape {
  std::uint32_t tag;
  union {
    std::uint8_t nibble;
    double circle;
    Point at;
  } of;
};

std::uint64_t c_mix(bool a, std::int8_t b, std::uint8_t c, std::int16_t d, std::uint16_t e,
                    std::int32_t f, std::uint32_t g, std::int64_t h, std::uint64_t i,
                    std::uint32_t j) {
  return static_cast<std::uint64_t>((a ? 1 : 0) + b + c + d + e + f + static_cast<std::int64_t>(g) +
                                    h) +
         i + j;
}
std::int8_t c_negate(std::int8_t x) { return static_cast<std::int8_t>(-x); }
std::uint16_t c_wrap(std::uint16_t x) { return static_cast<std::uint16_t>(x + 1); }
float c_half(float x) { return x / 2; }
bool c_not(bool x) { return !x; }
std::uint32_t c_next(std::uint32_t x) { return x + 1; }
std::uint64_t c_flags(std::uint64_t x) { return x ^ 1U; }
void c_nothing() {}

std::size_t c_length(const char* text, std::size_t size) {
  EXPECT_NE(text, nullptr);
  return std::strlen(std::string(text, size).c_str());
}
double c_sum(const double* of, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += of[i];
  return sum;
}
void c_echo(const char* text, std::size_t size, OutBuffer<char>* out) { fill(out, text, size); }
void c_twice(const std::uint16_t* of, std::size_t count, OutBuffer<std::uint16_t>* out) {
  fill(out, of, count);
  for (std::size_t i = 0; i < count; ++i) out->ptr[i] = static_cast<std::uint16_t>(of[i] * 2);
}
void c_outer(const Outer* from, Outer* out) {
  *out = *from;
  out->flag = !from->flag;
  out->inner.b += 1;
  out->many[2] = 77;
}
void c_pair(std::int32_t a, std::int64_t b, Inner* out) {
  out->a = static_cast<std::uint8_t>(a);
  out->b = static_cast<double>(b);
}
double c_sum_points(const Point* points, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += points[i].x + points[i].y;
  return points == nullptr ? -1 : sum;
}
void c_turn_points(const Point* points, std::size_t count, OutBuffer<Point>* out) {
  fill(out, points, count);
  for (std::size_t i = 0; i < count; ++i) out->ptr[i] = {points[count - 1 - i].x, -points[i].y};
}
std::size_t c_fill_points(Point* room, std::size_t size, std::int32_t count) {
  for (std::size_t i = 0; i < size; ++i) room[i] = {static_cast<std::int16_t>(i), 0.5};
  return static_cast<std::size_t>(count);
}
// The next shape, and with the tag 2 one that does not exist.
void c_next_shape(const Shape* from, Shape* out) {
  if (from->tag == 1) {
    out->of.circle = from->of.nibble + 0.5;
  } else if (from->tag == 2) {
    out->of.at = {static_cast<std::int16_t>(from->of.circle), from->of.circle};
  } else if (from->tag == 3) {
    out->tag = from->of.at.x == 0 ? 0 : UINT32_MAX;
    return;
  }
  out->tag = from->tag + 1;
}
void c_shapes(const Shape* shapes, std::size_t count, OutBuffer<Shape>* out) {
  fill(out, shapes, count);
  for (std::size_t i = 0; i < count; ++i) c_next_shape(shapes + i, out->ptr + i);
}
void c_wrong_chars(OutBuffer<std::uint32_t>* out) {
  const std::uint32_t chars[] = {0x41, 0x110000};
  fill(out, chars, 2);
}
std::uint64_t c_sum_words(const std::uint32_t* words, std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += words[i];
  return sum;
}
std::int32_t c_or(const std::int32_t* x, std::int32_t other) { return x == nullptr ? other : *x; }
std::int64_t c_text_or(const char* text, std::size_t size) {
  return text == nullptr ? -1 : static_cast<std::int64_t>(size);
}
double c_inner_or(const Inner* x) { return x == nullptr ? -1 : x->b; }
bool c_find(std::uint32_t x, std::uint32_t* out) {
  *out = x * 2;
  return x != 0;
}
bool c_find_text(std::uint32_t x, OutBuffer<char>* out) {
  if (x > 0) fill(out, "found", 5);
  return x > 1;
}
std::int32_t c_divide(std::int32_t a, std::int32_t b, std::int32_t* ok, OutBuffer<char>* err) {
  if (b == 0) {
    fill(err, "by zero", 7);
    return 3;
  }
  *ok = a / b;
  return 0;
}
std::int32_t c_check(std::int32_t x) { return x; }

int c_seed(long seed, const std::uint8_t* data, unsigned size, int zero, void* null) {
  EXPECT_EQ(null, nullptr);
  EXPECT_EQ(zero, -7);
  return static_cast<int>(seed) + static_cast<int>(size) + (size > 0 ? data[0] : 0);
}
const char* c_name(const char* key) {
  if (key == nullptr) return "none";
  return std::strcmp(key, "gone") == 0 ? nullptr : key;
}
char* c_copy(const char* key) {
  auto* const block = static_cast<char*>(make_block(std::strlen(key)));
  std::strcpy(block, key);
  return block;
}
double c_split(double x, int* whole) {
  *whole = static_cast<int>(x);
  return x - *whole;
}
int c_open(const char* path, void** handle) {
  *handle = make_block(1);
  return std::strcmp(path, "bad") == 0 ? 5 : 0;
}
const char* c_status_text(int status) { return status == 5 ? "five" : nullptr; }
int c_exec(int status, char** error) {
  if (status > 1) *error = c_copy("worse");
  return status;
}
int c_errno(int x) {
  errno = x < 0 ? -x : ENOENT;
  return x;
}
const char* c_errno_text(int x) {
  errno = EACCES;
  return x == 0 ? nullptr : "fine";
}
std::int64_t c_fill(std::uint8_t* room, std::size_t size, std::int32_t count) {
  errno = EIO;
  std::memset(room, 'x', size);
  return count;
}
int c_fill_length(char* room, unsigned long* size, unsigned long count) {
  if (count <= *size) std::memset(room, 'y', count);
  *size = count;
  return 0;
}
void c_wrong_text(OutBuffer<char>* out) { fill(out, "\xff\xfe", 2); }
void c_null_text(OutBuffer<char>* out) { *out = {nullptr, 3, free_block}; }
void c_huge_list(OutBuffer<std::uint32_t>* out) {
  fill<std::uint32_t>(out, nullptr, 0);
  out->len = SIZE_MAX / 2;
}
std::int32_t c_negative() { return -5; }
std::uint32_t c_large() { return 0x11'0000; }

// --- Calls

// The pointer of a resource is its token.
class Pointers final : public RepExchange {
 public:
  void* take(abi::ResourceToken token, abi::HandlePart /*part*/) override {
    return reinterpret_cast<void*>(token);
  }
  abi::ResourceToken give(void* rep, abi::HandlePart /*part*/) override {
    return reinterpret_cast<std::uintptr_t>(rep);
  }
  tenon_stream take_stream(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override {
    return 0;
  }
  abi::ResourceToken give_stream(tenon_stream /*stream*/, abi::HandlePart /*part*/) override {
    return 0;
  }
  void give_taken() override {}
  void drop(void* /*rep*/, abi::HandlePart /*part*/) override {}
  void drop_stream(tenon_stream /*stream*/, abi::HandlePart /*part*/) override {}
};

// A C function that is prepared for calls by a WIT type and an optional entry.
class CFunction {
 public:
  template <class Symbol>
  CFunction(std::string_view type, Symbol* symbol, const std::optional<EntryText>& entry = {})
      : type_(value::function_of(type)) {
    const CFunctionEntry entry_keys = make_entry(entry.value_or(EntryText()));
    Result<CSignature> signature = make_signature(type_, entry ? &entry_keys : nullptr);
    if (!signature) {
      ADD_FAILURE() << type << '\n' << describe(signature.error());
      return;
    }
    CSymbols symbols{.function = reinterpret_cast<void*>(symbol)};
    if (!signature->free.empty()) symbols.free = free_block;
    if (!signature->error.empty()) symbols.error = c_status_text;
    symbols.drops.assign(signature->places.size(), free_block);
    prepared_ = prepare_c_call(*std::move(signature), std::move(symbols));
  }

  // The result in WAVE, or "trap: " and its message.
  std::string operator()(std::string_view arguments) {
    const auto call = parse_wave_call(fmt::format("f{}", arguments));
    const auto values = parse_wave_arguments(*call, type_);
    if (!values) return values.error().front().message;
    return run(*values);
  }
  std::string run(const std::vector<Value>& values) {
    const auto shape = call::shape_of(type_);
    const abi::FunctionLayout& layout = shape->program.layout();
    const call::CanonicalValues in_arena(type_, shape);
    abi::ValueArena params;
    abi::ValueArena results;
    tenon_call call;
    call::FakeHandles handles;
    Pointers pointers;
    const auto address = in_arena.write_params(values, params, handles);
    const auto arguments = read_native_params(layout,
                                              {.arena = params,
                                               .address = *address,
                                               .caller_memory = params.memory(),
                                               .has_text_views = true},
                                              call.memory, pointers);
    tenon_value result = {};
    const NativeFunction& function = prepared_->function;
    if (function.fn(function.self, &call, arguments->data(), arguments->size(), &result) != 0)
      return "trap: " + *call.trap;
    EXPECT_FALSE(call.trap);
    if (!layout.result) return "()";
    const auto written = write_native_result(layout, result, results);
    if (!written) return fmt::format("{}: {}", written.error().path, written.error().message);
    give_handles(*written, results, pointers);
    return print_wave(*in_arena.read_result(written->address, results, handles));
  }

 private:
  FunctionType type_;
  std::optional<PreparedCall> prepared_;
};

TEST(CCall, NumbersArePassedByValue) {
  EXPECT_EQ(CFunction("(a: bool, b: s8, c: u8, d: s16, e: u16, f: s32, g: u32, h: s64, i: u64, "
                      "j: char) -> u64",
                      c_mix)("(true, -1, 2, -3, 4, -5, 6, -7, 8, 'A')"),
            "70");
  EXPECT_EQ(CFunction("(x: s8) -> s8", c_negate)("(5)"), "-5");
  EXPECT_EQ(CFunction("(x: u16) -> u16", c_wrap)("(65535)"), "0");
  EXPECT_EQ(CFunction("(x: f32) -> f32", c_half)("(3)"), "1.5");
  EXPECT_EQ(CFunction("(x: bool) -> bool", c_not)("(true)"), "false");
  EXPECT_EQ(CFunction("(x: char) -> char", c_next)("('a')"), "'b'");
  EXPECT_EQ(CFunction("()", c_nothing)("()"), "()");
}

TEST(CCall, EnumsAndFlagsAreNumbers) {
  CFunction next("(x: enum{red, green, blue}) -> enum{red, green, blue}", c_next);
  EXPECT_EQ(next("(red)"), "green");
  EXPECT_EQ(next("(blue)"), "result: case 3 does not exist, the type has 3 cases");
  EXPECT_EQ(CFunction("(x: variant{a, b}) -> variant{a, b}", c_next)("(a)"), "b");
  EXPECT_EQ(CFunction("(x: flags{a, b}) -> flags{a, b}", c_next)("({})"), "{a}");
  EXPECT_EQ(CFunction("(x: flags{a, b}) -> flags{a, b}", c_next)("({a, b})"),
            "result: 0x4 sets bits beyond the 2 flags of the type");
  std::string many = "flags{";
  for (int i = 0; i < 64; ++i) many += fmt::format("{}f{}", i == 0 ? "" : ", ", i);
  many += "}";
  EXPECT_EQ(CFunction(fmt::format("(x: {}) -> {}", many, many), c_flags)("({f0, f33, f63})"),
            "{f33, f63}");
}

TEST(CCall, StringsAndListsArePointersAndLengths) {
  CFunction length("(text: string) -> u64", c_length);
  EXPECT_EQ(length(R"(("h\u{e9}llo"))"), "6");
  EXPECT_EQ(length(R"((""))"), "0");
  EXPECT_EQ(CFunction("(of: list<f64>) -> f64", c_sum)("([1, 2, 3.5])"), "6.5");
  CFunction echo("(text: string) -> string", c_echo);
  EXPECT_EQ(echo(R"(("tea"))"), "\"tea\"");
  EXPECT_EQ(echo(R"((""))"), "\"\"");
  EXPECT_EQ(CFunction("(of: list<u16>) -> list<u16>", c_twice)("([1, 40000])"), "[2, 14464]");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, RecordsAreStructs) {
  CFunction outer(
      "(x: record{flag: bool, inner: record{a: u8, b: f64}, many: list<u16, 3>, color: enum{red, "
      "green}}) -> record{flag: bool, inner: record{a: u8, b: f64}, many: list<u16, 3>, color: "
      "enum{red, green}}",
      c_outer);
  EXPECT_EQ(outer("({flag: true, inner: {a: 200, b: 0.5}, many: [1, 2, 3], color: green})"),
            "{flag: false, inner: {a: 200, b: 1.5}, many: [1, 2, 77], color: green}");
  EXPECT_EQ(CFunction("(a: s32, b: s64) -> tuple<u8, f64>", c_pair)("(255, -3)"), "(255, -3)");
}

TEST(CCall, ListsOfRecordsAreArraysOfStructs) {
  constexpr std::string_view kPoints = "list<record{x: s16, y: f64}>";
  const std::string makes_points = fmt::format("() -> {}", kPoints);
  CFunction sum(fmt::format("(points: {}) -> f64", kPoints), c_sum_points);
  EXPECT_EQ(sum("([{x: -1, y: 2.5}, {x: 3, y: 4}])"), "8.5");
  EXPECT_EQ(sum("([])"), "0");
  CFunction maybe("(points: option<list<tuple<s16, f64>>>) -> f64", c_sum_points);
  EXPECT_EQ(maybe("(none)"), "-1");
  EXPECT_EQ(maybe("(some([(1, 1)]))"), "2");
  CFunction turn(fmt::format("(points: {0}) -> {0}", kPoints), c_turn_points);
  EXPECT_EQ(turn("([{x: -1, y: 2.5}, {x: 3, y: 4}])"), "[{x: 3, y: -2.5}, {x: -1, y: -4}]");
  EXPECT_EQ(turn("([])"), "[]");
  CFunction fill_some(
      fmt::format("(most: u32, count: s32) -> {}", kPoints), c_fill_points,
      EntryText{.args = {"out.ptr", "out.room", "count"}, .returns = "len:size", .room = "most"});
  EXPECT_EQ(fill_some("(3, 2)"), "[{x: 0, y: 0.5}, {x: 1, y: 0.5}]");
  EXPECT_EQ(fill_some("(2, 3)"), "trap: it reported 3 elements in a buffer of 2, at result");
  EXPECT_EQ(fill_some("(4294967295, 3)"),
            "trap: a result buffer of 4294967295 elements exceeds the memory limit of a call");
  EXPECT_EQ(CFunction(makes_points, c_huge_list)("()"),
            "trap: 9223372036854775807 elements at result exceed the memory limit of a call");
  EXPECT_EQ(CFunction(makes_points, c_null_text)("()"),
            "trap: expected 3 elements at result, found NULL");
  EXPECT_EQ(CFunction("() -> list<record{c: char}>", c_wrong_chars)("()"),
            "result[1].c: 0x110000 is not a Unicode scalar value");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, ListsOfLabelsAreArraysOfIndicesAndBits) {
  EXPECT_EQ(CFunction("(words: list<enum{a, b, c}>) -> u64", c_sum_words)("([b, c, c])"), "5");
  EXPECT_EQ(CFunction("(words: list<flags{a, b}>) -> u64", c_sum_words)("([{a}, {a, b}, {}])"),
            "4");
}

TEST(CCall, VariantsAreTaggedUnions) {
  constexpr std::string_view kShape =
      "variant{nothing, nibble(u8), circle(f64), at(record{x: s16, y: f64})}";
  CFunction next(fmt::format("(of: {0}) -> {0}", kShape), c_next_shape);
  EXPECT_EQ(next("(nothing)"), "nibble(0)");
  EXPECT_EQ(next("(nibble(7))"), "circle(7.5)");
  EXPECT_EQ(next("(circle(2.5))"), "at({x: 2, y: 2.5})");
  EXPECT_EQ(next("(at({x: 0, y: 1}))"), "nothing");
  EXPECT_EQ(next("(at({x: 1, y: 1}))"),
            "trap: invalid value at result: case 4294967295 does not exist, the type has 4 cases");
  CFunction shapes(fmt::format("(of: list<{0}>) -> list<{0}>", kShape), c_shapes);
  EXPECT_EQ(shapes("([nothing, circle(1), nibble(9)])"),
            "[nibble(0), at({x: 1, y: 1}), circle(9.5)]");
  EXPECT_EQ(shapes("([nothing, at({x: 1, y: 1})])"),
            "trap: invalid value at result[1]: case 4294967295 does not exist, the type has 4 "
            "cases");
  // Inside a record, and the offset of a payload that needs more than the tag's alignment.
  struct Tagged {
    std::uint8_t first;
    Shape shape;
    std::uint8_t last;
  };
  CFunction tagged(
      fmt::format("(of: record{{first: u8, shape: {0}, last: u8}}) -> u8", kShape),
      +[](const Tagged* of) -> std::uint8_t {
        return static_cast<std::uint8_t>(of->first + of->last + (of->shape.tag == 2 ? 100 : 0) +
                                         static_cast<int>(of->shape.of.circle));
      });
  EXPECT_EQ(tagged("({first: 1, shape: circle(8), last: 2})"), "111");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, OptionsAreNullOrHaveAFlag) {
  CFunction either("(x: option<s32>, other: s32) -> s32", c_or);
  EXPECT_EQ(either("(some(-4), 9)"), "-4");
  EXPECT_EQ(either("(none, 9)"), "9");
  CFunction text("(x: option<string>) -> s64", c_text_or);
  EXPECT_EQ(text("(none)"), "-1");
  EXPECT_EQ(text(R"((some("")))"), "0");
  EXPECT_EQ(
      CFunction("(x: option<record{a: u8, b: f64}>) -> f64", c_inner_or)("(some({a: 1, b: 2}))"),
      "2");
  CFunction find("(x: u32) -> option<u32>", c_find);
  EXPECT_EQ(find("(4)"), "some(8)");
  EXPECT_EQ(find("(0)"), "none");
  CFunction find_text("(x: u32) -> option<string>", c_find_text);
  EXPECT_EQ(find_text("(2)"), "some(\"found\")");
  // A buffer that was written although the result is `none` is freed.
  EXPECT_EQ(find_text("(1)"), "none");
  EXPECT_EQ(find_text("(0)"), "none");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, ResultsAreStatusCodes) {
  CFunction divide("(a: s32, b: s32) -> result<s32, string>", c_divide);
  EXPECT_EQ(divide("(7, 2)"), "ok(3)");
  EXPECT_EQ(divide("(7, 0)"), "err(\"by zero\")");
  CFunction check("(x: s32) -> result", c_check);
  EXPECT_EQ(check("(0)"), "ok");
  EXPECT_EQ(check("(-1)"), "err");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, HostileResultsAreTraps) {
  EXPECT_EQ(CFunction("() -> string", c_wrong_text)("()"),
            "result: the string is not valid UTF-8 at byte 0");
  EXPECT_EQ(CFunction("() -> string", c_null_text)("()"),
            "trap: expected 3 elements at result, found NULL");
  EXPECT_EQ(CFunction("() -> list<u32>", c_huge_list)("()"),
            "trap: 9223372036854775807 elements at result exceed the memory limit of a call");
  EXPECT_EQ(CFunction("() -> char", c_large)("()"),
            "result: 0x110000 is not a Unicode scalar value");
  EXPECT_EQ(CFunction("() -> u32", c_negative, EntryText{.returns = "int"})("()"),
            "trap: expected u32 at result, found -5");
  EXPECT_EQ(CFunction("() -> u8", c_large, EntryText{.returns = "uint"})("()"),
            "result: 1114112 is out of range for u8");
  EXPECT_EQ(CFunction("() -> enum{a, b}", c_negative, EntryText{.returns = "int"})("()"),
            "trap: expected enum at result, found -5");
  EXPECT_EQ(CFunction("(k: string) -> string", c_name,
                      EntryText{.args = {"k:cstring"}, .returns = "cstring"})("(\"gone\")"),
            "trap: expected a string at result, found NULL");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, EntriesOverrideTheDefaultArguments) {
  CFunction seed(
      "(seed: u32, data: list<u8>) -> s32", c_seed,
      EntryText{.args = {"seed:long", "data.ptr", "data.len:uint", "const:-7", "const:null"},
                .returns = "int"});
  EXPECT_EQ(seed("(100, [5, 6])"), "107");
  EXPECT_EQ(seed("(4294967295, [])"), "-1");
  CFunction narrow("(x: u64) -> s32", c_check, EntryText{.args = {"x:int"}, .returns = "int"});
  EXPECT_EQ(narrow("(2147483647)"), "2147483647");
  EXPECT_EQ(narrow("(2147483648)"), "trap: the value of `x` does not fit in `s32`");
  EXPECT_EQ(CFunction("(x: f64) -> f64", c_half,
                      EntryText{.args = {"x:float"}, .returns = "float"})("(0.5)"),
            "0.25");
  EXPECT_EQ(CFunction("(x: f64) -> tuple<f64, s32>", c_split,
                      EntryText{.args = {"x", "out:int"}, .returns = "double"})("(2.25)"),
            "(0.25, 2)");
  EXPECT_EQ(CFunction("(x: f64) -> record{rest: f64, whole: s32}", c_split,
                      EntryText{.args = {"x", "out:int"}})("(2.25)"),
            "{rest: 0.25, whole: 2}");
  EXPECT_EQ(CFunction("(x: f64) -> u8", c_split,
                      EntryText{.args = {"x", "out:int"}, .returns = "void"})("(-1.5)"),
            "trap: expected u8 at result, found -1");
}

TEST(CCall, CStringsEndInNul) {
  CFunction name("(key: option<string>) -> option<string>", c_name,
                 EntryText{.args = {"key:cstring"}, .returns = "cstring"});
  EXPECT_EQ(name("(some(\"tea\"))"), "some(\"tea\")");
  EXPECT_EQ(name("(none)"), "some(\"none\")");
  EXPECT_EQ(name("(some(\"gone\"))"), "none");
  EXPECT_EQ(name("(some(\"a\\u{0}b\"))"),
            "trap: `key` contains a NUL byte, which would end the C string");
  CFunction copy("(key: string) -> string", c_copy,
                 EntryText{.args = {"key:cstring"}, .returns = "cstring", .free = "free_block"});
  EXPECT_EQ(copy("(\"tea\")"), "\"tea\"");
  EXPECT_TRUE(live().empty());
}

TEST(CCall, ErrorsHaveTheirMessages) {
  CFunction text("(status: s32) -> result<_, string>", c_check,
                 EntryText{.args = {"status:int"}, .returns = "status", .error = "text"});
  EXPECT_EQ(text("(0)"), "ok");
  EXPECT_EQ(text("(5)"), "err(\"five\")");
  EXPECT_EQ(text("(-6)"), "err(\"status -6\")");
  EXPECT_EQ(CFunction("(status: s32) -> result<_, s32>", c_check,
                      EntryText{.args = {"status:int"}, .returns = "status"})("(-6)"),
            "err(-6)");
  CFunction exec("(status: s32) -> result<_, string>", c_exec,
                 EntryText{.args = {"status:int", "err:cstring"},
                           .returns = "status",
                           .free = "free_block",
                           .error = "text"});
  EXPECT_EQ(exec("(0)"), "ok");
  EXPECT_EQ(exec("(1)"), "err(\"status 1\")");
  EXPECT_EQ(exec("(2)"), "err(\"worse\")");
  EXPECT_TRUE(live().empty());

  CFunction by_errno("(x: s32) -> result<u32, string>", c_errno,
                     EntryText{.args = {"x:int"}, .returns = "errno"});
  EXPECT_EQ(by_errno("(3)"), "ok(3)");
  EXPECT_EQ(by_errno("(-13)"), "err(\"Permission denied\")");
  EXPECT_EQ(CFunction("(x: s32) -> result<_, s32>", c_errno,
                      EntryText{.args = {"x:int"}, .returns = "errno"})("(-13)"),
            "err(13)");
  CFunction pointer("(x: s32) -> result<string, s32>", c_errno_text,
                    EntryText{.args = {"x:int"}, .returns = "errno:cstring"});
  EXPECT_EQ(pointer("(1)"), "ok(\"fine\")");
  EXPECT_EQ(pointer("(0)"), fmt::format("err({})", EACCES));
  CFunction null("(x: s32) -> result<string>", c_errno_text,
                 EntryText{.args = {"x:int"}, .returns = "cstring"});
  EXPECT_EQ(null("(0)"), "err");
}

TEST(CCall, ResultsCanBeWrittenToABufferOfTheCaller) {
  CFunction fill_some(
      "(most: u32, count: s32) -> result<string, s32>", c_fill,
      EntryText{.args = {"out.ptr", "out.room", "count"}, .returns = "len:ssize", .room = "most"});
  EXPECT_EQ(fill_some("(9, 3)"), "ok(\"xxx\")");
  EXPECT_EQ(fill_some("(0, 0)"), "ok(\"\")");
  EXPECT_EQ(fill_some("(2, -1)"), fmt::format("err({})", EIO));
  EXPECT_EQ(fill_some("(2, 3)"), "trap: it reported 3 elements in a buffer of 2, at result.ok");
  EXPECT_EQ(fill_some("(4294967295, 3)"),
            "trap: a result buffer of 4294967295 elements exceeds the memory limit of a call");
  CFunction whole(
      "(count: s32) -> list<u8>", c_fill,
      EntryText{.args = {"out.ptr", "out.room:size", "count"}, .returns = "void", .room = "2"});
  EXPECT_EQ(whole("(5)"), "[120, 120]");
  CFunction length(
      "(count: u64) -> result<string, s32>", c_fill_length,
      EntryText{
          .args = {"out.ptr", "out.len:ulong", "count:ulong"}, .returns = "status", .room = "4"});
  EXPECT_EQ(length("(3)"), "ok(\"yyy\")");
  EXPECT_EQ(length("(18446744073709551615)"),
            "trap: it reported 18446744073709551615 elements in a buffer of 4, at result.ok");
}

TEST(CCall, HandlesArePointers) {
  CFunction open("(path: string) -> result<own<r>, s32>", c_open,
                 EntryText{.args = {"path:cstring", "out:pointer:drop"}, .returns = "status"});
  // The object that a failed call created is destroyed.
  EXPECT_EQ(open("(\"bad\")"), "err(5)");
  EXPECT_TRUE(live().empty());
  EXPECT_THAT(open("(\"good\")"), HasSubstr("ok("));
  ASSERT_EQ(live().size(), 1U);
  void* const handle = *live().begin();
  CFunction drop("(r: own<r>)", free_block);
  EXPECT_EQ(drop.run({Value::handle({"r", reinterpret_cast<std::uintptr_t>(handle), nullptr})}),
            "()");
  EXPECT_TRUE(live().empty());
  EXPECT_EQ(CFunction("(x: s32) -> own<r>", c_errno_text)("(0)"),
            "trap: expected a handle at result, found NULL");
  EXPECT_EQ(CFunction("(x: s32) -> option<own<r>>", c_errno_text,
                      EntryText{.returns = "pointer", .has_args = false})("(0)"),
            "none");
}

}  // namespace
}  // namespace tenon::host::c_call_test
