// The public functions and units of a running composition.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "link/exports.h"
#include "link/running.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/value.h"
#include "value/type_graph.h"

namespace tenon {

struct Unit::Impl {
  std::weak_ptr<link::Running> running;
  resolve::UnitIndex index = 0;
  std::string name;
};

}  // namespace tenon

namespace tenon::api {

// REQUIRES: `tables` of the composition is locked; so for all but `make_call` and `call_function`
[[nodiscard]] Function make_function(const std::shared_ptr<link::Running>& running,
                                     const link::ExportedItem& item);
[[nodiscard]] std::vector<Function> make_functions(const std::shared_ptr<link::Running>& running,
                                                   const std::vector<link::ExportedItem>& items);

// The functions of a unit's items.
[[nodiscard]] std::vector<UnitFunction> list_functions(const value::TypeGraphPtr& graph,
                                                       const std::vector<types::RootItem>& items);

// interface: if it is empty, a bare function, or else a function of any interface.
[[nodiscard]] WaveCall make_call(std::string_view interface, std::string_view name);

// The function among `items` that a call names. owner: the exporter, for messages.
// Errors: run-no-function (with similar names), run-ambiguous-function.
[[nodiscard]] Result<Function> find_function(const std::shared_ptr<link::Running>& running,
                                             const std::vector<link::ExportedItem>& items,
                                             std::string_view owner, const WaveCall& call);

// Calls a function that was looked up; fails with the problems of a failed look-up.
[[nodiscard]] CallResult<std::optional<Value>> call_function(const Result<Function>& function,
                                                             std::string_view interface,
                                                             std::string_view name,
                                                             std::span<const Value> arguments);

// Errors: run-no-unit (with similar names).
[[nodiscard]] Result<Unit> find_unit(const std::shared_ptr<link::Running>& running,
                                     std::string_view name);
// The units that the program can call, sorted by name.
[[nodiscard]] std::vector<Unit> list_units(const std::shared_ptr<link::Running>& running);

}  // namespace tenon::api
