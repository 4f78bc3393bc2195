// Where a host bundle is that a user calls by its folder's name.
#pragma once

#include <span>
#include <string>

#include "support/files.h"
#include "tenon/result.h"

namespace tenon::host {

// bundle: a path, if it has a `/` or is `.` or `..`; else the name of a folder with a `host.toml`
// in one of `folders`, the first that has one. Errors: host-bundle-not-found.
[[nodiscard]] Result<std::string> find_bundle(const Files& files, const std::string& bundle,
                                              std::span<const std::string> folders);

}  // namespace tenon::host
