// Finds a host bundle by the name of its folder.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "support/files.h"
#include "tenon/result.h"

namespace tenon::host {

// Returns the folder of a bundle. A `bundle` that contains `/` or is `.` or `..` is a path already.
// Otherwise it is the name of a folder with a `host.toml`; the first of `folders` that has one wins. Errors: host-bundle-not-found.
[[nodiscard]] Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                              std::span<const std::string> folders);

// The paths of the bundles in a folder, by name; empty if the folder cannot be listed.
[[nodiscard]] std::vector<std::string> list_bundles(const Files& files, const std::string& folder);

}  // namespace tenon::host
