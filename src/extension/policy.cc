#include "extension/policy.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "support/names.h"
#include "support/terminal_text.h"
#include "support/toml_table.h"

namespace tenon::extension {

std::string_view base_name(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}

types::ItemName read_interface_name(const std::string& interface) {
  Result<types::ItemName> name = types::parse_item_name(interface);
  if (name) return *std::move(name);
  types::ItemName plain;
  plain.text = interface;
  return plain;
}

bool is_wasi_interface(std::string_view interface) { return interface.starts_with("wasi:"); }

bool is_host_interface(std::string_view interface) {
  return is_wasi_interface(interface) || interface.starts_with("tenon:");
}

void LibraryPolicy::set_host_interfaces(const std::vector<std::string>& names) {
  host_.clear();
  for (const std::string& name : names)
    if (auto pattern = resolve::parse_name_pattern(name)) host_.push_back(*std::move(pattern));
}

bool LibraryPolicy::is_host_provided(std::string_view interface) const {
  if (is_host_interface(interface)) return true;
  const Result<types::ItemName> name = types::parse_item_name(interface);
  return name && std::ranges::any_of(host_, [&](const resolve::NamePattern& pattern) {
           return resolve::matches_name(pattern, *name);
         });
}

bool LibraryPolicy::allows(std::string_view interface) const {
  if (is_host_interface(interface)) return false;
  return std::ranges::any_of(
      globs_, [&](const std::string& glob) { return matches_glob(glob, base_name(interface)); });
}

Result<LibraryPolicy> parse_policy(std::string_view text, const std::string& file) {
  const Result<TomlDocument> root = parse_toml(text, file);
  if (!root) return root.error();
  Diagnostics problems;
  TomlTable table(file, *root, problems);
  std::vector<std::string> globs;
  for (auto& [glob, where] : table.take_texts("library-interfaces")) {
    if (glob.find(':') == glob.npos || glob.find('@') != glob.npos)
      table.complain_value(
          "library-interfaces",
          fmt::format("has `{}`, which is not a pattern of interfaces without versions",
                      sanitize_text(glob)),
          "library-interfaces = [\"*:*/lib\"]");
    globs.push_back(std::move(glob));
  }
  table.finish();
  if (!problems.empty()) return problems;
  return LibraryPolicy(std::move(globs));
}

}  // namespace tenon::extension
