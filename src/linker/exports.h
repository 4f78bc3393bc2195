// The functions that a composition exports, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "tenon/result.h"

namespace tenon::linker {

struct ExportedItem {
  std::string interface;  // name of the composition's export; empty: a function by itself
  std::string name;       // of the function
  types::FunctionId function;
  resolve::UnitExport from;
  bool is_implied = false;  // its export is there for the types that another uses
};

// In the order of the exports, each interface's functions as it lists them; without those that a
// filter hides.
[[nodiscard]] std::vector<ExportedItem> list_exported_functions(const resolve::LinkPlan& plan);

// The functions that `interface` and `name` mean. interface: any form of a name, the interface's own
// label included ("lib"); empty: a function by itself, or of any interface if none is.
// Errors: run-no-function.
[[nodiscard]] Result<std::vector<std::size_t>> find_exported_functions(
    const std::vector<ExportedItem>& items, std::string_view composition,
    std::string_view interface, std::string_view name);

}  // namespace tenon::linker
