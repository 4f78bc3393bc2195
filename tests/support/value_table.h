// The table of tests/values: the values that each language passes through guests.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"
#include "tests/support/test_scale.h"

namespace tenon {

struct TableValue {
  nlohmann::json json;    // of a long value: a part of it, a list or text
  std::string wave;       // empty: the value is long
  std::size_t times = 1;  // how many of these parts a long value has
};

// A function that returns its argument, or a tuple of its arguments, and values for it.
struct TableRow {
  std::string set;
  std::string interface;
  std::string function;
  bool is_spread = false;  // the arguments are the elements of a value
  std::vector<TableValue> values;

  // A call in WAVE.
  [[nodiscard]] std::string call(const TableValue& value) const {
    return function + (is_spread ? value.wave : "(" + value.wave + ")");
  }
};

// The rows of an interface, and the guests that have its functions.
struct TableSet {
  // Their paths, by language; empty: tools/guest_languages.py builds the guest.
  std::map<std::string, std::string> guests;
  std::string relay;  // the path of the guest that calls the program; empty: there is none
};

struct ValueTable {
  std::map<std::string, TableSet> sets;
  std::vector<TableRow> rows;
};

// The languages of guests, as names of tests.
inline constexpr const char* kTableLanguages[] = {"wat", "c", "rust", "py", "go"};

// Builds a guest if it is not in the cache, and returns its path, or null if its toolchain is not
// installed.
inline std::optional<std::string> build_table_guest(const std::string& language) {
  std::FILE* const output = popen(
      ("python3 " TENON_SOURCE_DIR "/tools/guest_languages.py path values-" + language).c_str(),
      "r");
  std::string path;
  for (int next = std::fgetc(output); next != EOF && next != '\n'; next = std::fgetc(output))
    path += static_cast<char>(next);
  constexpr int kNotInstalled = 77;
  const int status = pclose(output);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotInstalled) return std::nullopt;
  EXPECT_EQ(status, 0) << "the guest `" << language << "` was not built";
  return path;
}

inline ValueTable read_value_table() {
  std::ifstream file(TENON_SOURCE_DIR "/tests/values/gen/values.json");
  const nlohmann::json text = nlohmann::json::parse(file);
  EXPECT_EQ(text["languages"], nlohmann::json(kTableLanguages));
  const auto path_of = [](const nlohmann::json& path) {
    return path.is_null() ? std::string() : TENON_SOURCE_DIR "/" + path.get<std::string>();
  };
  ValueTable table;
  for (const auto& [name, set] : text["sets"].items()) {
    TableSet& added = table.sets[name];
    for (const auto& [language, path] : set["guests"].items())
      added.guests[language] = path_of(path);
    if (set.contains("relay")) added.relay = path_of(set["relay"]);
  }
  for (const nlohmann::json& row : text["rows"]) {
    TableRow& added = table.rows.emplace_back();
    added.set = row["set"].get<std::string>();
    added.interface = text["sets"][added.set]["interface"].get<std::string>();
    added.function = row["function"].get<std::string>();
    added.is_spread = row["spread"].get<bool>();
    for (const nlohmann::json& value : row["values"])
      added.values.push_back({value["json"], value.value("wave", ""), value.value("times", 1U)});
  }
  return table;
}

// The paths of a language's guests, by their sets. Errors: why its tests are skipped.
inline Result<std::map<std::string, std::string>, std::string> table_guests(
    const ValueTable& table, const std::string& language) {
  // The interpreter takes long to compile, and exercises the same functions as the other languages.
  if (language == "py" && kHasAddressSanitizer && !tests_everything())
    return std::string("takes minutes with a sanitizer: ./dev test --all");
  std::map<std::string, std::string> paths;
  std::optional<std::string> built;
  for (const auto& [name, set] : table.sets) {
    const auto guest = set.guests.find(language);
    if (guest == set.guests.end()) continue;
    if (guest->second.empty() && !built) built = build_table_guest(language);
    if (guest->second.empty() && !built)
      return std::string("the toolchain of this guest is not installed");
    paths[name] = guest->second.empty() ? *built : guest->second;
  }
  return paths;
}

}  // namespace tenon
