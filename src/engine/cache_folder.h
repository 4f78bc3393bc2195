// A folder of cached files that only this user can have written, each checked before it is used.
//
// Cached code runs as machine code of this process, so a file is used only if no other user can
// have written it and nothing has damaged it since:
//   - the folder is of mode 0700 and the user's own, and every folder above it is safe
//     (support/safe_path.h). It is opened once, and all that follows works below its descriptor, so
//     nobody can exchange it after the check;
//   - a file is a regular one of mode 0600 and the user's own. Links are not followed;
//   - a file ends with a hash over its content and its name. A hash is not a signature: it detects
//     a damaged disk and a file under another's name, while owners and modes stop other users.
// Files are written aside, flushed and renamed, so a reader sees all of one or none.
//
// Thread: any; processes and threads may share a folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::engine {

// Why something is not used; empty if it is.
using Refusal = std::optional<std::string>;

// A file of a cache folder, mapped for reading. Move-only.
class CacheFile final {
 public:
  CacheFile(CacheFile&& other) noexcept;
  CacheFile& operator=(CacheFile&&) = delete;
  ~CacheFile();

  // A missing file is not a refusal.
  [[nodiscard]] bool is_missing() const { return !file_.is_open() && !refusal_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  // As it was written; empty if the file is missing or refused. Lifetime: this object.
  [[nodiscard]] std::span<const std::uint8_t> content() const { return content_; }
  // A path that opens this very file, whatever its name leads to by now, and begins with the
  // content. Lifetime: this object.
  [[nodiscard]] std::string path() const;
  // Makes it the last one that `CacheFolder::trim` removes.
  void mark_used() const;

 private:
  friend class CacheFolder;
  CacheFile() : file_(-1) {}

  Descriptor file_;
  Refusal refusal_;
  std::span<const std::uint8_t> mapped_;
  std::span<const std::uint8_t> content_;
};

class CacheFolder final {
 public:
  // Makes the folder with its parents if it is missing. Errors: why it is not used.
  static Result<CacheFolder, std::string> open(const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] CacheFile read(const std::string& name) const;
  [[nodiscard]] Refusal write(const std::string& name, std::span<const std::uint8_t> content) const;

  // Removes regular files, those first that were written or marked longest ago, until the rest
  // takes at most `max_bytes`. The file `keep` is never removed. What cannot be read or removed is
  // left: other processes may do the same at the same time.
  void trim(std::uint64_t max_bytes, std::string_view keep) const;

 private:
  CacheFolder(std::filesystem::path path, Descriptor folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}

  std::filesystem::path path_;
  Descriptor folder_;
};

}  // namespace tenon::engine
