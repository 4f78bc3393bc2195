// Test support: vectors of tests/vectors, which other programs generated.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

// Reads all lines of tests/vectors/`name`.
inline std::vector<nlohmann::json> read_vectors(const std::string& name) {
  std::ifstream file(TENON_SOURCE_DIR "/tests/vectors/" + name);
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) rows.push_back(nlohmann::json::parse(line));
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

inline std::string text_of(const nlohmann::json& json, const char* key) {
  return json.at(key).get<std::string>();
}

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

inline std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes)
    for (const int shift : {4, 0}) text += "0123456789abcdef"[(byte >> shift) & 15];
  return text;
}

}  // namespace tenon
