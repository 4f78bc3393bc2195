// Files in memory, for tests. They behave as `RealFiles`, and can fail on demand:
//
//   MemoryFiles files;
//   files.add("shop/tenon.toml", "schema = 1\n");
//   files.fail("shop/cart.wasm", "input/output error");
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/files.h"

namespace tenon {

// A folder exists if it contains a file. Paths are compared as text, without `..` and links.
class MemoryFiles final : public Files {
 public:
  void add(std::string_view path, std::string_view content);
  void add(std::string_view path, std::span<const std::uint8_t> content);
  // Makes every later read, list and write of `path` fail with `reason`.
  void fail(std::string_view path, std::string reason);

  [[nodiscard]] FileKind find_kind(const std::string& path) const override;
  // Returns nothing: these files have no times.
  [[nodiscard]] std::optional<FileState> find_state(const std::string& path) const override;
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::uint64_t max_bytes,
                                   NamedBy named_by) const override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) const override;
  [[nodiscard]] Result<void> write(const std::string& path, std::span<const std::uint8_t> content,
                                   Access access) override;

 private:
  std::map<std::string, Bytes> contents_;
  std::map<std::string, std::string> failures_;
};

}  // namespace tenon
