// Values as text: WAVE for people, JSON for programs.
//
//   tenon::Result<tenon::Value> item = tenon::parse_wave("{name: \"tea\", price: 2.5}", type);
//   fmt::print("{}\n", tenon::print_wave(*item));
//
// Reading needs a type, because the text `1` can be a u8 or an f64, and `none` an option or a case.
// Printing needs none: a value knows its own kind. Printed text reads back as the equal value,
// except for handles. Docs: docs/wave.md. Thread: any.
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
  // The name of the text in messages: "argument 2", "order.wave". May be empty.
  std::string file;
  // Returns the handle with the number that the text has as `$3` (WAVE) or `{"$handle": 3}` (JSON),
  // or nothing if there is no such handle of the type, an own or a borrow. Without this function,
  // text that contains handles is an error (value-handle).
  std::function<std::optional<Value>(std::uint64_t id, const Type& type)> find_handle = nullptr;
};

// Reads WAVE text as a value of `type`. A syntax error is reported alone. Otherwise every part that
// does not fit the type is reported, with line, column, an excerpt and the expected type.
// Errors: value-syntax, value-type, value-range, value-label, value-handle.
[[nodiscard]] Result<Value> parse_wave(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// A call as text: `total([])`, `lib.total([])`, `acme:tax/lib@1.2.0.total([])`,
// `acme:tax/lib@1.2.0#total([])`, `[account.close](1)`.
struct WaveCall {
  std::string interface;  // "acme:tax/lib@1.2.0", "lib"; empty: the text names no interface
  // The names of exports that the text can mean, to be looked up in this order: {"total"};
  // {"[method]account.close", "[static]account.close"} for `[account.close]`;
  // {"[constructor]account"} for `[account]`.
  std::vector<std::string> functions;
  std::string text;                 // the whole text, which parse_wave_arguments reads
  std::size_t name_end = 0;         // offset in `text` of the end of the name
  std::size_t arguments_begin = 0;  // offset in `text` of `(`

  bool operator==(const WaveCall&) const = default;
};

// Reads the name in the text of a call; the arguments are not read. Errors: value-syntax.
[[nodiscard]] Result<WaveCall> parse_wave_call(std::string_view text,
                                               const ValueTextOptions& options = {});

// Reads the arguments of a call, and returns one value for each parameter. Arguments at the end can
// be left out if their type is an option. Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_wave_arguments(const WaveCall& call,
                                                              const FunctionType& function,
                                                              const ValueTextOptions& options = {});

// One argument of a call, as a text of its own: an argument of a command, the content of a file.
struct ArgumentText {
  enum class Form : std::uint8_t { Wave, Json };
  std::string text;
  Form form = Form::Wave;
  std::string file;  // the name of the text in messages, as in ValueTextOptions
};

// Reads the arguments of a call, each from its own text, and returns one value for each parameter.
// Arguments at the end can be left out if their type is an option.
// options: only `find_handle` is used. Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_arguments(std::span<const ArgumentText> arguments,
                                                         const FunctionType& function,
                                                         const ValueTextOptions& options = {});

// The name of a function in the text of a call: "total", "acme:bank/bank@1.0.0.[account.close]".
// interface: may be empty. function: the name of the export, such as "[method]account.close".
[[nodiscard]] std::string print_call_name(std::string_view interface, std::string_view function);

// Prints a value as one line of WAVE. A handle is printed as `<acme:db/sql.connection #3>`.
// Characters that could harm a terminal are escaped.
// max_bytes: roughly where a longer text is cut, with `...` at its end.
[[nodiscard]] std::string print_wave(
    const Value& value, std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

// Reads JSON text as a value of `type`. A problem has a path, such as `$.items[3].price`, instead
// of a line and a column. Errors: as parse_wave.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// How a list<u8> is printed: `[104,105]`, or `{"$b64":"aGk="}`. An empty list is `[]` in both.
enum class JsonBytes : std::uint8_t { Array, Base64 };

// Prints a value as one line of JSON, without spaces.
[[nodiscard]] std::string print_json(const Value& value, JsonBytes bytes = JsonBytes::Array);

// Checks that a value fits a type. Every part that does not fit is a problem with its path. Fields
// and flags can be in any order, and no field can be missing. Errors: value-type, value-label.
[[nodiscard]] Result<void> check_value(const Value& value, const Type& type);

}  // namespace tenon
