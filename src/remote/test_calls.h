// Test support: functions whose values pass as `Value`s and as bytes of wRPC, and the calls of
// tests/vectors/wrpc-tcp-*.jsonl.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "remote/wire_values.h"
#include "tenon/value.h"
#include "value/test_types.h"

namespace tenon::remote {

// Resources are their numbers: `ctr/` and four bytes. The streams that it was given are kept.
class TestHandles final : public WireHandles, public IncomingEnd {
 public:
  Result<Bytes, abi::AbiError> give(abi::HandlePart part, abi::ResourceToken resource) override {
    parts.push_back(part);
    if (resource == 404) return abi::AbiError{abi::AbiErrorKind::Guest, "it is gone"};
    Bytes bytes = {'c', 't', 'r', '/'};
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      bytes.push_back(static_cast<std::uint8_t>(resource >> shift));
    return bytes;
  }
  Result<abi::ResourceToken, abi::AbiError> take(abi::HandlePart part,
                                                 std::span<const std::uint8_t> bytes) override {
    parts.push_back(part);
    if (bytes.size() != 8) return abi::AbiError{abi::AbiErrorKind::Guest, "not one of mine"};
    abi::ResourceToken token = 0;
    for (const std::uint8_t byte : bytes.subspan(4)) token = token << 8 | byte;
    return token;
  }
  Result<void, abi::AbiError> send(abi::HandlePart, abi::ResourceToken end,
                                   const IndexPath& channel) override {
    ends.emplace_back(end, channel);
    return {};
  }
  Result<Received, abi::AbiError> receive(abi::HandlePart, const IndexPath& channel) override {
    ends.emplace_back(77, channel);
    return Received{77, this};
  }

  const abi::FunctionLayout* item() const override { return item_layout; }
  abi::ValueArena& arena() override { return contents; }
  WireHandles& handles() override { return *this; }
  void complete(std::uint32_t address, std::uint32_t count) override {
    completed.emplace_back(address, count);
  }

  std::vector<abi::HandlePart> parts;
  std::vector<std::pair<abi::ResourceToken, IndexPath>> ends;
  const abi::FunctionLayout* item_layout = nullptr;
  abi::ValueArena contents;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> completed;
};

// Values as text, with handles as `#7`.
inline std::string print_all(std::span<const Value> values) {
  std::string text;
  for (const Value& value : values) {
    const ValueHandle* const handle = value.get_if<ValueHandle>();
    text += (text.empty() ? "" : ", ") +
            (handle != nullptr ? fmt::format("#{}", handle->id) : print_wave(value));
  }
  return text;
}

// A function, and its values in either form.
struct TestFunction {
  explicit TestFunction(const FunctionType& type)
      : shape(call::shape_of(type)), values(type, shape), layout(shape->program.layout()) {}
  explicit TestFunction(const char* text) : TestFunction(value::function_of(text)) {}

  Bytes write(const std::vector<Value>& arguments, Dialect dialect = {}) {
    abi::ValueArena arena;
    call::FakeHandles exchange;
    const auto address = values.write_params(arguments, arena, exchange);
    EXPECT_TRUE(address) << address.error()[0].message;
    Bytes out;
    const auto written = WireWriter(arena, handles, dialect).write_params(layout, *address, out);
    EXPECT_TRUE(written) << written.error().message;
    return out;
  }
  Bytes write_result(const Value& result) {
    abi::ValueArena arena;
    call::FakeHandles exchange;
    Bytes out;
    EXPECT_TRUE(WireWriter(arena, handles)
                    .write_result(layout, *values.write_result(result, arena, exchange), out));
    return out;
  }
  // The parameters as text, read in pieces of `step` bytes; the error as text.
  std::string read(const Bytes& bytes, Dialect dialect = {}, std::size_t step = SIZE_MAX) {
    abi::ValueArena arena;
    WireReader reader = WireReader::of_params(layout, arena, handles, dialect);
    std::size_t taken = 0;
    for (std::size_t end = 0; !reader.is_done();) {
      if (end == bytes.size() && end > 0) return "needs more: " + reader.place();
      end += std::min(step, bytes.size() - end);
      const auto read = reader.read(std::span(bytes).subspan(taken, end - taken));
      if (!read) return abi::describe(read.error());
      taken += *read;
      if (bytes.empty() && !reader.is_done()) return "needs more: " + reader.place();
    }
    EXPECT_EQ(taken, bytes.size());
    return print(reader.address(), arena);
  }
  // Parameters in an arena as text.
  std::string print(std::uint32_t address, abi::ValueArena& arena) const {
    call::FakeHandles exchange;
    const auto params = values.read_params(address, arena, exchange);
    return params ? print_all(*params) : params.error()[0].message;
  }

