// The file system as a parameter. Code that reads or writes files takes a `Files&`, so tests can
// run on files in memory (`memory_files.h`) and inject failures.
//
//   Result<Bytes> component = read_file(files, "cart.wasm");
//   Result<std::vector<std::string>> all = find_paths(files, "build/*.wasm");
//
// Paths are text as the user wrote it, relative to the working folder, with `/` between the parts.
// Diagnostics show them unchanged.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon {

using Bytes = std::vector<std::uint8_t>;

// Lifetime: a view into `text`.
[[nodiscard]] inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The kind of file that a path leads to, after following links. `Other` is a pipe or a device.
enum class FileKind { Missing, File, Folder, Other };

// The identity of a file and the times of its last changes. If a path has the same state as before, its
// file has not changed. The kernel sets `changed` whenever the content, the name or the times change, so
// a program cannot set it back. Two changes within one tick of the file system's clock have one time.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t number = 0;  // of the inode
  std::uint64_t size = 0;
  std::chrono::nanoseconds modified{};
  std::chrono::nanoseconds changed{};  // since 1970

  bool operator==(const FileState&) const = default;
};

// Where the path of a file comes from. A pipe or a device is read if the user names it, as in
// `<(command)`, and refused if another file does: a pipe without a writer would block forever.
enum class NamedBy { User, File };

// Who may read a file that is written: Shared as the umask allows, OwnerOnly with mode 0600.
enum class Access { Shared, OwnerOnly };

// Thread: one at a time.
class Files {
 public:
  virtual ~Files() = default;

  [[nodiscard]] virtual FileKind find_kind(const std::string& path) const = 0;

  // Nothing if it is not a regular file.
  [[nodiscard]] virtual std::optional<FileState> find_state(const std::string& path) const = 0;

  // The whole content. A pipe is read to its end.
  // Errors: read-file (missing, a folder, no permission, a failing disk, or not a regular file
  // while `named_by` is File), read-limit (more than `max_bytes` bytes; checked before memory is
  // reserved).
  [[nodiscard]] virtual Result<Bytes> read(const std::string& path, std::uint64_t max_bytes,
                                           NamedBy named_by) const = 0;

  // The names in a folder, without `.` and `..`, sorted bytewise.
  // Errors: read-file.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;

  // Replaces the content of `path` atomically: the bytes are written to a new file beside it, which
  // is then renamed, so a reader sees either the old content or the new. Links are followed. An
  // existing file keeps its mode unless `access` is OwnerOnly. A pipe or device is written in
  // place.
  // Errors: write-file; the new file is removed then.
  [[nodiscard]] virtual Result<void> write(const std::string& path,
                                           std::span<const std::uint8_t> content,
                                           Access access) = 0;
};

// The file system of the process.
class RealFiles final : public Files {
 public:
  [[nodiscard]] FileKind find_kind(const std::string& path) const override;
  [[nodiscard]] std::optional<FileState> find_state(const std::string& path) const override;
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::uint64_t max_bytes,
                                   NamedBy named_by) const override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) const override;
  [[nodiscard]] Result<void> write(const std::string& path, std::span<const std::uint8_t> content,
                                   Access access) override;
};

// The error for a path that does not exist: read-file, with hints such as similar names.
[[nodiscard]] Diagnostic missing_path(const Files& files, const std::string& path);

// The whole content, at most limits::kFileBytes.
// Errors: as Files::read; for a missing file as `missing_path`.
[[nodiscard]] Result<Bytes> read_file(const Files& files, const std::string& path,
                                      NamedBy named_by);

// The same as text, at most limits::kTextBytes; the encoding is not checked.
// Errors: as Files::read.
[[nodiscard]] Result<std::string> read_text_file(const Files& files, const std::string& path,
                                                 NamedBy named_by);

// Every path that a pattern matches, sorted bytewise; an empty list if there is none. `*` and `?`
// (names.h) do not match `/`, and match a leading dot only if the pattern has one too. A pattern
// without wildcards matches the path itself, if it exists.
// Errors: read-file, for a folder that exists but cannot be listed.
[[nodiscard]] Result<std::vector<std::string>> find_paths(const Files& files,
                                                          std::string_view pattern);

// `folder` and `name` joined by one `/`; only `name` if `folder` is empty or `name` is absolute.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);

// True if a relative path does not lead out of the folder that it starts in, as "a/../.." does.
// This looks at the text alone: no link is followed.
[[nodiscard]] bool stays_inside(std::string_view path);

}  // namespace tenon
