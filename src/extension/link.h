// An extension and all that it needs, as a builder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "extension/index.h"
#include "tenon/composition.h"
#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::extension {

// Adds the component of an extension.
using AddComponent =
    std::function<Result<void>(CompositionBuilder&, const std::string& unit, const Extension&)>;

// What the units of a closure are called: the extension's name, with the track behind it where two
// tracks of one name are in it.
// Errors: config-value (a grant that cannot be read); those of `add_component`.
[[nodiscard]] Result<CompositionBuilder> make_builder(const Index& index, const Extension& root,
                                                      const ExtensionOptions& options,
                                                      const AddComponent& add_component);

// Adds "fs=..", "net=.." and "env=.." to `grants`; "host=.." is found by find_ungranted.
// extension: its name. Errors: config-value.
[[nodiscard]] Result<void> apply_grant(const std::string& grant, std::string_view extension,
                                       const ExtensionOptions& options, Grants& grants);

// What `root` and what it needs import of the host, that is guarded and not granted: ext-unmet.
[[nodiscard]] Diagnostics find_ungranted(const Index& index, const Extension& root,
                                         const ExtensionOptions& options);

// Makes those that `$CACHE` means in grants of `root` and of what it needs. Errors: write-file.
[[nodiscard]] Result<void> make_private_folders(const Index& index, const Extension& root,
                                                const ExtensionOptions& options);
// Errors: write-file.
[[nodiscard]] Result<void> remove_private_folder(std::string_view extension,
                                                 const ExtensionOptions& options);

}  // namespace tenon::extension
