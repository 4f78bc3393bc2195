// Files as a parameter: whoever reads or writes takes a `Files&`, so that tests run on files in
// memory (`memory_files.h`) and can inject the failure that they claim to handle.
//
//   Result<Bytes> component = read_file(files, "cart.wasm");
//   Result<std::vector<std::string>> all = find_paths(files, "build/*.wasm");
//
// Paths are the user's text: relative to the working folder, `/` between parts. They appear in
// diagnostics as given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/limits.h"
#include "tenon/result.h"

namespace tenon {

using Bytes = std::vector<std::uint8_t>;

// Lifetime of the result: of the text.
[[nodiscard]] inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What a path names, links followed. `Other` is a pipe or a device.
enum class FileKind { Missing, File, Folder, Other };

// Who names a file. A pipe or a device is read if the user names it, as in `<(command)`. One that
// is named by another file is refused: a pipe without a writer would block forever.
enum class NamedBy { User, File };

// Who may read a file that is written: as the umask says, or its owner alone (mode 0600).
enum class Access { Shared, OwnerOnly };

// Thread: an implementation may be used by one thread at a time.
class Files {
 public:
  virtual ~Files() = default;

  [[nodiscard]] virtual FileKind find_kind(const std::string& path) const = 0;

  // The whole content. A pipe is read to its end.
  // Errors: read-file (missing, a folder, no permission, a failing disk; `named_by` is File and it
  // is not a regular file), read-limit (more than `max_bytes` bytes; checked before memory is
  // reserved).
  [[nodiscard]] virtual Result<Bytes> read(const std::string& path, std::uint64_t max_bytes,
                                           NamedBy named_by) const = 0;

  // The names in a folder, without `.` and `..`, sorted by bytes.
  // Errors: read-file.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) const = 0;

  // Replaces the content of `path`. A reader sees the old content or the whole of the new: the
  // bytes go to a file beside it, which is then renamed. A link is followed, an existing file keeps
  // its mode unless `access` is OwnerOnly; a pipe or device is written in place. Errors:
  // write-file; nothing is left beside the path then.
  [[nodiscard]] virtual Result<void> write(const std::string& path,
                                           std::span<const std::uint8_t> content,
                                           Access access) = 0;
};

// The file system of the process.
class RealFiles final : public Files {
 public:
  [[nodiscard]] FileKind find_kind(const std::string& path) const override;
  [[nodiscard]] Result<Bytes> read(const std::string& path, std::uint64_t max_bytes,
                                   NamedBy named_by) const override;
  [[nodiscard]] Result<std::vector<std::string>> list(const std::string& folder) const override;
  [[nodiscard]] Result<void> write(const std::string& path, std::span<const std::uint8_t> content,
                                   Access access) override;
};

// The problem of a path where nothing is, with the names near it.
[[nodiscard]] Diagnostic missing_path(const Files& files, const std::string& path);

// The whole content, at most limits::kFileBytes.
// Errors: as Files::read; a path where nothing is comes with near names.
[[nodiscard]] Result<Bytes> read_file(const Files& files, const std::string& path,
                                      NamedBy named_by);

// The same as text, at most limits::kTextBytes; no encoding is checked.
// Errors: as Files::read.
[[nodiscard]] Result<std::string> read_text_file(const Files& files, const std::string& path,
                                                 NamedBy named_by);

// Every path that a pattern matches, sorted by bytes. `*` and `?` (glob.h) match within one part of
// the path, and a leading dot only where the pattern writes it. A pattern without wildcards names
// itself, if that exists. Nothing that matches is an empty list, not an error.
// Errors: read-file, for a folder that exists and cannot be listed.
[[nodiscard]] Result<std::vector<std::string>> find_paths(const Files& files,
                                                          std::string_view pattern);

// `folder` and `name` with one `/` between; `name` alone where folder is empty or name is absolute.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);

// Whether a relative path stays within the folder that it begins in. No link is followed.
[[nodiscard]] bool stays_inside(std::string_view path);

}  // namespace tenon
