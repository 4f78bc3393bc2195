// "did you mean": the names near a name that matched nothing. tenon/text.h declares what programs
// use too; this is the rest.
//
//   near_misses("acme:tax/lob", exports)   // {"acme:tax/lib"}
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

}  // namespace tenon
