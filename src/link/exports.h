// The functions that a composition exports, or one of its units, by name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "tenon/result.h"
#include "tenon/value_text.h"

namespace tenon::link {

struct ExportedItem {
  // Name of the composition's export, or of the unit's; empty: a function by itself.
  std::string interface;
  std::string name;  // of the function
  types::FunctionId function;
  resolve::UnitExport from;
  bool is_implied = false;       // its export is there for the types that another uses
  bool is_of_unit = false;       // not of the composition: a swap may bring others
  std::string component_export;  // what the component of its domain calls the export
};

// "acme:tax/lib@1.0.0#rate".  interface: empty: of a function by itself.
[[nodiscard]] std::string shown_name(std::string_view interface, std::string_view name);

// In the order of the exports, each interface's functions as it lists them; without those that a
// filter hides.
[[nodiscard]] std::vector<ExportedItem> list_exported_functions(const resolve::LinkPlan& plan);

// The same of one unit: what the component of its domain exports of it.
[[nodiscard]] std::vector<ExportedItem> list_unit_functions(const resolve::LinkPlan& plan,
                                                            const resolve::SplitPlan& split,
                                                            resolve::UnitIndex unit);

// The position of the function that a call means. interface: any form of a name, the interface's
// own label included ("lib"); empty: a function by itself, or of any interface if none is.
// composition: what messages call it.
// Errors: run-no-function (with what is near), run-ambiguous-function.
[[nodiscard]] Result<std::size_t> find_exported_function(const std::vector<ExportedItem>& items,
                                                         std::string_view composition,
                                                         const WaveCall& call);

// Hints at the units that export what no export of the composition is: how to export it.
// problem: run-no-function, of a call that `find_exported_function` refused.
void hint_at_units(const resolve::LinkPlan& plan, const WaveCall& call, Diagnostic& problem);

}  // namespace tenon::link
