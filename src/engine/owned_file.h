// Files that nobody but this user can have written: in a folder of mode 0700, each of mode 0600,
// all of the user's own. What is read from one is as trustworthy as the program itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace tenon::engine {

// Why something is not used; empty means that it is.
using Refusal = std::optional<std::string>;

// Makes the folder with its parents if it is missing, and refuses one that others may write to.
[[nodiscard]] Refusal open_owned_folder(const std::filesystem::path& folder);

// A file of such a folder, mapped for reading. Move-only.
class OwnedFile final {
 public:
  // Refuses what is not a regular file of this user's and of mode 0600. A missing file is no
  // refusal. Links are not followed.
  static OwnedFile open(const std::filesystem::path& path);

  OwnedFile(OwnedFile&& other) noexcept;
  OwnedFile& operator=(OwnedFile&&) = delete;
  ~OwnedFile();

  [[nodiscard]] bool is_missing() const { return missing_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  // Empty if it is missing or refused. Lifetime: this object.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  OwnedFile() = default;

  bool missing_ = false;
  Refusal refusal_;
  std::span<const std::uint8_t> bytes_;
};

// Writes the parts one after the other, aside, and renames: a reader sees all of the file or none.
[[nodiscard]] Refusal write_owned_file(const std::filesystem::path& path,
                                       std::initializer_list<std::span<const std::uint8_t>> parts);

}  // namespace tenon::engine
