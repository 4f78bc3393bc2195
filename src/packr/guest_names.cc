#include "packr/guest_names.h"

#include <fmt/core.h>

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
    // In `HTTPError`, a word begins at an upper-case letter that follows or precedes a lower-case
    // one.
    const bool begins_word =
        i > 0 && is_upper(name[i]) && name[i - 1] != '_' && name[i - 1] != '-' &&
        (!is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1])));
    if (begins_word) label += '-';
    label += name[i] == '_' ? '-' : to_lower(name[i]);
  }
  return label;
}

std::optional<std::string_view> ExportNames::take(std::string_view interface,
                                                  std::string_view function) {
  const std::string rust_name = wire_field(function);
  const std::string prefix = interface.empty() ? std::string() : fmt::format("{}.", interface);
  for (const std::string& name :
       {fmt::format("{}{}", prefix, function), prefix + rust_name,
        fmt::format("{}#{}", interface, function), std::string(function), rust_name}) {
    const auto entry = unused_.find(name);
    if (entry == unused_.end()) continue;
    const std::string_view exported = *entry;
    unused_.erase(entry);
    return exported;
  }
  return std::nullopt;
}

std::vector<std::string_view> ExportNames::unused() const {
  std::vector<std::string_view> names;
  for (const std::string_view name : names_)
    if (!name.starts_with("__") && unused_.contains(name)) names.push_back(name);
  return names;
}

}  // namespace tenon::packr
