// Groups of imports: imports of one interface and track that the composition keeps become one
// import, if their types agree.
//
//   a imports x:y/z@1.0.0 { f }        one group: the composition imports x:y/z@1.2.0 { g, f }
//   b imports x:y/z@1.2.0 { g, f }     and passes it to both
//
// Open imports are grouped before providers are chosen, because a group ties the resources of its
// members; imports that WASI meets, stubs and value types follow when all providers are known.
//
// Source: docs/resolve.md, "Open imports".
#pragma once

#include <cstdint>
#include <vector>

#include "resolve/draft.h"

namespace tenon::resolve {

// Adds imports to Draft::groups, newest version first, and ties the resources of those that join a
// group. An import whose types differ starts a group of its own.
// Problems: resolve-merge, for two imports of one name that differ, and for resources that cannot
//           be one.
void group_imports(Draft& draft, std::vector<std::uint32_t> imports,
                   CompositionImport::Binding binding);

// Makes the resources that open imports introduce definitions.
// Problems: resolve-merge, if two of these definitions are tied elsewhere.
void define_open_resources(Draft& draft, const std::vector<std::uint32_t>& imports);

// Groups the imports that are open before any provider is chosen, and defines their resources.
void group_open_imports(Draft& draft);

// The resources of stubs that get a definition, if nothing has defined them.
enum class StubResources : std::uint8_t {
  Introduced,  // by the import itself
  All,         // also those that it uses of other imports
};

// Groups the imports that are stubs so far, unless they have a group, and defines their resources.
// REQUIRES: all providers are known.
void group_stubs(Draft& draft, StubResources defined);

// Whether a resource is defined by a stub.
[[nodiscard]] bool is_made_by_stub(const Draft& draft, ResourceId definition);

// Notes `unmerged-versions` for each group that could not join another.
void note_unmerged(Draft& draft);

// The part of an import that belongs to a group: its item, or only some of its types (Draft::imports_of_types).
// binding: of the group; a stub has the item even if another group has types of it.
[[nodiscard]] const types::Item& item_in_group(const Draft& draft, std::uint32_t position,
                                               CompositionImport::Binding binding);

// The member that gives a group its name: the one with the highest version.
[[nodiscard]] const DraftImport& get_naming_member(const Draft& draft, const ImportGroup& group);

}  // namespace tenon::resolve
