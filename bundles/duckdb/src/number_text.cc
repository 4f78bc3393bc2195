#include "number_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace duckdb_adapter {

std::string print_scaled(std::uint64_t upper, std::uint64_t lower, Sign sign, unsigned scale) {
  std::string digits;  // the last one first
  auto rest = static_cast<unsigned __int128>(upper) << 64U | lower;
  // One digit stands before the point at least.
  while (rest != 0 || digits.size() <= scale) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (scale != 0) digits.insert(scale, 1, '.');
  if (sign == Sign::Minus) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

std::string print_uuid(std::uint64_t upper, std::uint64_t lower) {
  upper ^= std::uint64_t{1} << 63U;
  std::array<char, 37> text = {};
  std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%04x-%012llx",
                static_cast<unsigned>(upper >> 32U), static_cast<unsigned>(upper >> 16U & 0xFFFFU),
                static_cast<unsigned>(upper & 0xFFFFU), static_cast<unsigned>(lower >> 48U),
                static_cast<unsigned long long>(lower & 0xFFFFFFFFFFFFU));
  return text.data();
}

}  // namespace duckdb_adapter
