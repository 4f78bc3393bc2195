#include "linker/find_called.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "tenon/text.h"
#include "types/interface_name.h"

namespace tenon::linker {

namespace {

std::string call_name_of(const ExportedName& function) {
  return print_call_name(function.interface, function.name);
}

bool means_interface(std::string_view written, const std::string& interface) {
  if (written.empty() || written == interface) return true;
  const Result<types::ItemName> name = types::parse_item_name(interface);
  if (!name || name->kind != types::NameKind::Interface) return false;
  return written == name->path || written == name->interface || written == name->full_text();
}

// The functions that the call's first name that any of them has is the name of.
std::vector<std::size_t> find_all(std::span<const ExportedName> functions, const WaveCall& call) {
  std::vector<std::size_t> found;
  for (const std::string& name : call.functions) {
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (functions[i].name == name && means_interface(call.interface, functions[i].interface))
        found.push_back(i);
    if (!found.empty()) break;
  }
  return found;
}

std::string written_name(const WaveCall& call) {
  return sanitize_text(print_call_name(call.interface, call.functions.front()));
}

// The names to write in place of one that is none: of functions in the interface that was named,
// if there is one; of those called so elsewhere; else of those near.
std::string suggest(std::span<const ExportedName> functions, const WaveCall& call) {
  std::vector<std::string> same_interface;
  std::vector<std::string> same_name;
  std::vector<std::string> all;
  std::vector<std::string> bare;
  for (const ExportedName& function : functions) {
    const std::string full = call_name_of(function);
    all.push_back(full);
    bare.push_back(print_call_name("", function.name));
    if (std::ranges::find(call.functions, function.name) != call.functions.end())
      same_name.push_back(full);
    if (!call.interface.empty() && means_interface(call.interface, function.interface))
      same_interface.push_back(print_call_name(call.interface, function.name));
  }
  const std::string written = print_call_name(call.interface, call.functions.front());
  constexpr std::size_t kNamed = 3;
  if (!same_name.empty() && same_name.size() <= kNamed) {
    const std::vector<std::string_view> names(same_name.begin(), same_name.end());
    return did_you_mean(names);
  }
  if (!same_interface.empty())
    return suggest_name(written, std::move(same_interface), "interface's functions");
  if (call.interface.empty()) {
    const std::string near = did_you_mean(near_misses(written, std::span<const std::string>(bare)));
    if (!near.empty()) return near;
  }
  if (all.empty()) return "name a root that exports functions: `--root UNIT`, or `--export-all`";
  return suggest_name(written, std::move(all), "exported functions");
}

Diagnostic ambiguous(std::span<const ExportedName> functions, const std::vector<std::size_t>& found,
                     const WaveCall& call) {
  Diagnostic problem = make_diagnostic(Code::RunAmbiguousFunction, "`{}` names {} functions",
                                       written_name(call), found.size());
  for (const std::size_t i : found)
    problem.hints.push_back(fmt::format("call `{}`", call_name_of(functions[i])));
  return problem;
}

}  // namespace

Result<std::size_t> find_called(std::span<const ExportedName> functions, const WaveCall& call) {
  const std::vector<std::size_t> found = find_all(functions, call);
  if (found.size() == 1) return found.front();
  if (found.size() > 1) return ambiguous(functions, found, call);
  Diagnostic problem =
      make_diagnostic(Code::RunNoFunction, "no function `{}` is exported", written_name(call));
  problem.hints.push_back(suggest(functions, call));
  return problem;
}

}  // namespace tenon::linker
