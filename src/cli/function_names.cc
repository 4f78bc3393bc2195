#include "cli/function_names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tenon/value_text.h"

namespace tenon::cli {

namespace {

const PlanItem* find_item(const Plan& plan, const PlanExport& exported) {
  for (const PlanUnit& unit : plan.units)
    if (unit.name == exported.unit)
      for (const PlanItem& item : unit.exports)
        if (item.name == exported.item) return &item;
  return nullptr;
}

}  // namespace

std::vector<FunctionName> list_exported_functions(const Plan& plan) {
  std::vector<FunctionName> functions;
  for (const PlanExport& exported : plan.exports) {
    const PlanItem* const item = find_item(plan, exported);
    if (item == nullptr) continue;
    if (item->kind == PlanItemKind::Function) functions.push_back({"", exported.name});
    for (const std::string& function : item->functions)
      functions.push_back({exported.name, function});
  }
  return functions;
}

std::vector<std::string> complete_function(std::span<const FunctionName> functions,
                                           std::string_view typed) {
  std::map<std::string, std::size_t> uses;
  for (const FunctionName& function : functions) ++uses[print_call_name("", function.name)];
  std::vector<std::string> names;
  std::vector<std::string> full_names;
  for (const FunctionName& function : functions) {
    std::string bare = print_call_name("", function.name);
    std::string full = print_call_name(function.interface, function.name);
    if (full.starts_with(typed)) full_names.push_back(full);
    if (uses[bare] > 1 && typed.empty())
      names.push_back(std::move(full));
    else if (uses[bare] == 1 && bare.starts_with(typed))
      names.push_back(std::move(bare));
  }
  return names.empty() ? full_names : names;
}

}  // namespace tenon::cli
