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

// Where a unit is declared, or else its file.
[[nodiscard]] Location where_of_unit(const Unit& unit);

}  // namespace tenon::resolve
