// Reads what the units say of themselves: their names, the names of their items, and what kind of
// need each import is.
#pragma once

#include "resolve/draft.h"

namespace tenon::resolve {

// Problems: resolve-unit-name. With any, unit names mean nothing, and the other passes must not
// run.
void check_unit_names(Draft& draft);

// Fills imports, export_names and the export index. Problems: resolve-unsupported-item.
void read_items(Draft& draft);

// Names of units and of domains are `[a-z][a-z0-9-]*`, and none is `wasi`, which this does not ask.
[[nodiscard]] bool is_unit_name(std::string_view name);
// Such a name like `name`.
[[nodiscard]] std::string propose_name(std::string_view name);

// Where a unit is declared, or else its file.
[[nodiscard]] Location where_of_unit(const Unit& unit);

}  // namespace tenon::resolve
