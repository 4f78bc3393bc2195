// What an instance of the bundle is configured with.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sqlite_adapter {

enum class Access { ReadWrite, ReadOnly };

struct Settings {
  std::optional<std::string> database;          // a file; absent: in memory
  std::optional<std::filesystem::path> folder;  // where guests may open files; no links in it
  Access access = Access::ReadWrite;
  std::chrono::milliseconds busy_timeout{5000};  // how long a call waits for another connection
  int max_value_bytes = 1'000'000;               // of one text, blob or row
  std::optional<std::int64_t> max_bytes;         // of one database
  std::int64_t max_connections = 64;             // at a time
};

}  // namespace sqlite_adapter
