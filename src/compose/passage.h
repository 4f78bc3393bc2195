// A component that passes items on: it imports some, and exports them under other names, alone or
// bundled as instances. A `.wac` file becomes units and wires, and such a component stands between
// two units where one of them takes something that is not an export of the other:
//
//   (component
//     (import "acme:log/sink" (instance $0 ...))
//     (import "beep" (func $1))
//     (export "p0" (func $0 "write"))                    ;; a part of an instance
//     (export "whole" (instance (export "beep" ...))))   ;; several items as one instance
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "types/type.h"

namespace tenon::compose {

// An import, or the item at a path inside of it.
struct PassedItem {
  std::uint32_t import = 0;  // position in Passage::imports
  std::vector<std::string> path = {};
};

struct PassedExport {
  std::string name;
  PassedItem item = {};
  // If present, the export is an instance of these, and not `item`.
  std::optional<std::vector<std::pair<std::string, PassedItem>>> bundle = {};
};

struct Passage {
  std::vector<types::NamedItem> imports;
  std::vector<PassedExport> exports;
};

// REQUIRES: paths lead to items; items are functions, instances and types.
[[nodiscard]] std::vector<std::uint8_t> write_passage(const types::Types& types,
                                                      const Passage& passage);

}  // namespace tenon::compose
