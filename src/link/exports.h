// The exported functions of a composition or of one of its units.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "resolve/plan.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::link {

struct DomainRow;

struct ExportedItem {
  // Name of the export of the composition or the unit; empty for a bare function.
  std::string interface;
  std::string name;  // of the function
  types::FunctionId function;
  resolve::UnitExport from;
  bool is_implied = false;       // its export exists only for types that another export uses
  bool is_of_unit = false;       // of a unit, not of the composition: a swap can change it
  std::string component_export;  // the export's name in the component of its domain
  std::string implements = {};  // the interface that an export with a label implements; empty: none
};

// The functions in the order of the exports, and within an interface in its order; without those
// that a filter hides.
[[nodiscard]] std::vector<ExportedItem> list_exported_functions(const resolve::LinkPlan& plan);

// The same for one unit: the functions that the component of its domain exports.
[[nodiscard]] std::vector<ExportedItem> list_unit_functions(const resolve::LinkPlan& plan,
                                                            const DomainRow& domain,
                                                            resolve::UnitIndex unit);

// The position of the function that a call names. interface: any form of a name, including the
// label alone ("lib"); if it is empty, a bare function, or else a function of any interface.
// composition: its name for messages.
// Errors: run-no-function (with similar names), run-ambiguous-function.
[[nodiscard]] Result<std::size_t> find_exported_function(const std::vector<ExportedItem>& items,
                                                         std::string_view composition,
                                                         const WaveCall& call);

// Adds hints for a function that only units export: how to export it from the composition.
// problem: run-no-function, as returned by `find_exported_function`.
void hint_at_units(const resolve::LinkPlan& plan, const WaveCall& call, Diagnostic& problem);

}  // namespace tenon::link
