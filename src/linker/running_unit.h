// Units of other compositions, which run: what they export there, one that is added to a
// composition provides here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "call/function_shape.h"
#include "linker/foreign_resources.h"
#include "linker/request.h"
#include "resolve/unit.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "support/files.h"
#include "tenon/result.h"
#include "tenon/unit.h"
#include "types/type.h"
#include "types/uses.h"

namespace tenon::linker {

struct Running;

// What a unit provides as long as one of these lives: a swap leaves that as it is.
struct RunningUnit {
  std::shared_ptr<Running> composition;  // runs as long as its consumers
  runtime::Domain* domain = nullptr;     // of the unit
  std::string name;                      // of the unit, there
  UnitKind kind = UnitKind::Component;
  std::string file;
  std::shared_ptr<const Bytes> bytes;  // of its component
  bool can_interrupt = false;          // whether a deadline of a caller ends a call of it
  struct Export {
    std::string component_export;  // what the component of its domain calls it
    std::vector<std::string>
        missing;  // functions of the unit's instance that are not there, sorted
  };
  std::map<std::string, Export, std::less<>> exports;  // by the unit's names
  struct Resource {
    const runtime::ResourceKind* kind = nullptr;  // there; it lives as long as that composition
    bool is_own = false;                          // the unit makes it
  };
  // Those that can leave a domain, by where the component names them.
  std::map<std::pair<types::Side, std::string>, Resource> resources;
};

// From here its composition is shared. Thread: that of its composition.
// Errors: run-no-unit, run-swap (it is swapped now), run-reentrance, run-deadline.
[[nodiscard]] Result<std::shared_ptr<const RunningUnit>> lend_unit(const tenon::Unit::Impl& unit);

// The unit as a provider, its types added to `types`. Its resources are those of `foreign`, which
// says later who defines them. wires: of this composition. Errors: read-, type-, pack-.
[[nodiscard]] Result<resolve::Unit> read_running_unit(const UnitRequest& request,
                                                      std::span<const resolve::Wire> wires,
                                                      types::Types& types,
                                                      ForeignResources& foreign);

// Replaces the resource kinds of a function that the unit exports, as another composition has them,
// by those of the unit's own composition.
void translate_kinds(const RunningUnit& unit, call::FunctionShape& shape);

// Errors: config-value, for units whose calls the deadlines of `request` could not end.
[[nodiscard]] Diagnostics check_running_units(const Request& request);

// Null if the unit is of this composition.
[[nodiscard]] const RunningUnit* find_running_unit(const Request& request, const std::string& name);

}  // namespace tenon::linker
