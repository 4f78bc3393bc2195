#include "packr/export_names.h"

#include <fmt/core.h>

#include <string>

#include "packr/wire_names.h"

namespace tenon::packr {

std::optional<std::string_view> ExportNames::take(std::string_view interface,
                                                  std::string_view function) {
  const std::string rust = wire_field(function);
  const std::string lead = interface.empty() ? std::string() : fmt::format("{}.", interface);
  for (const std::string& name :
       {fmt::format("{}{}", lead, function), lead + rust, fmt::format("{}#{}", interface, function),
        std::string(function), rust}) {
    const auto found = left_.find(name);
    if (found == left_.end()) continue;
    const std::string_view taken = *found;
    left_.erase(found);
    return taken;
  }
  return std::nullopt;
}

std::vector<std::string_view> ExportNames::untaken() const {
  std::vector<std::string_view> untaken;
  for (const std::string_view name : names_)
    if (!name.starts_with("__") && left_.contains(name)) untaken.push_back(name);
  return untaken;
}

}  // namespace tenon::packr
