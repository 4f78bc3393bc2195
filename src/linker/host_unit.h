// What the program provides, as a typed provider.
#pragma once

#include <span>

#include "linker/host_table.h"
#include "resolve/plan.h"
#include "resolve/unit.h"
#include "tenon/result.h"

namespace tenon::linker {

struct HostUnit {
  resolve::Unit unit;
  Diagnostics notes;  // unused-host-function
};

// The unit `program`, added to `types`. It exports each interface that some import of `units` asks
// for and the program has anything of, under the import's own name, with the types that the import
// has; its resources are the program's own. Errors: those of `check_host_parts`; type-signature,
// for each place where a C++ type does not fit the import, and then the notes.
[[nodiscard]] Result<HostUnit> make_host_unit(const HostParts& parts,
                                              std::span<const resolve::Unit> units,
                                              types::Types& types);

// Whether something is provided from outside: by the program, or by units of other compositions.
[[nodiscard]] bool has_outside(const Request& request);

// A component can hold nothing of that: what it met stays an import.
// plan: of `request`.
[[nodiscard]] Request leave_outside_out(Request request, const resolve::LinkPlan& plan);

// Which class the objects of a resource are of that `unit`, the program's, makes; null: it does
// not. resource: an id of the unit's.
[[nodiscard]] const void* find_host_class(const HostTable& table, const resolve::Unit& unit,
                                          const types::Types& types, types::ResourceId resource);

}  // namespace tenon::linker
