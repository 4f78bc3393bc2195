#include "extension/ext_lock.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "support/semver.h"
#include "support/sha256.h"
#include "support/toml_table.h"

namespace tenon::extension {

namespace {

std::string print_texts(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) {
    if (!text.empty()) text += ", ";
    text += quote_toml(one);
  }
  return text;
}

void print_row(const Extension& one, std::string& text) {
  const auto add = [&text](std::string_view key, std::string_view value) {
    text.append(key).append(" = ").append(quote_toml(value)).append("\n");
  };
  const auto add_all = [&text](std::string_view key, const std::vector<std::string>& all) {
    if (!all.empty()) text += fmt::format("{} = [{}]\n", key, print_texts(all));
  };
  text += "\n[[extension]]\n";
  add("name", one.name);
  add("version", one.version);
  add("source", one.source);
  if (one.asked != one.source) add("asked", one.asked);
  add("sha256", one.digest);
  add("added", one.added);
  add_all("provides", one.libraries);
  add_all("grants", one.grants);
  for (const ExtensionNeed& need : one.needs)
    text +=
        fmt::format("[[extension.needs]]\ninterface = {}\nfrom = {}\nversion = {}\n",
                    quote_toml(need.interface), quote_toml(need.from), quote_toml(need.version));
}

LockedExtension read_row(TomlTable& row) {
  LockedExtension made;
  made.name = row.take_text("name", Presence::Required).value_or("");
  made.version = row.take_text("version", Presence::Required).value_or("");
  made.source = row.take_text("source", Presence::Required).value_or("");
  made.asked = row.take_text("asked").value_or(made.source);
  made.digest = row.take_text("sha256", Presence::Required).value_or("");
  for (auto& [grant, where] : row.take_texts("grants")) made.grants.push_back(std::move(grant));
  if (!made.version.empty() && !parse_version(made.version))
    row.complain_value("version", "is no version", "version = \"1.2.0\"");
  if (!made.digest.empty() && !is_digest(made.digest))
    row.complain_value("sha256", "must be 64 digits 0-9 a-f", "sha256 = \"0123..\"");
  // What follows from the component.
  (void)row.take_text("added");
  (void)row.take_texts("provides");
  row.take_rows("needs", [](TomlTable& need) {
    for (const char* const key : {"interface", "from", "version"}) (void)need.take_text(key);
  });
  return made;
}

}  // namespace

std::string print_ext_lock(const Index& index) {
  std::string text = "# Made by tenon: what is installed. index.json decides.\nschema = 1\n";
  for (const Extension& one : index.extensions) print_row(one, text);
  return text;
}

Result<std::vector<LockedExtension>> parse_ext_lock(std::string_view text,
                                                    const std::string& file) {
  const Result<TomlDocument> root = parse_toml(text, file);
  if (!root) return root.error();
  Diagnostics problems;
  std::vector<LockedExtension> made;
  TomlTable table(file, *root, problems);
  if (table.take_number("schema").value_or(1) != 1)
    table.complain_value("schema", "must be 1, which is all that this tenon knows", "schema = 1");
  table.take_rows("extension", [&](TomlTable& row) { made.push_back(read_row(row)); });
  table.finish();
  if (!problems.empty()) return problems;
  return made;
}

}  // namespace tenon::extension
