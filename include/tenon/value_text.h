// Values as text: WAVE for people, JSON for programs.
//
//   tenon::Result<tenon::Value> item = tenon::parse_wave("{name: \"tea\", price: 2.5}", type);
//   fmt::print("{}\n", tenon::print_wave(*item));
//
// Reading goes by a type: the text does not say whether `1` is a u8 or an f64, or whether `none` is
// an option. Printing does not: a value knows what it is. What is printed reads back as the equal
// value, handles apart. Docs: docs/wave.md. Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

struct ValueTextOptions {
  // What messages call the text: "argument 2", "order.wave". May be empty.
  std::string file;
  // Finds the handle that a text means by `$3` (WAVE) or `{"$handle": 3}` (JSON), fit for the type,
  // which is an own or a borrow; nothing if there is none. Without it no handle can be written.
  std::function<std::optional<Value>(std::uint64_t id, const Type& type)> find_handle = nullptr;
};

// Reads WAVE text as a value of `type`. A text that breaks the grammar has one problem; otherwise
// every part that does not fit has its own, with line, column, an excerpt and the expected type.
// Errors: value-syntax, value-type, value-range, value-label, value-handle.
[[nodiscard]] Result<Value> parse_wave(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// A call as text: `total([])`, `lib.total([])`, `acme:tax/lib@1.2.0.total([])`,
// `acme:tax/lib@1.2.0#total([])`, `[account.close](1)`.
struct WaveCall {
  std::string interface;  // "acme:tax/lib@1.2.0", "lib"; empty: none was named
  // The names that the function may have, in the order in which to look for them: {"total"};
  // {"[method]account.close", "[static]account.close"}; {"[constructor]account"} for `[account]`.
  std::vector<std::string> functions;
  std::string text;                 // the whole
  std::size_t name_end = 0;         // bytes of `text` that are the name
  std::size_t arguments_begin = 0;  // offset of `(`

  bool operator==(const WaveCall&) const = default;
};

// Takes the text of a call apart; its arguments are not looked at. Errors: value-syntax.
[[nodiscard]] Result<WaveCall> parse_wave_call(std::string_view text,
                                               const ValueTextOptions& options = {});

// Reads the arguments of a call, one value for each parameter; options at the end may be left out.
// Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_wave_arguments(const WaveCall& call,
                                                              const FunctionType& function,
                                                              const ValueTextOptions& options = {});

// An argument of a call as a text of its own.
struct ArgumentText {
  enum class Form : std::uint8_t { Wave, Json };
  std::string text;
  Form form = Form::Wave;
  std::string file;  // what messages call it, as in ValueTextOptions
};

// Reads the arguments of a call, a text for each parameter; options at the end may be left out.
// Of `options`, `find_handle` is used. Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_arguments(std::span<const ArgumentText> arguments,
                                                         const FunctionType& function,
                                                         const ValueTextOptions& options = {});

// How a call as text names a function: "total", "acme:bank/bank@1.0.0.[account.close]".
// interface: may be empty. function: as in WIT's binary form, "[method]account.close".
[[nodiscard]] std::string print_call_name(std::string_view interface, std::string_view function);

// One line of WAVE. A handle prints as `<acme:db/sql.connection #3>`. Characters that could harm a
// terminal are escaped. max_bytes: about where the text is cut, with `...`.
[[nodiscard]] std::string print_wave(
    const Value& value, std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

// Reads JSON text as a value of `type`. Problems name a path, such as `$.items[3].price`.
// Errors: as parse_wave.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// How a list<u8> is printed: `[104, 105]`, or `{"$b64": "aGk="}`, but `[]` when it is empty.
enum class JsonBytes : std::uint8_t { Array, Base64 };

// JSON on one line, without spaces.
[[nodiscard]] std::string print_json(const Value& value, JsonBytes bytes = JsonBytes::Array);

// Does a value fit a type? Every difference is a problem with its path. Fields and flags may stand
// in any order, none may be missing. Errors: value-type, value-label.
[[nodiscard]] Result<void> check_value(const Value& value, const Type& type);

}  // namespace tenon
