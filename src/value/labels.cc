#include "value/labels.h"

#include <algorithm>
#include <array>

#include "support/terminal_text.h"

namespace tenon::value {

bool is_keyword(std::string_view label) {
  constexpr std::array<std::string_view, 8> kKeywords = {"err",  "false", "inf",  "nan",
                                                         "none", "ok",    "some", "true"};
  static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));
  return std::binary_search(kKeywords.begin(), kKeywords.end(), label);
}

std::string print_case(std::string_view label) {
  return (is_keyword(label) ? "%" : "") + sanitize_text(label);
}

}  // namespace tenon::value
