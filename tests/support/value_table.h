// The table of tests/values: the values that each language passes through guests.
#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

struct TableValue {
  nlohmann::json json;    // of a long value: a part of it, a list or text
  std::string wave;       // empty: the value is long
  std::size_t times = 1;  // how many of these parts a long value has
};

// A function that returns its argument, or a tuple of its arguments, and values for it.
struct TableRow {
  std::string guest;
  std::string interface;
  std::string function;
  bool is_spread = false;  // the arguments are the elements of a value
  std::vector<TableValue> values;

  // A call in WAVE.
  [[nodiscard]] std::string call(const TableValue& value) const {
    return function + (is_spread ? value.wave : "(" + value.wave + ")");
  }
};

struct ValueTable {
  std::map<std::string, std::string> guests;  // their paths
  std::string relay;                          // the path of the guest that calls the program
  std::vector<TableRow> rows;
};

inline ValueTable read_value_table() {
  std::ifstream file(TENON_SOURCE_DIR "/tests/values/gen/values.json");
  const nlohmann::json text = nlohmann::json::parse(file);
  const auto path_of = [](const nlohmann::json& path) {
    return TENON_SOURCE_DIR "/" + path.get<std::string>();
  };
  ValueTable table{.relay = path_of(text["relay"])};
  for (const auto& [name, guest] : text["guests"].items())
    table.guests[name] = path_of(guest["path"]);
  for (const nlohmann::json& row : text["rows"]) {
    TableRow& made = table.rows.emplace_back();
    made.guest = row["guest"].get<std::string>();
    made.interface = text["guests"][made.guest]["interface"].get<std::string>();
    made.function = row["function"].get<std::string>();
    made.is_spread = row["spread"].get<bool>();
    for (const nlohmann::json& value : row["values"])
      made.values.push_back({value["json"], value.value("wave", ""), value.value("times", 1U)});
  }
  return table;
}

}  // namespace tenon
