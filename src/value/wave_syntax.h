// WAVE, the text of values for people. Its grammar is in docs/wave.md.
#pragma once

#include <cstddef>
#include <string_view>

#include "tenon/result.h"
#include "value/text_syntax.h"
#include "value/text_tree.h"

namespace tenon::value {

// Parses one value: the whole of `text`. Depth is bounded by limits::kNestingDepth.
// Errors: value-syntax, one problem, with its place. Lifetime: the tree refers to `text`.
[[nodiscard]] Result<TextTree> parse_wave_tree(std::string_view text, std::string_view file = {});

// Parses the arguments of a call, from the `(` at `begin` to the end, as a tuple. Without arguments
// it has no parts. Errors and lifetime: as above.
[[nodiscard]] Result<TextTree> parse_wave_arguments_tree(std::string_view text, std::size_t begin,
                                                         std::string_view file = {});

// Lifetime: static.
[[nodiscard]] const TextSyntax& wave_syntax();

}  // namespace tenon::value
