// Units that already run in another composition and are providers in this one.
//
// `share_unit` makes a unit of a running composition available, `read_running_unit` gives its
// exports to the resolver. Calls go to the instance in the other composition; its resources keep
// their identity through ForeignResources.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "call/function_shape.h"
#include "link/request.h"
#include "packr/package_unit.h"
#include "resolve/plan.h"
#include "resolve/unit.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "support/files.h"
#include "tenon/composition.h"
#include "tenon/result.h"
#include "types/type.h"
#include "types/uses.h"

namespace tenon::link {

// The kinds of resources of other compositions, as their compositions have them. By the id
// that defines the resource in this composition.
using ForeignKinds = std::unordered_map<types::ResourceId, const runtime::ResourceKind*>;

// The resources of other compositions that units of this one pass. Each has one id here, whichever
// of those units name it, and wherever they got it from.
class ForeignResources final {
 public:
  enum class Maker { No, Yes };

  // The id of the resource `kind` of another composition. maker: whether the unit makes it.
  // types: the same in all calls.
  types::ResourceId add(const runtime::ResourceKind& kind, const std::string& unit, Maker maker,
                        types::Types& types);

  // Assigns each resource to the unit that defines it: the unit that makes it, or else the first
  // unit by name that has it.
  void define(std::vector<resolve::Unit>& units) const;

  [[nodiscard]] ForeignKinds kinds() const;

 private:
  struct Resource {
    types::ResourceId id;
    std::string unit;  // that defines it
    Maker maker = Maker::No;
  };
  std::map<const runtime::ResourceKind*, Resource> resources_;
};

struct Running;

// The exports of a running unit. A swap keeps them unchanged while an object of this type exists.
struct RunningUnit {
  std::shared_ptr<Running> composition;  // kept alive by its consumers
  runtime::Domain* domain = nullptr;     // of the unit
  std::string name;                      // of the unit, there
  UnitKind kind = UnitKind::Component;
  std::string file;
  std::shared_ptr<const Bytes> bytes;         // of its component; null: `record` says what it is
  std::shared_ptr<const Bytes> record;        // see UnitRequest::record
  std::shared_ptr<const std::string> digest;  // of `record`
  bool can_interrupt = false;                 // a deadline of a caller can end a call
  struct Export {
    std::string component_export;      // its name in the component of its domain
    std::vector<std::string> missing;  // functions of the interface that are not exported, sorted
  };
  std::map<std::string, Export, std::less<>> exports;  // by the unit's names
  // The functions of a package that a filter of its composition hides, by their names in the module.
  std::set<std::string, std::less<>> hidden_fields;
  struct Resource {
    const runtime::ResourceKind* kind = nullptr;  // lives as long as the other composition
    bool is_own = false;                          // the unit defines it
  };
  // Resources that can leave a domain, by their paths in the type of the component.
  std::map<std::pair<types::Side, std::string>, Resource> resources;
};

// Makes a unit of `running`, by its index and name, available to other compositions, whose threads
// can then enter its composition.
// Thread: that of its composition.
// Errors: run-no-unit, run-swap (a swap is in progress), run-reentrance, run-deadline.
[[nodiscard]] Result<std::shared_ptr<const RunningUnit>> share_unit(
    const std::shared_ptr<Running>& running, resolve::UnitIndex index, const std::string& name);

// Reads the type of the unit into `types`, as a provider without imports. Its resources are added
// to `foreign`, which records who defines them. wires: of this composition. package: gets the facts
// about a package. Errors: read-, type-, pack-.
[[nodiscard]] Result<resolve::Unit> read_running_unit(
    const UnitRequest& request, std::span<const Wire> wires, types::Types& types,
    ForeignResources& foreign, std::shared_ptr<const packr::Package>& package);

// Replaces the resource kinds in the shape of an exported function by those of the unit's own
// composition.
void translate_kinds(const RunningUnit& unit, call::FunctionShape& shape);

// Reports units whose calls the deadlines of `request` cannot end. Errors: config-value.
[[nodiscard]] Diagnostics check_running_units(const Request& request);

// Null if the unit does not run in another composition.
[[nodiscard]] const RunningUnit* find_running_unit(const Request& request, const std::string& name);

}  // namespace tenon::link
