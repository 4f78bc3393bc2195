// The words of packr's notation, for printer and parser, and the type that a list takes from its
// first item.
#pragma once

#include <optional>
#include <string_view>

#include "packr/graph_value.h"

namespace tenon::packr {

// [a-zA-Z_][a-zA-Z0-9_-]*
[[nodiscard]] bool is_identifier(std::string_view text);
// The length of the identifier that `text` begins with, or 0.
[[nodiscard]] std::size_t find_identifier_end(std::string_view text);

// Whether a value may begin with the word as something other than a name.
[[nodiscard]] bool is_value_word(std::string_view word);

// The kind that a type of that word has.
[[nodiscard]] std::optional<NodeKind> find_type_word(std::string_view word);
// Of every kind but Array, Record and Variant; those are said by names.
[[nodiscard]] std::string_view type_word(NodeKind kind);

// The type that packr says a value has: names of records and variants, what containers carry,
// the items of tuples.
[[nodiscard]] GraphType infer_type(const GraphValue& value);
// Memory that it takes.
[[nodiscard]] std::uint64_t measure_inferred_type(const GraphValue& value);
// Whether `type` is that type, without making it.
[[nodiscard]] bool infers_type(const GraphValue& value, const GraphType& type);

}  // namespace tenon::packr
