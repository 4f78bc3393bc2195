// Finds libduckdb, for tests that need it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace tenon {

// The library of `./dev setup --with-duckdb`, or TENON_DUCKDB; nothing if it does not exist.
[[nodiscard]] inline std::optional<std::string> find_duckdb() {
  if (const char* const named = std::getenv("TENON_DUCKDB")) return named;
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  const std::filesystem::path folder = cache != nullptr && *cache != '\0'
                                           ? std::filesystem::path(cache)
                                           : std::filesystem::path(home ? home : "") / ".cache";
  const std::filesystem::path library = folder / "tenon/duckdb/libduckdb.so";
  if (!std::filesystem::exists(library)) return std::nullopt;
  return library.string();
}

}  // namespace tenon
