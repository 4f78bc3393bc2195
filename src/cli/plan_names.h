// The words that a plan is printed with, the same in every form.
#pragma once

#include <string>
#include <string_view>

#include "tenon/plan.h"
#include "tenon/plan_names.h"

namespace tenon::cli {

// Those of units and edges are the library's.
using tenon::get_name;
// "wire", "only-candidate", ...; static.
[[nodiscard]] std::string_view get_name(EdgeReason reason);
// "instance", "function", ...; static.
[[nodiscard]] std::string_view get_name(PlanItemKind kind);

// The reason as a reader wants it: "wired", "only candidate", ...; static.
[[nodiscard]] std::string_view get_phrase(EdgeReason reason);

// "3 units", "1 unit".
[[nodiscard]] std::string count_things(std::size_t number, std::string_view thing);

// The interface of an import, or all of its package: `wasi:cli/exit@0.2.6` is `wasi:cli/*@0.2.6`.
// Unchanged if the name is not an interface's.
[[nodiscard]] std::string fold_interface(std::string_view name);

// What a composition is called where its plan has no name: its root, or "composition".
[[nodiscard]] std::string get_title(const Plan& plan);

}  // namespace tenon::cli
