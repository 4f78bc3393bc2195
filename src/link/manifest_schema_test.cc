// The schema for editors, docs/tenon.schema.json, has the keys that the reader of tenon.toml knows. Its
// messages list these keys: each table is read with a key that is unlike all of them.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "link/manifest.h"
#include "support/diagnostics.h"

namespace tenon::link::manifest_schema_test {
namespace {

using Json = nlohmann::json;
using Keys = std::vector<std::string>;

Json read_schema() {
  std::ifstream file(TENON_SOURCE_DIR "/docs/tenon.schema.json");
  return Json::parse(file);
}

Keys keys_of(const Json& table) {
  Keys keys;
  for (const auto& [key, unused] : table.at("properties").items()) keys.push_back(key);
  return keys;
}

// The keys that the reader knows in a table. header: "[project]"; empty: the whole file.
Keys known_keys(std::string_view header) {
  constexpr std::string_view kNote = "known keys: ";
  const std::string text = header.empty()
                               ? "schema = 1\nqqqqqqqqqqqqqqqqqqqq = 1\n"
                               : fmt::format("schema = 1\n{}\nqqqqqqqqqqqqqqqqqqqq = 1\n", header);
  Keys keys;
  const Result<Request> read = parse_manifest(text, "tenon.toml");
  if (read) return keys;
  for (const Diagnostic& problem : read.error())
    for (const Note& note : problem.notes) {
      if (!note.text.starts_with(kNote)) continue;
      std::string_view rest = std::string_view(note.text).substr(kNote.size());
      while (true) {
        const std::size_t comma = rest.find(", ");
        keys.emplace_back(rest.substr(0, comma));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 2);
      }
    }
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  return keys;
}

TEST(ManifestSchema, HasTheKeysOfTheReader) {
  const Json schema = read_schema();
  EXPECT_EQ(keys_of(schema), known_keys(""));
  for (const auto& [key, table] : schema.at("properties").items()) {
    if (table.contains("properties")) {
      EXPECT_EQ(keys_of(table), known_keys(fmt::format("[{}]", key))) << key;
    }
    const bool is_list = table.contains("items");
    const Json& rest = is_list ? table.at("items") : table.value("additionalProperties", Json());
    if (!rest.is_object() || !rest.contains("$ref")) continue;
    const std::string name = rest.at("$ref").get<std::string>();
    const Json& row = schema.at("definitions").at(name.substr(name.rfind('/') + 1));
    EXPECT_EQ(keys_of(row),
              known_keys(is_list ? fmt::format("[[{}]]", key) : fmt::format("[{}.some]", key)))
        << key;
  }
  const Json& restart = schema.at("definitions").at("domain").at("properties").at("restart");
  EXPECT_EQ(keys_of(restart), known_keys("[domains.some.restart]"));
}

}  // namespace
}  // namespace tenon::link::manifest_schema_test
