// grants.toml:
//
//   schema = 1
//
//   [[extension]]
//   store = "/srv/shop/.tenon/ext"
//   name = "deploy"
//   component = "sha256.5e88.."          # or "/srv/shop/build/deploy.wasm" if it is linked
//   grants = ["net=api.example.com:443"]
#include "extension/grants_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "support/safe_path.h"
#include "support/state_file.h"
#include "support/toml_table.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

// The key of an extension's component: its digest, or the path of a linked file.
std::string component_of(const Extension& extension) {
  if (extension.link.empty()) return "sha256." + extension.digest;
  const std::string real = real_path(extension.link);
  return real.empty() ? extension.link : real;
}

Result<std::vector<GrantRow>> parse(std::string_view text, const std::string& file) {
  std::vector<GrantRow> rows;
  if (text.empty()) return rows;
  TENON_TRY(const TomlDocument document, parse_toml(text, file));
  Diagnostics problems;
  TomlTable table(file, document, problems);
  if (table.take_number("schema") != 1)
    table.complain_value("schema", "must be 1, the only schema that this tenon supports",
                         "schema = 1");
  table.take_rows("extension", [&](TomlTable& entry) {
    const auto take = [&](std::string_view key) {
      return entry.take_text(key, Presence::Required).value_or("");
    };
    GrantRow row{take("store"), take("name"), take("component"), {}};
    for (auto& [grant, where] : entry.take_texts("grants")) row.grants.push_back(std::move(grant));
    rows.push_back(std::move(row));
  });
  table.finish();
  if (!problems.empty()) return problems;
  return rows;
}

std::string print(const std::vector<GrantRow>& rows) {
  std::string text =
      "# Grants to extensions of projects, by the owner of this file: `tenon ext grant`.\n"
      "schema = 1\n";
  for (const GrantRow& row : rows) {
    std::string grants;
    for (const std::string& grant : row.grants)
      grants += fmt::format("{}{}", grants.empty() ? "" : ", ", quote_toml(grant));
    text +=
        fmt::format("\n[[extension]]\nstore = {}\nname = {}\ncomponent = {}\ngrants = [{}]\n",
                    quote_toml(row.store), quote_toml(row.name), quote_toml(row.component), grants);
  }
  return text;
}

}  // namespace

Result<std::vector<GrantRow>> GrantsFile::read() const {
  if (!is_used()) return std::vector<GrantRow>();
  TENON_TRY(const std::string text, read_state_file(path_));
  TENON_TRY(std::vector<GrantRow> rows, parse(text, path_));
  const std::string store = real_path(store_);
  std::erase_if(rows, [&](const GrantRow& row) { return row.store != store; });
  return rows;
}

void GrantsFile::apply(const std::vector<GrantRow>& rows, Index& index) const {
  if (!is_used()) return;
  for (Extension& extension : index.extensions) {
    extension.grants.clear();
    for (const GrantRow& row : rows)
      if (row.name == extension.name && row.component == component_of(extension))
        extension.grants = row.grants;
  }
}

Result<void> GrantsFile::save(const Index& index) const {
  if (!is_used()) return {};
  const std::string store = real_path(store_);
  return change_state_file(
      path_, [&](std::string_view before) -> Result<std::optional<std::string>> {
        TENON_TRY(std::vector<GrantRow> rows, parse(before, path_));
        std::erase_if(rows, [&](const GrantRow& row) { return row.store == store; });
        for (const Extension& extension : index.extensions)
          if (!extension.grants.empty())
            rows.push_back({store, extension.name, component_of(extension), extension.grants});
        std::string after = print(rows);
        if (after == before || (rows.empty() && before.empty()))
          return std::optional<std::string>();
        return std::optional(std::move(after));
      });
}

}  // namespace tenon::extension
