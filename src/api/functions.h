// The public functions and units of a running composition.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "link/exports.h"
#include "link/link.h"
#include "tenon/function.h"
#include "tenon/unit.h"
#include "tenon/value_text.h"

namespace tenon {

struct Unit::Impl {
  std::weak_ptr<link::Running> running;
  resolve::UnitIndex index = 0;
  std::string name;
};

}  // namespace tenon

namespace tenon::api {

// REQUIRES: `tables` of the composition is locked; so for all but `make_call` and `call_found`
[[nodiscard]] Function make_function(const std::shared_ptr<link::Running>& running,
                                     const link::ExportedItem& item);
[[nodiscard]] std::vector<Function> make_functions(const std::shared_ptr<link::Running>& running,
                                                   const std::vector<link::ExportedItem>& items);

// The functions of a unit's items.
[[nodiscard]] std::vector<UnitFunction> list_functions(const value::TypeGraphPtr& graph,
                                                       const std::vector<types::RootItem>& items);

// interface: empty: a function by itself, or of any interface if none is.
[[nodiscard]] WaveCall make_call(std::string_view interface, std::string_view name);

// The one of `items` that a call means. owner: what messages call who exports them.
// Errors: run-no-function (with what is near), run-ambiguous-function.
[[nodiscard]] Result<Function> find_function(const std::shared_ptr<link::Running>& running,
                                             const std::vector<link::ExportedItem>& items,
                                             std::string_view owner, const WaveCall& call);

// Calls what was found, or tells why nothing was.
[[nodiscard]] CallResult<std::optional<Value>> call_found(const Result<Function>& found,
                                                          std::string_view interface,
                                                          std::string_view name,
                                                          std::span<const Value> arguments);

// Errors: run-no-unit (with what is near).
[[nodiscard]] Result<Unit> find_unit(const std::shared_ptr<link::Running>& running,
                                     std::string_view name);
// Those that the program reaches, sorted by name.
[[nodiscard]] std::vector<Unit> list_units(const std::shared_ptr<link::Running>& running);

}  // namespace tenon::api
