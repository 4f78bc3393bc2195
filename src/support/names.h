// Names that users write: the names near one that matched nothing, patterns over names, and the rule
// for names of units. tenon/text.h declares the near misses that programs use too.
//
//   near_misses("acme:tax/lob", exports)                   // {"acme:tax/lib"}
//   matches_glob("acme:stock/*", "acme:stock/lib@1.0.0")   // true: `*` crosses `/`, `:` and `@`
//   is_unit_name("tax-eu")                                 // true
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/text.h"

namespace tenon {

// Names further apart than this are not near.
inline constexpr std::size_t kNearMissDistance = 3;

// How many single-byte insertions, deletions, replacements and swaps of neighbours turn `a` into
// `b`; nothing if more than `bound`. Cost: at most (2 * bound + 1) * min(|a|, |b|) steps.
[[nodiscard]] std::optional<std::size_t> find_edit_distance(std::string_view a, std::string_view b,
                                                            std::size_t bound);

// As tenon/text.h has it for views.
// Lifetime: views into `candidates`.
[[nodiscard]] std::vector<std::string_view> near_misses(std::string_view wanted,
                                                        std::span<const std::string> candidates,
                                                        std::size_t limit = 3);

// The same for names that are often short: if `wanted` has two letters, one of them may be wrong.
// Lifetime: views into `candidates`.
[[nodiscard]] std::vector<std::string_view> near_function_names(
    std::string_view wanted, std::span<const std::string> candidates, std::size_t limit = 3);

// The hint for a name that is none of `names`: those that are near, or else what there is.
//
//   suggest_name("tex", {"tax"}, "units")   // "did you mean `tax`?"
//   suggest_name("log", {"tax"}, "units")   // "name one of the units: `tax`"
//   suggest_name("log", {}, "units")        // "remove it: there are no units"
[[nodiscard]] std::string suggest_name(std::string_view wanted, std::vector<std::string> names,
                                       std::string_view what);

// Patterns: `*` matches any run of characters, `?` one. Every other character matches itself, brackets
// too: item names such as `[method]bucket.get` contain brackets.

// True if `text` holds `*` or `?`.
bool has_wildcard(std::string_view text);

// Matches the whole of `text`. Bytes, not characters: `?` is one byte.
// Cost: at most |pattern| * |text| steps; no recursion.
bool matches_glob(std::string_view pattern, std::string_view text);

// Units and domains have names of this form.
inline constexpr std::string_view kUnitNameRule =
    "a unit name is a letter, then letters, digits and `-`, in lower case; `wasi` is taken";

// `[a-z][a-z0-9-]*`, and not `wasi`.
[[nodiscard]] bool is_unit_name(std::string_view name);

// Such a name like `name`. prefix: what it begins with if it would not.
[[nodiscard]] std::string propose_unit_name(std::string_view name, std::string_view prefix);

}  // namespace tenon
