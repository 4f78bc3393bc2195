#include "support/unit_name.h"

#include <algorithm>

namespace tenon {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_part(char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

bool is_unit_name(std::string_view name) {
  return !name.empty() && is_lower(name.front()) && name != "wasi" &&
         std::ranges::all_of(name, is_part);
}

std::string propose_unit_name(std::string_view name, std::string_view prefix) {
  std::string proposed;
  for (const char c : name) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    proposed += is_part(lower) ? lower : '-';
  }
  if (proposed.empty() || !is_lower(proposed.front())) proposed.insert(0, prefix);
  return proposed;
}

}  // namespace tenon
