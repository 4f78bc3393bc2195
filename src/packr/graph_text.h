// packr's notation of values, and a form of it that loses nothing.
//
//   true  7u8  -1s64  1.5f32  'c'  "text"  flags(0x5)      scalars and strings
//   (a, b)  [a, b]  []<u8>                                 tuple, list, list without items
//   point{x: 1s32, y: 2s32}  shape::rect(a, b)  color::red record, variant
//   some<T>(a)  none<T>  ok<T, E>(a)  err<T, E>(a)         option, result
//   T: u8 ... string, flags, list<T>, option<T>, result<T, E>, tuple<T, U>, name
//
// packr cannot parse everything that it prints. It rejects NaN, infinities and names that are not
// identifiers, and it loses tags. It reads a name used as a type as the name of a record, and gives
// a list the type of its first item. `GraphTextForm::Exact` extends the notation for these cases, so
// that nothing is lost:
//
//   f32(0x7fc00000)  f64(0x7ff0000000000000)    a NaN or infinity, by its bits
//   shape::rect#2(a)                            a tag that is not 0
//   "größe"{"a b": 1u8}  "some"::"ok"           names that are keywords or not identifiers
//   [1s32]<string>                              a list of another type than that of its first item
//   variant<shape>  "u8"                        as types: a variant's name; a record's that is a
//   word
//   "\u{1b}"                                    characters that a terminal would not show
//
// `parse_graph_value` reads both. In packr's form: identifiers are [a-zA-Z_][a-zA-Z0-9_-]*, escapes
// \\ \" \n \r \t (in a char \' for \"), blanks go between words, a comma may end a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "packr/graph_value.h"
#include "tenon/result.h"

namespace tenon::packr {

enum class GraphTextForm : std::uint8_t { Packr, Exact };

[[nodiscard]] std::string print_graph_value(const GraphValue& value,
                                            GraphTextForm form = GraphTextForm::Packr);
[[nodiscard]] std::string print_graph_type(const GraphType& type,
                                           GraphTextForm form = GraphTextForm::Packr);

// Where and why a text could not be parsed.
struct GraphTextError {
  std::size_t offset = 0;  // bytes
  std::size_t line = 1;
  std::size_t column = 1;  // in characters
  std::string message;     // names in backticks, no full stop
};

// The value that the whole text says. What is printed in the exact form reads back as the equal
// value. Values and types nested more than kMaxGraphDepth levels, and trees of more than `budget`
// bytes of memory, are refused.
[[nodiscard]] Result<GraphValue, GraphTextError> parse_graph_value(
    std::string_view text, std::uint64_t budget = kGraphBudget);

}  // namespace tenon::packr
