// Opens files that no other user could have changed.
//
// A file is safe if it, every folder above it up to `/`, and every symbolic link on the way belong
// to root or to the effective user, and nobody else can write to them: neither others nor the
// group, unless that is the private group of root or of the user. Anyone may add files to a folder
// with the sticky bit, but can neither remove nor rename those of others, so such a folder is safe.
// This is the rule of `StrictModes` in sshd, with private groups as Debian's sshd has them.
//
// The path is walked with `openat`, one part at a time and never through a link, and each part is
// checked on the descriptor that the next one is opened from. So what is opened is what was
// checked: nobody can exchange it in between.
#pragma once

#include <sys/stat.h>

#include <span>
#include <string>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon {

struct SafeFile {
  Descriptor file;
  std::string path;  // absolute, without links
  struct stat status;
};

// Why a path was not opened.
struct UnsafePath {
  int error = 0;           // errno; 0: `entry` can be changed by others
  std::string entry = {};  // the path of the first such file, folder or link
  std::string shown = {};  // the same as `ls -ld` shows it: "drwxrwxrwx root root /srv/hosts"
};

// "Permission denied": the error of `path`, for messages.
[[nodiscard]] std::string describe_error(const UnsafePath& path);

// Opens a file or folder for reading. A pipe is opened without waiting for its writer.
// trusted: files and folders, without links, that are taken with all that is in them, whoever can
// change them. Thread: any.
[[nodiscard]] Result<SafeFile, UnsafePath> open_safe(const std::string& path,
                                                     std::span<const std::string> trusted = {});

// Whether only root and the effective user could have changed what `status` describes.
[[nodiscard]] bool is_safe(const struct stat& status);

// "drwxrwxrwx root root /srv/hosts", as `ls -ld` shows it.
[[nodiscard]] std::string show_entry(const std::string& path, const struct stat& status);

// Whether `path` is `folder` or in it. Both are absolute, without links.
[[nodiscard]] bool is_in_folder(std::string_view path, std::string_view folder);

// The path without links; empty if there is no such file.
[[nodiscard]] std::string real_path(const std::string& path);

}  // namespace tenon
