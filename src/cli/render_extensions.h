// What `tenon ext` prints.
#pragma once

#include <string>
#include <vector>

#include "cli/diagnostics_json.h"
#include "cli/style.h"
#include "tenon/extension.h"

namespace tenon::cli {

//   square    1.2.0  command, 1 library  Squares numbers
[[nodiscard]] std::string render_extensions(const std::vector<Extension>& extensions);
[[nodiscard]] JsonValue make_extension_json(const Extension& extension);
[[nodiscard]] JsonValue make_extensions_json(const std::vector<Extension>& extensions);

// All of one.
[[nodiscard]] std::string render_extension(const Extension& extension, const Style& style);

// libraries: all: those too that are none, with the reason.
enum class Others { Hide, Show };
[[nodiscard]] std::string render_libraries(const std::vector<ExtensionLibrary>& libraries,
                                           Others others);
[[nodiscard]] JsonValue make_libraries_json(const std::vector<ExtensionLibrary>& libraries);

// A tree of what `root` needs, which is in its closure.
[[nodiscard]] std::string render_needs(const Extension& root, const std::vector<Extension>& closure,
                                       const Style& style);

// "added square 1.2.0 (command, 1 library)"
[[nodiscard]] std::string render_added(const AddedExtension& added);

}  // namespace tenon::cli
