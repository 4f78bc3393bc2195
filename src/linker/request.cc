#include "linker/request.h"

#include <algorithm>

namespace tenon::linker {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view stem_of(std::string_view path) {
  if (const std::size_t slash = path.find_last_of('/'); slash != path.npos)
    path.remove_prefix(slash + 1);
  const std::size_t dot = path.find_last_of('.');
  return dot == path.npos || dot == 0 ? path : path.substr(0, dot);
}

}  // namespace

std::string unit_name_of(std::string_view path) {
  std::string name;
  for (const char c : stem_of(path)) {
    if (is_upper(c)) {
      name.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      name.push_back(is_lower(c) || is_digit(c) ? c : '-');
    }
  }
  if (name.empty() || !is_lower(name.front())) name.insert(name.begin(), 'u');
  return name;
}

std::string propose_unit_name(std::string_view name) {
  std::string proposed = unit_name_of(name);
  if (!is_unit_name(proposed)) proposed += "-unit";
  return proposed;
}

bool is_unit_name(std::string_view name) {
  return !name.empty() && is_lower(name.front()) && name != "wasi" &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

}  // namespace tenon::linker
