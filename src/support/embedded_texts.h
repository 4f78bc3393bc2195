// Files of the tree that generated code and new folders are made of; tools/embed_files.py makes the
// table.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

// path: from the root of the tree: "include/tenon/tenon_host.h". Static.
// REQUIRES: one of those that cmake/tenon_docs.cmake names.
[[nodiscard]] std::string_view embedded_text(std::string_view path);

// What stands for the `@NAMES@` of a template. Values whose texts name others stand first.
using TemplateValues = std::vector<std::pair<std::string_view, std::string>>;

[[nodiscard]] std::string fill_template(std::string_view text, const TemplateValues& values);

}  // namespace tenon
