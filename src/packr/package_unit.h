// Reads a packr package as a unit: its imports and exports, from its module and its metadata.
//
// Each interface that it imports or exports is an instance; a function without an interface is a
// bare function. If a wire names one function of an interface, such as `math.double`, that function
// becomes an import or export of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "packr/graph_format.h"
#include "resolve/unit.h"
#include "tenon/builder.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::packr {

// The facts that calls of a package need, by the names of the unit's items.
struct Package {
  struct Function {
    std::string item;      // the import or export of the unit: "math", "math.double", "process"
    std::string function;  // within an instance; empty: the item is the function itself
    // Of an import: its names in the module. Of an export: only `field`, its name in the module.
    std::string module;
    std::string field;
    types::FunctionId type;
  };
  std::vector<Function> imports;
  std::vector<Function> exports;
  // The names of records, variants and enums in the metadata.
  std::unordered_map<types::TypeId, std::string> names;
  PackageAbi abi = PackageAbi::CalleeBuffer;  // not Detect
  // The version of its messages, which is that of its metadata; nothing if it has none.
  std::optional<GraphVersion> version = {};
  // Its functions have packr's async form.
  bool is_async = false;
};

// Packages by unit name.
using Packages = std::map<std::string, std::shared_ptr<const Package>, std::less<>>;

struct PackageUnit {
  resolve::Unit unit;  // only its type, version and hashes
  std::shared_ptr<const Package> package;
  Diagnostics notes;  // missing-export
};

// The form by its name in manifests and metadata: "callee-buffer" or "caller-buffer".
[[nodiscard]] std::optional<PackageAbi> parse_package_abi(std::string_view name);

// unit: its name, for wires. If the metadata is not in the module as data, the package is run,
// within bounds, to return it.
// Errors: read-, pack-; run-engine. pack-module also if the form of its functions is to be detected,
//         and nothing says it.
[[nodiscard]] Result<PackageUnit> read_package_unit(std::string_view unit,
                                                    std::span<const std::uint8_t> bytes,
                                                    std::span<const Wire> wires, PackageAbi abi,
                                                    types::Types& types);

}  // namespace tenon::packr
