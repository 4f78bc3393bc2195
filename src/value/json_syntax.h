// JSON, the text of values for programs. The forms of each type are in docs/wave.md.
#pragma once

#include <string_view>

#include "tenon/result.h"
#include "value/text_syntax.h"
#include "value/text_tree.h"

namespace tenon::value {

// Parses one value: the whole of `text`. Depth is bounded by what a value of limits::kNestingDepth
// needs. Errors: value-syntax, one problem, with its place.
[[nodiscard]] Result<TextTree> parse_json_tree(std::string_view text, std::string_view file = {});

// Lifetime: static.
[[nodiscard]] const TextSyntax& json_syntax();

}  // namespace tenon::value
