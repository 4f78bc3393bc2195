// The output of `tenon ext`: extensions, their libraries and what they need.
#pragma once

#include <string>
#include <vector>

#include "cli/extension_stores.h"
#include "render/graph.h"
#include "render/style.h"
#include "tenon/extension.h"

namespace tenon::cli {

using namespace render;

//   square    1.2.0  command, 1 library  Squares numbers
[[nodiscard]] std::string render_extensions(const std::vector<InstalledExtension>& extensions);
// A tree for each extension that no other needs, with its needs below it.
[[nodiscard]] std::string render_forest(const std::vector<InstalledExtension>& extensions,
                                        const Style& style);
//   square    1.2.0 -> 1.3.0  /srv/packages/acme/square/1.3.0.wasm
[[nodiscard]] std::string render_outdated(const std::vector<AddedExtension>& newer);
[[nodiscard]] std::string render_extension_json(const Extension& extension);
[[nodiscard]] std::string render_extensions_json(const std::vector<Extension>& extensions);

// All facts about one extension.
[[nodiscard]] std::string render_extension(const Extension& extension, const Style& style);

// Count: "2 users". Name: "used by cart, shop".
enum class LibraryUsers { Count, Name };
[[nodiscard]] std::string render_libraries(const std::vector<ExtensionLibrary>& libraries,
                                           LibraryUsers users);
[[nodiscard]] std::string render_libraries_json(const std::vector<ExtensionLibrary>& libraries);

// A tree of the needs of `root`. REQUIRES: `root` is in `closure`.
[[nodiscard]] std::string render_needs(const Extension& root, const std::vector<Extension>& closure,
                                       const Style& style);
// The same as a graph, in which each extension is a domain of its own.
// closure: providers before their consumers, the root last.
[[nodiscard]] Graph make_extension_graph(const std::vector<Extension>& closure);

// "added square 1.2.0: command, 1 library", and the requests that are not granted.
[[nodiscard]] std::string render_added(const AddedExtension& added);

}  // namespace tenon::cli
