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

namespace {

std::vector<std::string> take_globs(TomlTable& table, std::string_view key) {
  std::vector<std::string> globs;
  for (auto& [glob, where] : table.take_texts(key)) globs.push_back(std::move(glob));
  return globs;
}

PolicyFile::Signatures read_signatures(TomlTable& row) {
  PolicyFile::Signatures signatures;
  signatures.rule.packages = take_globs(row, "packages");
  signatures.rule.registries = take_globs(row, "registries");
  for (auto& [path, where] : row.take_texts("signed-by"))
    signatures.keys.push_back({std::move(path), where});
  row.take_rows("identities", [&](TomlTable& identity) {
    signatures.rule.identities.push_back(
        {.identity = identity.take_text("identity", Presence::Required).value_or(""),
         .issuer = identity.take_text("issuer", Presence::Required).value_or(""),
         .statement = identity.take_name("statement")});
  });
  const Location where = row.where("trusted-root");
  if (const std::string root = row.take_name("trusted-root"); !root.empty())
    signatures.trusted_root = PolicyFile::NamedFile{root, where};
  if (!signatures.rule.identities.empty() && !signatures.trusted_root)
    row.complain_value("trusted-root", "must name a file, since there are `identities`",
                       "trusted-root = \"trusted_root.json\"");
  if (signatures.keys.empty() && signatures.rule.identities.empty())
    row.complain_value("signed-by", "must name the file of at least one public key",
                       "signed-by = [\"acme.pub\"]");
  return signatures;
}

}  // namespace

Result<PolicyFile> parse_policy(std::string_view text, const std::string& file) {
  const Result<TomlDocument> root = parse_toml(text, file);
  if (!root) return root.error();
  Diagnostics problems;
  TomlTable table(file, *root, problems);
  std::vector<std::string> globs = ExtensionPolicy().library_interfaces;
  if (table.has("library-interfaces")) globs = take_globs(table, "library-interfaces");
  for (const std::string& glob : globs)
    if (glob.find(':') == glob.npos || glob.find('@') != glob.npos)
      table.complain_value(
          "library-interfaces",
          fmt::format("has `{}`, which is not a pattern of interfaces without versions",
                      sanitize_text(glob)),
          "library-interfaces = [\"*:*/lib\"]");
  PolicyFile policy{LibraryPolicy(std::move(globs)), {}};
  table.take_rows("signatures",
                  [&](TomlTable& row) { policy.signatures.push_back(read_signatures(row)); });
  table.finish();
  if (!problems.empty()) return problems;
  return policy;
}

}  // namespace tenon::extension
