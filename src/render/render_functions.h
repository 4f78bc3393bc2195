// Exported functions as text: their names for completion, lists of signatures, and WIT.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "render/style.h"
#include "tenon/function.h"
#include "tenon/plan.h"

namespace tenon::render {

struct FunctionName {
  std::string interface;  // empty: exported outside of an interface
  std::string name;       // "total", "[method]account.close"

  bool operator==(const FunctionName&) const = default;
};

// The functions that a composition of this plan will export, in the order of its exports.
[[nodiscard]] std::vector<FunctionName> list_exported_functions(const Plan& plan);

// The names that can complete `typed`. A name without its interface is used where it means one
// function. Where no such name begins with `typed`, full names are returned.
[[nodiscard]] std::vector<std::string> complete_function(std::span<const FunctionName> functions,
                                                         std::string_view typed);

// Each interface with its functions, named as in a call:
//
//   acme:bank/bank@1.0.0
//     open: func(name: string) -> account
//     [account.close]: func(self: borrow<account>)
[[nodiscard]] std::string render_functions(std::span<const Function> functions, const Style& style);

// The same functions as WIT. For each interface: the types that the functions use, resources with
// their functions, then the other functions.
[[nodiscard]] std::string render_wit(std::span<const Function> functions);

// The resource of a function: "account" for "[method]account.close". Empty if it has none.
// Lifetime: that of `name`.
[[nodiscard]] std::string_view resource_of(std::string_view name);

// The declarations of the type `name` that the functions use; empty if none of them uses it.
[[nodiscard]] std::string render_type(std::span<const Function> functions, std::string_view name);

}  // namespace tenon::render
