// Types as bytes (support/archive.h), for the files of the cache.
//
// A file has an arena of its own. TypeCopier copies types from the arena of a link to that of a file,
// and back.
#pragma once

#include "support/archive.h"
#include "types/type.h"

namespace tenon::types {

// A change of the kinds of types, or of their parts, changes the format.
void exchange(ArchiveWriter& archive, const Types& types);
// Fails if a type refers to one that does not precede it, or is nested too deeply.
void exchange(ArchiveReader& archive, Types& types);

void exchange(auto& archive, ValueOf<TypeBound> auto& bound) { archive(bound.type); }
void exchange(auto& archive, ValueOf<Unsupported> auto& item) { archive(item.sort); }
void exchange(auto& archive, ValueOf<RootItem> auto& item) {
  archive(item.name, item.item, item.implements, item.version_suffix, item.external_id,
          item.span.begin, item.span.end, item.passed_imports);
}
void exchange(auto& archive, ValueOf<ComponentType> auto& type) {
  archive(type.imports, type.exports, type.defined);
}

// Whether everything that the items refer to is in the arena.
[[nodiscard]] bool are_in(const Types& types, const ComponentType& type);
[[nodiscard]] bool is_in(const Types& types, const Item& item);

}  // namespace tenon::types
