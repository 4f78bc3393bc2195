// Reads a text of any of packr's interface languages.
#pragma once

#include <cstddef>
#include <string_view>

#include "pact/tree.h"
#include "tenon/result.h"

namespace tenon::pact {

inline constexpr std::size_t kMaxTextBytes = std::size_t{1} << 22U;
// More are not told at once.
inline constexpr std::size_t kMaxProblems = 20;

// The text as a file. Comments are dropped.
//
// `-> _` is no result, as the guest's languages have it; in `exports` of an interface, which is the
// host's, it is one result that is nothing.
// Errors: pack-syntax, each with line, column and excerpt; reading goes on with the next item.
[[nodiscard]] Result<Scope> parse_pact(std::string_view text);

}  // namespace tenon::pact
