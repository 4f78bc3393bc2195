// ext.lock:
//
//   schema = 1
//
//   [[extension]]
//   name = "square"
//   version = "0.1.0"
//   source = "/srv/square.wasm"
//   sha256 = "5e88.."
//   added = "2026-11-20T10:11:12Z"
//   provides = ["acme:square/lib@0.1.0"]
//   [[extension.needs]]
//   interface = "acme:math/lib@1.2.0"
//   from = "multiply"
//   version = "1.0.0"
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/sha256.h"
#include "extension/index.h"
#include "support/semver.h"
#include "support/toml_table.h"

namespace tenon::extension {

namespace {

std::string print_texts(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ", ";
    text += quote_toml(value);
  }
  return text;
}

void print_row(const Extension& extension, std::string& text) {
  const auto add = [&text](std::string_view key, std::string_view value) {
    text.append(key).append(" = ").append(quote_toml(value)).append("\n");
  };
  const auto add_all = [&text](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) text += fmt::format("{} = [{}]\n", key, print_texts(values));
  };
  text += "\n[[extension]]\n";
  add("name", extension.name);
  add("version", extension.version);
  add("source", extension.source);
  if (extension.asked != extension.source) add("asked", extension.asked);
  if (!extension.registry.empty()) add("registry", extension.registry);
  add("sha256", extension.digest);
  add("added", extension.added);
  add_all("provides", extension.libraries);
  add_all("grants", extension.grants);
  for (const ExtensionNeed& need : extension.needs)
    text +=
        fmt::format("[[extension.needs]]\ninterface = {}\nfrom = {}\nversion = {}\n",
                    quote_toml(need.interface), quote_toml(need.from), quote_toml(need.version));
}

LockedExtension read_row(TomlTable& row) {
  LockedExtension locked;
  locked.name = row.take_text("name", Presence::Required).value_or("");
  locked.version = row.take_text("version", Presence::Required).value_or("");
  locked.source = row.take_text("source", Presence::Required).value_or("");
  locked.asked = row.take_text("asked").value_or(locked.source);
  locked.registry = row.take_text("registry").value_or("");
  locked.digest = row.take_text("sha256", Presence::Required).value_or("");
  for (auto& [grant, where] : row.take_texts("grants")) locked.grants.push_back(std::move(grant));
  if (!locked.version.empty() && !parse_version(locked.version))
    row.complain_value("version", "is not a version", "version = \"1.2.0\"");
  if (!locked.digest.empty() && !engine::is_digest(locked.digest))
    row.complain_value("sha256", "must be 64 hexadecimal digits", "sha256 = \"0123..\"");
  // For readers only; an installation finds these in the component.
  (void)row.take_text("added");
  (void)row.take_texts("provides");
  row.take_rows("needs", [](TomlTable& need) {
    for (const char* const key : {"interface", "from", "version"}) (void)need.take_text(key);
  });
  return locked;
}

}  // namespace

std::string print_ext_lock(const Index& index) {
  std::string text = "# Made by tenon: what is installed. index.json decides.\nschema = 1\n";
  for (const Extension& extension : index.extensions) print_row(extension, text);
  return text;
}

Result<std::vector<LockedExtension>> parse_ext_lock(std::string_view text,
                                                    const std::string& file) {
  const Result<TomlDocument> root = parse_toml(text, file);
  if (!root) return root.error();
  Diagnostics problems;
  std::vector<LockedExtension> rows;
  TomlTable table(file, *root, problems);
  if (table.take_number("schema").value_or(1) != 1)
    table.complain_value("schema", "must be 1, the only schema that this tenon supports",
                         "schema = 1");
  table.take_rows("extension", [&](TomlTable& row) { rows.push_back(read_row(row)); });
  table.finish();
  if (!problems.empty()) return problems;
  return rows;
}

}  // namespace tenon::extension
