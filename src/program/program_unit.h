// The functions and resources that the program provides, found by the names of imports.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/name_pattern.h"
#include "resolve/unit.h"
#include "tenon/host.h"
#include "tenon/result.h"
#include "tenon/wire.h"
#include "types/type.h"

namespace tenon::program {

// The functions and resources that the program provides.
struct HostParts {
  std::vector<HostFunction> functions;
  std::vector<HostResourceParts> resources;

  [[nodiscard]] bool empty() const { return functions.empty() && resources.empty(); }
};

class HostTable final {
 public:
  // Parts with invalid names are left out: see `check_host_parts`.
  explicit HostTable(const HostParts& parts);

  // interface: the name of an import or export; empty for a bare function. consumer: the unit that
  // imports it. If several entries match, one for this consumer wins, then the most specific one; of
  // two globs, the first by its text. Null if none matches. Lifetime: the table's.
  [[nodiscard]] const HostFunction* find_function(std::string_view interface, std::string_view name,
                                                  std::string_view consumer) const;
  // The function for an import that is a bare function; for an import of a package, such as
  // "math.double", also the `double` of `math`. Null if there is none. Lifetime: the table's.
  [[nodiscard]] const HostFunction* find_root_function(std::string_view import,
                                                       std::string_view consumer) const;
  [[nodiscard]] const HostResourceParts* find_resource(std::string_view interface,
                                                       std::string_view name,
                                                       std::string_view consumer) const;
  // In the order in which they were added. Lifetime: the table's.
  [[nodiscard]] std::vector<const HostFunction*> functions() const;
  [[nodiscard]] std::vector<const HostResourceParts*> resources() const;
  // Whether the program provides anything in the interface.
  [[nodiscard]] bool has_interface(std::string_view interface, std::string_view consumer) const;
  // Whether anything is for certain units, this one among them.
  [[nodiscard]] bool has_own(std::string_view consumer) const;

 private:
  template <class T>
  struct Entry {
    resolve::NamePattern pattern;
    T item;
  };

  std::vector<Entry<HostFunction>> functions_;
  std::vector<Entry<HostResourceParts>> resources_;
};

// The names that an interface can have: those of WIT, or for packages also plain names such as
// `host`.
enum class HostNames : std::uint8_t { OfComponents, OfPackages };

// Errors: config-value, for invalid names and duplicates.
[[nodiscard]] Diagnostics check_host_parts(const HostParts& parts, HostNames names);

// The name of the unit.
inline constexpr std::string_view kUnitName = "program";

// The functions and resources of the program as a typed provider.
struct HostUnit {
  resolve::Unit unit;
  Diagnostics notes;                    // unused-host-function
  types::BufferResources buffers = {};  // of the imports of units
};

// The unit `program`, with its types in `types`. It exports each interface that some unit imports
// and that the program provides a part of, under the name and with the types of the import; its
// resources belong to the program. A unit for which there are functions of its own has exports of its own
// (resolve::Unit::export_consumers). An import that a wire gives to another unit, or to none, counts for nothing.
// Errors: those of `check_host_parts`; type-signature, for each
// C++ type that does not fit the import, followed by the notes.
[[nodiscard]] Result<HostUnit> make_host_unit(const HostParts& parts,
                                              std::span<const resolve::Unit> units,
                                              std::span<const Wire> wires, types::Types& types);

// The class of the objects of a resource of the program's unit; null if the program does not make
// the resource. resource: an id in the types of `unit`.
[[nodiscard]] const void* find_host_class(const HostTable& table, const resolve::Unit& unit,
                                          const types::Types& types, types::ResourceId resource);

}  // namespace tenon::program
