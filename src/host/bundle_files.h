// The files of a bundle that others need to use it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/manifest.h"
#include "tenon/inspect.h"
#include "tenon/result.h"

namespace tenon::host {

struct PackageOptions {
  std::span<const std::string> added;  // more files and folders of the bundle
  std::vector<std::string> trusted;    // accepted even if other users can change them
};

// Reads the files of a bundle, sorted by path. Errors: host-bundle-not-found (there is no
// host.toml), host-library (the library for a machine is missing or outside of the bundle),
// host-untrusted, host-pin, read-file (a file is outside of the bundle, or one of `added` is
// missing). All problems are reported.
[[nodiscard]] Result<std::vector<HostPackageFile>> read_package_files(
    const Manifest& manifest, const PackageOptions& options);

// The names in the bundle's folder under which no file is packed.
[[nodiscard]] std::vector<std::string> list_left_out(const Manifest& manifest,
                                                     std::span<const HostPackageFile> packed);

}  // namespace tenon::host
