// Patterns over names and paths: `*` stands for any run of characters, `?` for one; every other
// character, brackets too, stands for itself (item names such as `[method]bucket.get` hold
// brackets).
//
//   matches_glob("acme:stock/*", "acme:stock/lib@1.0.0")   // true: `*` crosses `/`, `:` and `@`
#pragma once

#include <string_view>

namespace tenon {

// True if `text` holds `*` or `?`.
bool has_wildcard(std::string_view text);

// Matches the whole of `text`. Bytes, not characters: `?` is one byte.
// Cost: at most |pattern| * |text| steps; no recursion.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace tenon
