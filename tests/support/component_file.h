// Writes component files for tests, from text.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "engine/wat.h"

namespace tenon {

inline void write_component(const std::filesystem::path& path, std::string_view text) {
  const Result<std::vector<std::uint8_t>> bytes = engine::wat_to_wasm(path.string(), text);
  ASSERT_TRUE(bytes.has_value()) << bytes.error()[0].message;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes->data()),
             static_cast<std::streamsize>(bytes->size()));
}

}  // namespace tenon
