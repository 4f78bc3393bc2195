// What a linking verb links: the components named on the command line, or a manifest.
#pragma once

#include <string>
#include <vector>

#include "cli/link_flags.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

struct LinkRequest {
  std::vector<std::string> components;  // FILE, NAME=FILE, folder or glob; none: the manifest
  std::vector<std::string> helpers;     // --with: each must be used
  // Whether a single component is the root, as for `run FILE`.
  enum class FirstIsRoot { No, Yes } first_is_root = FirstIsRoot::No;
  LinkFlags flags;
};

// The tenon.lock of a request: beside its manifest, or here. Errors: config-usage.
[[nodiscard]] Result<std::string> find_lock(const LinkRequest& request);

// A builder with everything that the request names. Components replace the manifest; without them,
// or with one folder that holds a tenon.toml, that manifest is read. The standard streams are open
// unless the manifest says otherwise. Errors: config-usage, those of
// CompositionBuilder::add_argument and read_manifest.
[[nodiscard]] Result<CompositionBuilder> make_builder(const LinkRequest& request);

}  // namespace tenon::cli
