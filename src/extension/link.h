// From an installed extension to a composition that runs: the builder of an extension and all it
// needs, with the wires that the store decided and the grants of each.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "extension/index.h"
#include "tenon/builder.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

// Adds the component of an extension to the builder, as a unit of this name.
using AddComponent = std::function<Result<void>(CompositionBuilder&, const std::string& unit,
                                                const Extension&, UnitOptions::Reading)>;

// Units have the names of their extensions. If two tracks of one extension are needed, the track is
// appended. Extensions that `root` needs only lazily are added with `WhenNeeded`, others with `AtLink`.
// Errors: config-value (a malformed grant); those of `add_component`.
[[nodiscard]] Result<CompositionBuilder> make_builder(const Index& index, const Extension& root,
                                                      const ExtensionOptions& options,
                                                      const AddComponent& add_component);

// Adds "fs=..", "net=..", "http=.." and "env=.." to `grants`. "host=.." has no effect here; find_ungranted
// checks it. extension: its name. Errors: config-value.
[[nodiscard]] Result<void> apply_grant(const std::string& grant, std::string_view extension,
                                       const ExtensionOptions& options, Grants& grants);

// Guarded interfaces of the host that `root` or something it needs imports without a grant:
// ext-unmet.
[[nodiscard]] Diagnostics find_ungranted(const Index& index, const Extension& root,
                                         const ExtensionOptions& options);

// Creates the folders that `$CACHE` stands for in grants of `root` and of all it needs.
// Errors: write-file.
[[nodiscard]] Result<void> make_private_folders(const Index& index, const Extension& root,
                                                const ExtensionOptions& options);
// Errors: write-file.
[[nodiscard]] Result<void> remove_private_folder(std::string_view extension,
                                                 const ExtensionOptions& options);

}  // namespace tenon::extension
