// A package source that is a folder: `<root>/<namespace>/<name>/<version>.wasm`, the layout of
// wkg's backend `local`, with the text of extension.toml beside each component as `<version>.toml`.
//
// The root can be a symbolic link. Below it links are not followed, so that nothing outside the
// root is read or written. Files whose names do not fit the layout are ignored.
#pragma once

#include <memory>
#include <string>

#include "registry/package_source.h"

namespace tenon::registry {

// root: an existing folder; only `publish` creates it. `publish` locks the folder of the package,
// writes temporary files and renames them, so a reader sees a whole version or none.
[[nodiscard]] std::unique_ptr<PackageSource> make_directory_source(std::string root);

}  // namespace tenon::registry
