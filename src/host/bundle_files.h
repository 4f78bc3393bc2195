// The files of a bundle that others need to use it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/manifest.h"
#include "tenon/host_bundle.h"
#include "tenon/result.h"

namespace tenon::host {

// More files and folders of the bundle, and what may have been changed by others all the same.
struct PackageWishes {
  std::span<const std::string> added;
  std::vector<std::string> trusted;
};

// By path. Errors: host-bundle-not-found (it has no host.toml), host-library (one of a machine is
// not there, or leads out of the bundle), host-untrusted, host-pin, read-file (a file leads out of
// the bundle, or `added` is not there); all of them at once.
[[nodiscard]] Result<std::vector<HostPackageFile>> read_package_files(const Manifest& manifest,
                                                                      const PackageWishes& wishes);

// The names in the bundle of which no file is packed.
[[nodiscard]] std::vector<std::string> list_left_out(const Manifest& manifest,
                                                     std::span<const HostPackageFile> packed);

}  // namespace tenon::host
