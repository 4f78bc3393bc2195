// Files of the source tree that are compiled into the program: headers and templates from which
// `bindgen`, `ext new` and `host new` generate files, and the pages of docs/.
// tools/embed_files.py generates the table.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

// The contents of a file.
// path: relative to the root of the source tree, such as "include/tenon/tenon_host.h".
// REQUIRES: cmake/tenon_docs.cmake lists the file.  Lifetime: static.
[[nodiscard]] std::string_view embedded_text(std::string_view path);

// The placeholders of a template, such as "@NAME@", and their values. They are replaced in this
// order, so a value may contain placeholders that come later.
using TemplateValues = std::vector<std::pair<std::string_view, std::string>>;

[[nodiscard]] std::string fill_template(std::string_view text, const TemplateValues& values);

}  // namespace tenon
