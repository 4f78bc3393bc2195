// Where a host bundle is that a user calls by its folder's name.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/files.h"
#include "tenon/result.h"

namespace tenon::host {

// bundle: a path, if it has a `/` or is `.` or `..`; else the name of a folder with a `host.toml`
// in one of `folders`, the first that has one. Errors: host-bundle-not-found.
[[nodiscard]] Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                              std::span<const std::string> folders);

// The bundles that lie in a folder, as paths, by name; none if it cannot be listed.
[[nodiscard]] std::vector<std::string> list_bundles(const Files& files, const std::string& folder);

}  // namespace tenon::host
