#include "cli/plan_names.h"

#include <fmt/core.h>

namespace tenon::cli {

std::string_view get_name(EdgeReason reason) {
  switch (reason) {
    case EdgeReason::Wire:
      return "wire";
    case EdgeReason::Chain:
      return "chain";
    case EdgeReason::HostFunction:
      return "host-function";
    case EdgeReason::SameName:
      return "same-name";
    case EdgeReason::OnlyCandidate:
      return "only-candidate";
    case EdgeReason::SameResource:
      return "same-resource";
    case EdgeReason::BestVersion:
      return "best-version";
  }
  return {};
}

std::string_view get_name(PlanItemKind kind) {
  switch (kind) {
    case PlanItemKind::Instance:
      return "instance";
    case PlanItemKind::Function:
      return "function";
    case PlanItemKind::ValueType:
      return "value-type";
    case PlanItemKind::Resource:
      return "resource";
  }
  return {};
}

std::string_view get_phrase(EdgeReason reason) {
  switch (reason) {
    case EdgeReason::Wire:
      return "wired";
    case EdgeReason::Chain:
      return "next of its chain";
    case EdgeReason::HostFunction:
      return "function of the program";
    case EdgeReason::SameName:
      return "unit of that name";
    case EdgeReason::OnlyCandidate:
      return "only candidate";
    case EdgeReason::SameResource:
      return "same resource";
    case EdgeReason::BestVersion:
      return "best version of the only unit";
  }
  return {};
}

std::string count_things(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

std::string fold_interface(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::string(name);
  const std::size_t at = name.find('@', slash);
  return fmt::format("{}/*{}", name.substr(0, slash),
                     at == std::string_view::npos ? std::string_view() : name.substr(at));
}

std::string get_title(const Plan& plan) {
  if (!plan.name.empty()) return plan.name;
  return plan.root.empty() ? "composition" : plan.root;
}

}  // namespace tenon::cli
