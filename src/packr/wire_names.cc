#include "packr/wire_names.h"

#include <algorithm>

namespace tenon::packr {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string wire_field(std::string_view label) {
  std::string name(label);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string wire_case(std::string_view label) {
  std::string name;
  bool begins_word = true;
  for (const char c : label) {
    if (c == '-' || c == '_') {
      begins_word = true;
      continue;
    }
    name += begins_word ? to_upper(c) : c;
    begins_word = false;
  }
  return name;
}

std::string label_of_field(std::string_view name) {
  std::string label(name);
  std::ranges::replace(label, '_', '-');
  return label;
}

std::string label_of_case(std::string_view name) {
  std::string label;
  for (std::size_t i = 0; i < name.size(); ++i) {
    // `HTTPError` is `http-error`: a word begins after a small letter, or before one.
    const bool begins_word =
        i > 0 && is_upper(name[i]) && name[i - 1] != '_' && name[i - 1] != '-' &&
        (!is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1])));
    if (begins_word) label += '-';
    label += name[i] == '_' ? '-' : to_lower(name[i]);
  }
  return label;
}

}  // namespace tenon::packr
