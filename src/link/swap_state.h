// The state of units that are swapped: it is handed over to their replacements, or lost.
//
// A unit hands its state over if it and its replacement export `tenon:state/handover`
// (docs/domains.md, "Swaps").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "link/callees.h"
#include "link/running.h"
#include "tenon/composition.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::link {

[[nodiscard]] Diagnostic swap_problem(const std::string& unit, std::string why);

// One function of `tenon:state/handover`, ready to be called.
class HandoverFunction final {
 public:
  HandoverFunction(std::string unit, ExportCallee callee)
      : unit_(std::move(unit)), callee_(std::move(callee)) {}

  // Calls `save`. Errors: run-, of the call; value-too-large.
  [[nodiscard]] Result<Value> save(Running& running) const { return call(running, {}); }
  // Calls `restore`. Errors: run-, of the call; run-swap, if it returns an error.
  [[nodiscard]] Result<void> restore(Running& running, const Value& state) const;

 private:
  [[nodiscard]] Result<Value> call(Running& running, std::span<const Value> arguments) const;

  std::string unit_;
  ExportCallee callee_;
};

// The function `save` or `restore` of a unit. Absent: the unit has no state to hand over.
// Errors: run-swap, if it does not have its type.
[[nodiscard]] Result<std::optional<HandoverFunction>> find_handover_function(
    Running& running, CallTable& calls, resolve::UnitIndex unit, std::string_view name);

// The handles that are lost if the current lives of domains end: resources that they made and others
// hold, and streams between them and others.
// Thread: one that is in the composition.
[[nodiscard]] std::vector<SwapLosses::Handles> list_lost_handles(
    const Running& running, std::span<const runtime::Domain* const> domains);

}  // namespace tenon::link
