// A registry that is a folder: `<root>/<namespace>/<name>/<version>.wasm`, the layout of wkg's
// backend `local`, with the text of extension.toml beside it as `<version>.toml`.
//
// The root may be a link; below it none is followed, so that nothing outside of it is read or
// written. What has another name than the layout says is passed over.
#pragma once

#include <memory>
#include <string>

#include "registry/package_source.h"

namespace tenon::registry {

// root: an existing folder, except that `publish` makes it. publish takes a lock on the folder of
// the package, writes aside and links into place: who reads sees a whole version, or none.
[[nodiscard]] std::unique_ptr<PackageSource> make_directory_source(std::string root);

}  // namespace tenon::registry
