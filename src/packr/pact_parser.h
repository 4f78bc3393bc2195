// Reads a text of any of packr's interface languages.
#pragma once

#include <cstddef>
#include <string_view>

#include "packr/pact.h"
#include "tenon/result.h"

namespace tenon::packr {

inline constexpr std::size_t kMaxPactBytes = std::size_t{1} << 22U;
// More are not told at once.
inline constexpr std::size_t kMaxPactProblems = 20;

// The text as a file. Comments are dropped.
//
// `-> _` is no result, as the guest's languages have it; in `exports` of an interface, which is the
// host's, it is one result that is nothing.
// Errors: pack-syntax, each with line, column and excerpt; reading goes on with the next item.
[[nodiscard]] Result<PactScope> parse_pact(std::string_view text);

}  // namespace tenon::packr
