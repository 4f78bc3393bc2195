// Imports that the composition keeps, merged: those of one interface and track become one import,
// if what they ask for agrees.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <cstdint>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

// Adds imports to Draft::groups, best version first, and ties the resources of those that join.
// Imports that differ in a type get a group of their own.
// Problems: resolve-merge, for two of one name that differ, and for resources that cannot be one.
void group_imports(Draft& draft, std::vector<std::uint32_t> imports, CompositionImport::Met met);

// The resources that the open imports among `imports` bring in become definitions.
// Problems: resolve-merge, for resources of two imports that are tied elsewhere.
void define_open_resources(Draft& draft, const std::vector<std::uint32_t>& imports);

// Groups the imports that are open before any provider is chosen, and defines their resources.
void group_open_imports(Draft& draft);

// Notes `unmerged-versions` for groups that stayed apart.
void note_unmerged(Draft& draft);

// The version that names a group: the highest that a member asks for.
[[nodiscard]] const DraftImport& get_naming_member(const Draft& draft, const ImportGroup& group);

}  // namespace tenon::resolve
