// A folder as one file: a tar archive, compressed with gzip.
//
// The same files give the same bytes: there are no times, users or modes of the machine in it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::cli {

struct TarFile {
  std::string path;  // in the archive, `/` between parts
  std::string content;
};

// Files by path, each with mode 0644.
// Errors: write-file (a path is longer than the format has room for).
// Source: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952.
[[nodiscard]] Result<std::string> make_tar_gz(std::span<const TarFile> files);

}  // namespace tenon::cli
