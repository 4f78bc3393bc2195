// A folder of cached files that only this user can have written. Each file is checked before use.
//
// Cached code runs as machine code of this process, so a file is used only if no other user can
// have written it and nothing has damaged it since:
//   - The folder has mode 0700 and belongs to the user, and every folder above it is safe
//     (support/safe_path.h). It is opened once, and every later access goes through its descriptor,
//     so that it cannot be replaced after the check.
//   - A file is a regular file of mode 0600 that belongs to the user. Links are not followed.
//   - A file ends with a hash over its content and its name. The hash is not a signature: it
//     detects a damaged disk and a file under another name. Owners and modes keep other users out.
// Files are written under a temporary name and renamed, so a reader sees all of one or none. They
// are not flushed to the disk: what a crash of the machine leaves fails its check.
//
// Thread: any; processes and threads can share a folder.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::engine {

// The reason why a file or folder is not used; none if it is used.
using Refusal = std::optional<std::string>;

// The `run-cache` warning for it. what: "the cached code".
[[nodiscard]] Diagnostic make_cache_warning(const std::filesystem::path& path,
                                            std::string_view what, std::string_view why);

// A file of a cache folder, mapped for reading. Move-only.
class CacheFile final {
 public:
  CacheFile(CacheFile&& other) noexcept;
  CacheFile& operator=(CacheFile&&) = delete;
  ~CacheFile();

  // A missing file is not a refusal.
  [[nodiscard]] bool is_missing() const { return !file_.is_open() && !refusal_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  // The bytes that were passed to `write`; empty if the file is missing or refused.
  // Lifetime: this object.
  [[nodiscard]] std::span<const std::uint8_t> content() const { return content_; }
  // A path that opens this file, even if its name refers to another file by now. The file begins
  // with `content()`. Lifetime: this object.
  [[nodiscard]] std::string path() const;
  // Makes this the most recently used file for `CacheFolder::trim`.
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
  // Creates the folder with its parents if it is missing. Errors: the reason why it is not used.
  static Result<CacheFolder, std::string> open(const std::filesystem::path& folder);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] CacheFile read(const std::string& name) const;
  // The same. A refusal is a warning, too. what: as in `make_cache_warning`.
  [[nodiscard]] CacheFile read(const std::string& name, std::string_view what,
                               Diagnostics& warnings) const;
  [[nodiscard]] Refusal write(const std::string& name, std::span<const std::uint8_t> content) const;

  // A regular file of the folder.
  struct Entry {
    std::string name;
    std::uint64_t bytes = 0;
    struct timespec used = {};  // when it was written, or marked last
  };
  // Files that cannot be read are left out. In no order.
  [[nodiscard]] std::vector<Entry> list() const;
  // Returns false if it cannot be removed, as if another process has removed it.
  bool remove(const std::string& name) const;

  // Removes regular files, the least recently written or marked first, until the others take at
  // most `max_bytes`. The newest stays in any case. Ignores files that cannot be read or removed,
  // since other processes can trim the folder at the same time.
  void trim(std::uint64_t max_bytes) const;

 private:
  CacheFolder(std::filesystem::path path, Descriptor folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}

  std::filesystem::path path_;
  Descriptor folder_;
};

}  // namespace tenon::engine
