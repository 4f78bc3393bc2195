// The output of `tenon inspect`: the contents of one file, as text and JSON.
//
//   tax.wasm: component, 41.2 KiB, version 1.3.1
//   imports
//     wasi:cli/environment@0.2.6   get-environment
//   exports
//     acme:tax/lib@1.3.1           lookup, rates
//   producers
//     language       C11
//     processed-by   wit-component 0.254.0
//   parts: 2 core modules, 1 nested component
#pragma once

#include <string>

#include "render/style.h"
#include "tenon/inspect.h"

namespace tenon::render {

[[nodiscard]] std::string render_inspection(const Inspection& inspection, const Style& style);

// The tree of parts; each with its size and its share of the file.
[[nodiscard]] std::string render_sizes(const Inspection& inspection, const Style& style);

// "DIGEST  FILE", as sha256sum prints it.
[[nodiscard]] std::string render_digest(const Inspection& inspection);

[[nodiscard]] std::string render_inspection_json(const Inspection& inspection);

}  // namespace tenon::render
