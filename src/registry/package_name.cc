#include "registry/package_name.h"

#include <cstddef>

namespace tenon::registry {

bool is_label(std::string_view text) {
  constexpr std::size_t kMost = 64;
  if (text.size() > kMost) return false;
  bool begins_word = true;
  for (const char c : text) {
    const bool is_letter = c >= 'a' && c <= 'z';
    const bool is_inner = !begins_word && ((c >= '0' && c <= '9') || c == '-');
    if (!is_letter && !is_inner) return false;
    begins_word = c == '-';
  }
  return !begins_word;
}

std::optional<PackageName> parse_package_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const std::string_view space = text.substr(0, colon);
  const std::string_view name = text.substr(colon + 1);
  if (!is_label(space) || !is_label(name)) return std::nullopt;
  return PackageName{.space = std::string(space), .name = std::string(name)};
}

std::string print_package_name(const PackageName& package) {
  return package.space + ':' + package.name;
}

}  // namespace tenon::registry
