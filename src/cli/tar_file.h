// Writes a tar archive, compressed with gzip.
//
// The same files give the same bytes: the archive has no times, users or modes of the machine.
#pragma once

#include <span>
#include <string>

#include "tenon/result.h"

namespace tenon::cli {

struct TarFile {
  std::string path;  // in the archive, with `/` between parts
  std::string content;
};

// The archive with these files in their order, each with mode 0644.
// Errors: write-file (a path is too long for the format).
// Source: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952.
[[nodiscard]] Result<std::string> make_tar_gz(std::span<const TarFile> files);

}  // namespace tenon::cli
