// Exported functions as text: a list, and WIT with the types that they use.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/style.h"
#include "tenon/function.h"

namespace tenon::cli {

// Each interface with its functions, called as a line of the shell names them:
//
//   acme:bank/bank@1.0.0
//     open: func(name: string) -> account
//     [account.close]: func(self: borrow<account>)
[[nodiscard]] std::string render_functions(std::span<const Function> functions, const Style& style);

// The same functions as WIT: per interface the types that they use, then resources with their
// functions, then the others.
[[nodiscard]] std::string render_wit(std::span<const Function> functions);

// The resource that a function is of: "account" for "[method]account.close". Empty: of none.
// Lifetime: that of `name`.
[[nodiscard]] std::string_view resource_of(std::string_view name);

// The declarations of a type that any of the functions uses, by its name; empty if none does.
[[nodiscard]] std::string render_type(std::span<const Function> functions, std::string_view name);

}  // namespace tenon::cli
