// Labels in WAVE: which words are keywords, and how a label is written.
#pragma once

#include <string>
#include <string_view>

namespace tenon::value {

// `true`, `false`, `inf`, `nan`, `some`, `none`, `ok`, `err`: as a case they need `%` before them.
[[nodiscard]] bool is_keyword(std::string_view label);

// A case as WAVE writes it: `%ok`, `days`.
[[nodiscard]] std::string print_case(std::string_view label);

}  // namespace tenon::value
