// What the program provides, by the names of imports.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "link/request.h"
#include "resolve/name_pattern.h"
#include "resolve/plan.h"
#include "resolve/unit.h"
#include "tenon/result.h"

namespace tenon::link {

class HostTable final {
 public:
  // What has a name that is none is left out: see `check_host_parts`.
  explicit HostTable(const HostParts& parts);

  // interface: as an import or export is named; empty: a function by itself. Of two that mean it,
  // the one that says more; of two globs, the first by its text. Null: none.  Lifetime: the
  // table's.
  [[nodiscard]] const HostFunction* find_function(std::string_view interface,
                                                  std::string_view name) const;
  // What an import that is a function by itself is met by: for one of a package, "math.double",
  // also the `double` of `math`. Null: nothing.  Lifetime: the table's.
  [[nodiscard]] const HostFunction* find_root_function(std::string_view import) const;
  [[nodiscard]] const HostResourceParts* find_resource(std::string_view interface,
                                                       std::string_view name) const;
  // Of both, in the order in which they were added.  Lifetime: the table's.
  [[nodiscard]] std::vector<const HostFunction*> functions() const;
  [[nodiscard]] std::vector<const HostResourceParts*> resources() const;
  // Whether anything is provided in it.
  [[nodiscard]] bool has_interface(std::string_view interface) const;

 private:
  template <class T>
  struct Entry {
    resolve::NamePattern pattern;
    T given;
  };

  std::vector<Entry<HostFunction>> functions_;
  std::vector<Entry<HostResourceParts>> resources_;
};

// What an interface may be called: as WIT does, or, where units are packages, also plainly: `host`.
enum class HostNames : std::uint8_t { OfComponents, OfPackages };

// Errors: config-value, for names that are none, and for what is given twice.
[[nodiscard]] Diagnostics check_host_parts(const HostParts& parts, HostNames names);

// What the program provides, as a typed provider.

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

}  // namespace tenon::link
