// Names of exported functions, as people write and see them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/plan.h"

namespace tenon::cli {

struct FunctionName {
  std::string interface;  // empty: exported by itself
  std::string name;       // "total", "[method]account.close"

  bool operator==(const FunctionName&) const = default;
};

// The functions that a composition of this plan will export, in the order of its exports.
[[nodiscard]] std::vector<FunctionName> list_exported_functions(const Plan& plan);

// What can be written for a function where `typed` stands: names without interface as long as they
// mean one function; full names where nothing shorter begins so.
[[nodiscard]] std::vector<std::string> complete_function(std::span<const FunctionName> functions,
                                                         std::string_view typed);

}  // namespace tenon::cli
