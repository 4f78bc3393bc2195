// Files of the tree that generated code is made of; tools/embed_files.py makes the table.
#pragma once

#include <string_view>

namespace tenon::bindgen {

// path: from the root of the tree: "include/tenon/tenon_host.h". Static.
// REQUIRES: one of those that CMakeLists names.
[[nodiscard]] std::string_view embedded_text(std::string_view path);

}  // namespace tenon::bindgen
