// Names that users write: the names near one that matched nothing, patterns over names, and the
// rule for names of units.
//
//   near_misses("acme:tax/lob", exports)                   // {"acme:tax/lib"}
//   did_you_mean(near)                                     // "did you mean `acme:tax/lib`?"
//   matches_glob("acme:stock/*", "acme:stock/lib@1.0.0")   // true: `*` crosses `/`, `:` and `@`
//   is_unit_name("tax-eu")                                 // true
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Names further apart than this are not near.
inline constexpr std::size_t kNearMissDistance = 3;

// The number of single-byte insertions, deletions, replacements and swaps of adjacent bytes that
// turn `a` into `b`; nothing if it is above `bound`. Cost: (2 * bound + 1) * min(|a|, |b|) steps.
[[nodiscard]] std::optional<std::size_t> find_edit_distance(std::string_view a, std::string_view b,
                                                            std::size_t bound);

// Returns the candidates that are similar to `wanted`, without duplicates and at most `limit` of
// them. Sorted by edit distance, then candidates with the same namespace (the text before the first
// `:`), then by bytes, so the result does not depend on the order of `candidates`. Similar means an
// edit distance of at most 3 and less than half of the length of `wanted`; case is ignored.
// Lifetime: views into `candidates`.
[[nodiscard]] std::vector<std::string_view> near_misses(
    std::string_view wanted, std::span<const std::string_view> candidates, std::size_t limit = 3);
[[nodiscard]] std::vector<std::string_view> near_misses(std::string_view name,
                                                        std::span<const std::string> candidates,
                                                        std::size_t limit = 3);

// Returns the hint "did you mean `a`?", "did you mean `a` or `b`?" and so on; empty if there are no
// names.
[[nodiscard]] std::string did_you_mean(std::span<const std::string_view> names);

// Near misses for function names, which are often short: a name of two letters may differ in one.
// Lifetime: views into `candidates`.
[[nodiscard]] std::vector<std::string_view> near_function_names(
    std::string_view name, std::span<const std::string> candidates, std::size_t limit = 3);

// The hint for an unknown name: the near ones among `names`, or else a list of all.
// what: what the names are, in the plural.
//
//   suggest_name("tex", {"tax"}, "units")   // "did you mean `tax`?"
//   suggest_name("log", {"tax"}, "units")   // "name one of the units: `tax`"
//   suggest_name("log", {}, "units")        // "remove it: there are no units"
[[nodiscard]] std::string suggest_name(std::string_view name, std::vector<std::string> names,
                                       std::string_view what);

// How messages name a function: "acme:tax/lib@1.0.0#rate". interface: empty for a bare function.
[[nodiscard]] std::string shown_name(std::string_view interface, std::string_view name);

// True if `text` contains `*` or `?`.
bool has_wildcard(std::string_view text);

// True if the pattern matches all of `text`. `*` matches any run of bytes, `?` one byte. Every
// other byte matches itself, brackets too, because item names such as `[method]bucket.get` contain
// them.
// Cost: at most |pattern| * |text| steps; no recursion.
bool matches_glob(std::string_view pattern, std::string_view text);

// The names of units and domains: `[a-z][a-z0-9-]*`, except `wasi`.
inline constexpr std::string_view kUnitNameRule =
    "a unit name is a lowercase letter followed by lowercase letters, digits and `-`; `wasi` is "
    "reserved";

[[nodiscard]] bool is_unit_name(std::string_view name);

// A valid name made from `name`. Characters other than ASCII become a number, which differs for
// different names. prefix: put in front if the result would not start with a letter.
[[nodiscard]] std::string propose_unit_name(std::string_view name, std::string_view prefix);
// The unit name for a file: its stem in lower case, with all characters other than a-z, 0-9 and `-`
// replaced by `-`. It starts with a letter: "7zip.wasm" gives "u7zip". It can be one that units must not have.
[[nodiscard]] std::string unit_name_of(std::string_view path);
// A valid unit name that resembles `name`, which is not valid.
[[nodiscard]] std::string propose_unit_name(std::string_view name);

}  // namespace tenon
