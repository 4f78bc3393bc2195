// Opens files that no other user could have changed, such as native code and the list of trusted
// folders.
//
// A file is safe if the file itself, every folder above it up to `/`, and every symbolic link on
// the way belong to root or to the effective user, and no one else can write to them: not others,
// and not the group, unless it is the private group of root or of the user. A folder with the
// sticky bit is safe, because anyone may add files there but only their owners can remove or rename
// them. This is the rule of `StrictModes` in sshd, with private groups as in Debian's sshd.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon {

struct SafeFile {
  Descriptor file;
  std::string path;  // absolute, links resolved
  struct stat status;
};

// The reason why a path was not opened.
struct UnsafePath {
  int error = 0;           // errno; 0 if others can change `entry`
  std::string entry = {};  // path of the first file, folder or link that others can change
  std::string shown = {};  // `entry` as in `ls -ld`: "drwxrwxrwx root root /srv/hosts"
};

// The error of `path` for a message, such as "Permission denied".
[[nodiscard]] std::string describe_error(const UnsafePath& path);

// Opens a file or folder for reading. A pipe is opened without waiting for its writer.
// trusted: files and folders (absolute, links resolved) that are accepted with everything in them,
//          even if others can change them.
// Thread: any.
[[nodiscard]] Result<SafeFile, UnsafePath> open_safe(const std::string& path,
                                                     std::span<const std::string> trusted = {});

// True if only root and the effective user could have changed the file that `status` describes.
[[nodiscard]] bool is_safe(const struct stat& status);

// A line as `ls -ld` prints it: "drwxrwxrwx root root /srv/hosts".
[[nodiscard]] std::string show_entry(const std::string& path, const struct stat& status);

// True if `path` is `folder` or inside it. Both are absolute, with links resolved.
[[nodiscard]] bool is_in_folder(std::string_view path, std::string_view folder);

// The absolute path with links resolved; empty if there is no such file.
[[nodiscard]] std::string real_path(const std::string& path);

}  // namespace tenon
