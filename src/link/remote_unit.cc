#include "link/remote_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <variant>

#include "link/import_collector.h"
#include "link/inputs.h"
#include "link/request.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "types/substitute.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::link {

namespace {

// A remote unit that is being made.
struct Draft {
  const UnitRequest* request = nullptr;
  std::vector<resolve::NamePattern> patterns;
  resolve::Unit unit;
};

Result<Draft> begin(const UnitRequest& request) {
  const RemoteOptions& options = request.remote->options;
  Draft draft{.request = &request, .patterns = {}, .unit = {}};
  draft.unit.name = request.name;
  draft.unit.kind = UnitKind::Remote;
  const remote::Address& address = request.remote->address;
  draft.unit.file = remote::print_address(address);
  if (!address.peer.empty()) draft.unit.peer = types::RemotePeer::Foreign;
  draft.unit.is_explicit = request.origin == UnitOrigin::ByHand;
  draft.unit.where = request.where;
  Diagnostics problems;
  const auto complain = [&](std::string message, std::string hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "{}", message);
    if (draft.unit.where) problem.where = *draft.unit.where;
    problem.hints.push_back(std::move(hint));
    problems.push_back(std::move(problem));
  };
  for (const std::string& text : options.interfaces) {
    auto pattern = resolve::parse_name_pattern(text);
    if (pattern)
      draft.patterns.push_back(*std::move(pattern));
    else
      complain(fmt::format("`{}` of the remote `{}` is not the name of an interface: {}", text,
                           request.name, pattern.error().reason),
               "write it as in WIT: `acme:tax/lib`, `acme:tax/lib@1.0.0`, or `acme:tax/*`");
  }
  if (options.interfaces.empty() && options.wit.empty())
    complain(fmt::format("the remote `{}` names neither interfaces nor WIT", request.name),
             "name what it provides: `interfaces = [\"acme:tax/lib\"]`, or `wit = \"tax.wit\"`");
  if (!problems.empty()) return problems;
  return draft;
}

// How specific the best pattern is that matches a name; nothing if none does.
std::optional<resolve::Precision> find_precision(const Draft& draft, const std::string& name) {
  std::optional<resolve::Precision> best;
  const Result<types::ItemName> parsed = types::parse_item_name(name);
  if (!parsed) return best;
  for (const resolve::NamePattern& pattern : draft.patterns)
    if (resolve::matches_name(pattern, *parsed) && (!best || pattern.precision > *best))
      best = pattern.precision;
  return best;
}

// Exports everything in the WIT that the patterns select.
Result<void> read_wit_of(Draft& draft, const Files& files, types::Types& types) {
  const std::string& path = draft.request->remote->options.wit;
  const NamedBy named_by = draft.request->where == nullptr ? NamedBy::User : NamedBy::File;
  TENON_TRY(const wit::WitPackage package, wit::read_wit(files, path, named_by, types));
  std::vector<types::NamedInterface> selected;
  for (const types::NamedInterface& interface : package.types.interfaces)
    if (draft.patterns.empty() || find_precision(draft, interface.name))
      selected.push_back(interface);
  draft.unit.type = types::export_interfaces(selected, types);
  if (!draft.unit.type.exports.empty()) return {};
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "the WIT of the remote `{}` has no interface{}",
                      draft.unit.name, draft.patterns.empty() ? "" : " that its names match");
  problem.where.file = path;
  return problem;
}

// The remote units without WIT that provide an import: those with the most specific pattern.
std::vector<bool> find_providers(const std::vector<Draft>& drafts, const std::string& import) {
  std::vector<std::optional<resolve::Precision>> found;
  for (const Draft& draft : drafts)
    found.push_back(draft.request->remote->options.wit.empty() ? find_precision(draft, import)
                                                               : std::nullopt);
  const std::optional<resolve::Precision> best =
      found.empty() ? std::nullopt : *std::ranges::max_element(found);
  std::vector<bool> providers;
  for (const auto& precision : found) providers.push_back(best && precision == best);
  return providers;
}

// A handle belongs to the worker that made it, and other implementations take a call to any worker of
// their group.
void check_handles(const Draft& draft, const types::Types& types, Diagnostics& problems) {
  const remote::Address& address = draft.request->remote->address;
  if (address.peer.empty() || address.group.empty() || draft.unit.type.defined.empty()) return;
  Diagnostic problem = make_diagnostic(
      Code::RemoteType,
      "the handles of `{}` cannot find their worker: `{}` has resources, and the workers of group "
      "`{}` are not tenon",
      types.resources[draft.unit.type.defined.front()].name, draft.unit.name, address.group);
  if (draft.unit.where) problem.where = *draft.unit.where;
  problem.hints.emplace_back(
      "serve it by tenon and remove `peer`, or remove `group` if there is one worker");
  problems.push_back(std::move(problem));
}

}  // namespace

Result<void> add_remote_units(const Request& request, const Files& files, Inputs& inputs) {
  Diagnostics problems;
  std::vector<Draft> drafts;
  types::Types& types = inputs.units.types;
  for (const UnitRequest& unit : request.units) {
    if (unit.remote == nullptr) continue;
    Result<Draft> draft = begin(unit);
    if (draft && !unit.remote->options.wit.empty())
      if (Result<void> read = read_wit_of(*draft, files, types); !read)
        draft = place_problems(std::move(read).error(), unit.remote->options.wit, unit.name);
    if (draft)
      drafts.push_back(*std::move(draft));
    else
      std::ranges::move(draft.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  // Sorted, because the first importer decides a type.
  std::vector<const resolve::Unit*> importers;
  for (const resolve::Unit& unit : inputs.units.units)
    if (!resolve::has_packr_types(unit.kind)) importers.push_back(&unit);
  std::ranges::sort(importers, {}, &resolve::Unit::name);
  std::vector<ImportCollector> collectors(drafts.size(), ImportCollector(types));
  for (const resolve::Unit* const unit : importers) {
    const std::vector<types::RootItem>& imports = unit->type.imports;
    std::vector<std::vector<bool>> provided(drafts.size());  // by remote unit and import
    for (const types::RootItem& import : imports) {
      const std::vector<bool> providers = find_providers(drafts, import.name);
      for (std::size_t i = 0; i < drafts.size(); ++i) provided[i].push_back(providers[i]);
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) collectors[i].add(imports, provided[i]);
  }
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    collectors[i].finish(drafts[i].unit);
    check_handles(drafts[i], types, problems);
    inputs.units.units.push_back(std::move(drafts[i].unit));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::link
