// What `tenon ext` prints.
#pragma once

#include <string>
#include <vector>

#include "cli/extension_flags.h"
#include "cli/style.h"
#include "tenon/extension.h"

namespace tenon::cli {

//   square    1.2.0  command, 1 library  Squares numbers
[[nodiscard]] std::string render_extensions(const std::vector<Installed>& extensions);
// Those that no other needs, each with what it needs below it.
[[nodiscard]] std::string render_forest(const std::vector<Installed>& extensions,
                                        const Style& style);
//   square    1.2.0 -> 1.3.0  /srv/packages/acme/square/1.3.0.wasm
[[nodiscard]] std::string render_outdated(const std::vector<AddedExtension>& newer);
[[nodiscard]] std::string render_extension_json(const Extension& extension);
[[nodiscard]] std::string render_extensions_json(const std::vector<Extension>& extensions);

// All of one.
[[nodiscard]] std::string render_extension(const Extension& extension, const Style& style);

enum class Users { Count, Name };
[[nodiscard]] std::string render_libraries(const std::vector<ExtensionLibrary>& libraries,
                                           Users users);
[[nodiscard]] std::string render_libraries_json(const std::vector<ExtensionLibrary>& libraries);

// A tree of what `root` needs, which is in its closure.
[[nodiscard]] std::string render_needs(const Extension& root, const std::vector<Extension>& closure,
                                       const Style& style);

// "added square 1.2.0: command, 1 library", and what it wants and is not granted.
[[nodiscard]] std::string render_added(const AddedExtension& added);

}  // namespace tenon::cli
