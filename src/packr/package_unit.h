// A packr package as a unit: what its module and its metadata say of its imports and exports.
//
// Each interface that it imports or exports is an instance, and a function without interface a
// function by itself. A wire may name one function of an interface, `math.double`: that one then is
// an import, or an export, of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolve/unit.h"
#include "support/files.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

// What calls of a package need to know, by the names of the unit's items.
struct Package {
  struct Function {
    std::string item;      // the import or export of the unit: "math", "math.double", "process"
    std::string function;  // within an instance; empty: the item is the function itself
    // Of an import: its names in the module. Of an export: `field` is its name there.
    std::string module;
    std::string field;
    types::FunctionId type;
  };
  std::vector<Function> imports;
  std::vector<Function> exports;
  // What metadata calls records, variants and enums.
  std::unordered_map<types::TypeId, std::string> names;
};

// By unit name.
using Packages = std::map<std::string, std::shared_ptr<const Package>, std::less<>>;

struct PackageUnit {
  resolve::Unit unit;  // its type, version and hashes alone
  std::shared_ptr<const Package> package;
  Diagnostics notes;  // missing-export
};

// unit: its name, for wires. Metadata that cannot be found is asked for: the package is run for
// that, within bounds.
// Errors: read-, pack-; run-engine.
[[nodiscard]] Result<PackageUnit> read_package_unit(std::string_view unit,
                                                    std::span<const std::uint8_t> bytes,
                                                    std::span<const resolve::Wire> wires,
                                                    types::Types& types);

}  // namespace tenon::packr