  std::shared_ptr<const call::FunctionShape> shape;
  call::CanonicalValues values;
  const abi::FunctionLayout& layout;
  TestHandles handles;
};

// The calls of the vectors: the types of vec:all/calls, and what was passed, as WAVE.
struct VectorCall {
  const char* id;
  const char* type;
  std::vector<const char*> arguments;
};

#define TENON_POINT "record{x: s32, y: u64, name: string, on: bool}"
#define TENON_SHAPE "variant{none, circle(f64), named(string), poly(list<" TENON_POINT ">)}"

inline const VectorCall kVectorCalls[] = {
    {"echo-string", "(s: string)", {"\"hello, wörld\""}},
    {"echo-record", "(p: " TENON_POINT ")", {"{x: -3, y: 1099511627776, name: \"pt\", on: true}"}},
    {"echo-option-none", "(o: option<u32>)", {"none"}},
    {"echo-option-some-624485", "(o: option<u32>)", {"some(624485)"}},
    {"echo-result-ok", "(r: result<string, enum{red, green, blue}>)", {"ok(\"yes\")"}},
    {"echo-result-err-green", "(r: result<string, enum{red, green, blue}>)", {"err(green)"}},
    {"echo-unit-result-err", "(r: result)", {"err"}},
    {"echo-variant-none", "(v: " TENON_SHAPE ")", {"%none"}},
    {"echo-variant-circle-1.5", "(v: " TENON_SHAPE ")", {"circle(1.5)"}},
    {"echo-variant-poly",
     "(v: " TENON_SHAPE ")",
     {"poly([{x: -3, y: 1099511627776, name: \"a\", on: true}, "
      "{x: -3, y: 1099511627776, name: \"b\", on: true}])"}},
    {"echo-enum-blue", "(c: enum{red, green, blue})", {"blue"}},
    {"echo-flags-a-c-i", "(p: flags{a, b, c, d, e, f, g, h, i})", {"{a, c, i}"}},
    {"echo-wide-w0-w19",
     "(p: flags{w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, w17, "
     "w18, w19})",
     {"{w0, w19}"}},
    {"echo-tuple",
     "(t: tuple<u8, s8, u16, s16, s64, f32, f64, char>)",
     {"(200, -2, 300, -300, -1099511627776, 1.5, nan, 'A')"}},
    {"echo-list-string", "(l: list<string>)", {"[\"a\", \"\", \"ccc\"]"}},
    {"echo-char-u3042", "(c: char)", {"'あ'"}},
    {"no-params", "()", {}},
    {"no-result", "(n: u32)", {"7"}},
    {"two-params", "(a: u32, b: string)", {"5", "\"x\""}},
};

#undef TENON_POINT
#undef TENON_SHAPE

// The arguments of a call as values.
inline std::vector<Value> arguments_of(const VectorCall& call, const TestFunction& function) {
  std::vector<Value> arguments;
  for (std::size_t i = 0; i < call.arguments.size(); ++i)
    arguments.push_back(*parse_wave(call.arguments[i], function.values.type().params()[i].type));
  return arguments;
}

// Where the data of a peer differs from that of 0.18, in a file of vectors.
inline Dialect dialect_of(std::string_view file) {
  return {.has_wide_flags = file.find("rust029") != file.npos,
          .has_char_numbers = file.find("goclient") != file.npos};
}

}  // namespace tenon::remote
