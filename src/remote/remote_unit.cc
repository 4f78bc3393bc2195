#include "remote/remote_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "resolve/import_collector.h"
#include "resolve/name_match.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "types/substitute.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::remote {

namespace {

using resolve::ImportCollector;
using Provided = ImportCollector::Provided;

// Whether a pattern of a remote unit matches an import.
enum class Matched : std::uint8_t { No, Yes };

// A remote unit that is being made.
struct Draft {
  const RemoteRequest* request = nullptr;
  std::vector<resolve::NamePattern> patterns;
  resolve::Unit unit;

  [[nodiscard]] bool has_wit() const { return !request->settings->options.wit.empty(); }
};

Result<Draft> begin(const RemoteRequest& request) {
  const RemoteOptions& options = request.settings->options;
  Draft draft{.request = &request, .patterns = {}, .unit = {}};
  draft.unit.name = request.name;
  draft.unit.kind = UnitKind::Remote;
  const Address& address = request.settings->address;
  draft.unit.file = print_address(address);
  if (!address.peer.empty()) draft.unit.peer = types::RemotePeer::Foreign;
  draft.unit.is_explicit = request.must_be_used;
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

// How specific a pattern is, and whether it matches the own name of an item.
using Rank = std::pair<resolve::Precision, bool>;

// Nothing if it matches no name of the item.
std::optional<Rank> rank_of(const resolve::NamePattern& pattern, const resolve::ItemNames& names) {
  const auto found = std::ranges::find_if(
      names, [&](const types::ItemName& name) { return resolve::matches_name(pattern, name); });
  if (found == names.end()) return std::nullopt;
  return Rank(pattern.precision, found == names.begin());
}

// The rank of the best pattern that matches a name of an item; nothing if none does.
std::optional<Rank> find_rank(const Draft& draft, const resolve::ItemNames& names) {
  std::optional<Rank> best;
  for (const resolve::NamePattern& pattern : draft.patterns)
    best = std::max(best, rank_of(pattern, names));
  return best;
}

bool selects(const Draft& draft, const std::string& interface) {
  const Result<types::ItemName> name = types::parse_item_name(interface);
  return name && find_rank(draft, {*name});
}

// Exports everything in the WIT that the patterns select.
Result<void> read_wit_of(Draft& draft, const Files& files, types::Types& types,
                         Diagnostics& notes) {
  const std::string& path = draft.request->settings->options.wit;
  const NamedBy named_by = draft.request->where == nullptr ? NamedBy::User : NamedBy::File;
  const wit::WitOptions options = {.features = draft.request->settings->options.features,
                                   .set_by = wit::SetBy::Remote};
  TENON_TRY(const wit::WitPackage package, wit::read_wit(files, path, named_by, options, types));
  std::vector<types::NamedInterface> selected;
  for (const types::NamedInterface& interface : package.types.interfaces)
    if (draft.patterns.empty() || selects(draft, interface.name)) selected.push_back(interface);
  draft.unit.type = types::export_interfaces(selected, types);
  std::ranges::move(place_problems(wit::make_notes(package, nullptr), path, draft.unit.name),
                    std::back_inserter(notes));
  if (!draft.unit.type.exports.empty()) return {};
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "the WIT of the remote `{}` has no interface{}",
                      draft.unit.name, draft.patterns.empty() ? "" : " that its names match");
  problem.where.file = path;
  return problem;
}

// The remote units without WIT that provide an import: those with the most specific pattern.
std::vector<bool> find_providers(const std::vector<Draft>& drafts,
                                 const resolve::ItemNames& import) {
  std::vector<std::optional<Rank>> found;
  for (const Draft& draft : drafts)
    found.push_back(draft.has_wit() ? std::nullopt : find_rank(draft, import));
  const std::optional<Rank> best = found.empty() ? std::nullopt : *std::ranges::max_element(found);
  std::vector<bool> providers;
  for (const auto& rank : found) providers.push_back(best && rank == best);
  return providers;
}

// A wire to a remote unit that names the interface there.
struct RenamingWire {
  const Wire* wire = nullptr;
  resolve::NamePattern import;
  resolve::NamePattern export_name;
};

std::vector<RenamingWire> find_renaming_wires(const Draft& draft, const std::vector<Wire>& wires) {
  std::vector<RenamingWire> renaming;
  if (draft.has_wit()) return renaming;
  for (const Wire& wire : wires) {
    if (wire.provider != draft.unit.name || wire.export_name.empty()) continue;
    auto import = resolve::parse_name_pattern(wire.import);
    auto export_name = resolve::parse_name_pattern(wire.export_name);
    if (import && export_name && !export_name->is_glob && !export_name->track)
      renaming.push_back({&wire, *std::move(import), *std::move(export_name)});
  }
  return renaming;
}

// The name on the wire that a wire without a version means: that of the remote unit, or that of the
// import.
std::string complete_name(const Draft& draft, const resolve::NamePattern& name,
                          const resolve::ItemNames& import) {
  if (name.version) return name.text;
  for (const resolve::NamePattern& pattern : draft.patterns)
    if (pattern.path == name.path && pattern.version) return pattern.text;
  for (const types::ItemName& known : import)
    if (known.version && resolve::matches_name(name, known)) return known.full_text();
  return name.text;
}

// The wire that decides about an import; null if none matches it.
const RenamingWire* find_wire(const std::vector<RenamingWire>& wires, const resolve::Unit& importer,
                              const resolve::ItemNames& names) {
  const RenamingWire* best = nullptr;
  std::pair<bool, Rank> best_rank;
  for (const RenamingWire& renaming : wires) {
    const std::string& consumer = renaming.wire->consumer;
    const std::optional<Rank> matched = rank_of(renaming.import, names);
    if (!matched || (!consumer.empty() && consumer != importer.name)) continue;
    const std::pair rank(!consumer.empty(), *matched);
    if (best != nullptr && rank <= best_rank) continue;
    best = &renaming;
    best_rank = rank;
  }
  return best;
}

// The name by which a remote unit exports an import, if it provides it by a pattern or by a wire.
std::optional<Provided> find_export(const Draft& draft, const std::vector<RenamingWire>& wires,
                                    const resolve::Unit& importer, const types::RootItem& import,
                                    const resolve::ItemNames& names, Matched matched) {
  if (const RenamingWire* const renaming = find_wire(wires, importer, names)) {
    Provided provided{.name = complete_name(draft, renaming->export_name, names)};
    const Result<types::ItemName> name = types::parse_item_name(provided.name);
    const bool is_instance = std::holds_alternative<types::InstanceId>(import.item);
    if (name && (is_instance || !resolve::is_interface(*name))) {
      provided.is_only_wired = matched == Matched::No || provided.name != import.name;
      return provided;
    }
  }
  if (matched == Matched::No) return std::nullopt;
  return ImportCollector::as_imported(import);
}

// Why the metadata of a package does not say enough about a type to send its values to a peer. The
// recursion is bounded by limits::kNestingDepth.
std::optional<std::string> find_vague_part(const types::Types& types, types::TypeId id) {
  const types::Type& type = types.types[id];
  if (const auto* const any = std::get_if<types::Dynamic>(&type.kind))
    return any->parameter.empty() ? "a value of any type" : "a type parameter";
  // Flags without labels are described as 64 of them.
  const auto* const flags = std::get_if<types::Flags>(&type.kind);
  if (flags != nullptr && flags->labels.size() == 64 && flags->labels.front() == "b0")
    return "flags, whose number and labels the metadata of packages does not have";
  std::optional<std::string> vague;
  types::for_each_part(
      type,
      [&](types::TypeId part) {
        if (!vague) vague = find_vague_part(types, part);
      },
      [](types::ResourceId) {});
  return vague;
}

// The functions of an import of a package that only the WIT of the remote unit can describe.
void check_import(const resolve::Unit& importer, const types::RootItem& import, const Draft& draft,
                  const types::Types& types, Diagnostics& problems) {
  const auto check = [&](const std::string& name, const types::Item& item) {
    const auto* const id = std::get_if<types::FunctionId>(&item);
    if (id == nullptr) return;
    std::optional<std::string> vague;
    types::for_each_part(types.functions[*id], [&](types::TypeId part) {
      if (!vague) vague = find_vague_part(types, part);
    });
    if (!vague) return;
    Diagnostic problem = make_diagnostic(Code::RemoteType,
                                         "the package `{}` imports {} from the remote `{}` with {}",
                                         importer.name, quote_text(name), draft.unit.name, *vague);
    problem.where.file = importer.file;
    problem.where.unit = importer.name;
    problem.where.item = import.name;
    problem.hints.emplace_back(
        fmt::format("give the remote unit the WIT of `{}`", import.name),
        HintWays{.program = "`RemoteOptions::wit`",
                 .command = {},
                 .manifest = {fmt::format("[remotes.{}]", draft.unit.name), "wit = \"FILE\""}});
    problems.push_back(std::move(problem));
  };
  if (const auto* const instance = std::get_if<types::InstanceId>(&import.item)) {
    for (const types::NamedItem& part : types.instances[*instance].exports)
      check(fmt::format("{}.{}", import.name, part.name), part.item);
  } else {
    check(import.name, import.item);
  }
}

// A handle belongs to the worker that made it, and other implementations take a call to any worker of
// their group.
void check_handles(const Draft& draft, const types::Types& types, Diagnostics& problems) {
  const Address& address = draft.request->settings->address;
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

Result<void> add_remote_units(std::span<const RemoteRequest> requests, const Files& files,
                              resolve::Inputs& inputs, Diagnostics& notes) {
  Diagnostics problems;
  std::vector<Draft> drafts;
  types::Types& types = inputs.types;
  for (const RemoteRequest& request : requests) {
    Result<Draft> draft = begin(request);
    if (draft && draft->has_wit())
      if (Result<void> read = read_wit_of(*draft, files, types, notes); !read)
        draft =
            place_problems(std::move(read).error(), request.settings->options.wit, request.name);
    if (draft)
      drafts.push_back(*std::move(draft));
    else
      std::ranges::move(draft.error(), std::back_inserter(problems));
  }
  if (!problems.empty()) return problems;
  // Sorted, because the first importer decides a type. WIT says more than the metadata of packages.
  std::vector<const resolve::Unit*> importers;
  for (const resolve::Unit& unit : inputs.units) importers.push_back(&unit);
  std::ranges::sort(importers, {}, [](const resolve::Unit* unit) {
    return std::pair(resolve::has_packr_types(unit->kind), std::string_view(unit->name));
  });
  std::vector<ImportCollector> collectors(drafts.size(), ImportCollector(types));
  std::vector<std::vector<RenamingWire>> wires;
  for (const Draft& draft : drafts)
    wires.push_back(find_renaming_wires(draft, inputs.policy.wires));
  for (const resolve::Unit* const unit : importers) {
    const std::vector<types::RootItem>& imports = unit->type.imports;
    // By remote unit and import.
    std::vector<std::vector<std::optional<Provided>>> provided(drafts.size());
    for (const types::RootItem& import : imports) {
      const resolve::ItemNames names = resolve::read_item_names(import);
      const std::vector<bool> providers = find_providers(drafts, names);
      for (std::size_t i = 0; i < drafts.size(); ++i) {
        const std::optional<Provided>& from = provided[i].emplace_back(find_export(
            drafts[i], wires[i], *unit, import, names, providers[i] ? Matched::Yes : Matched::No));
        const bool is_decided = !from || collectors[i].has(*from);
        if (!is_decided && resolve::has_packr_types(unit->kind))
          check_import(*unit, import, drafts[i], types, problems);
      }
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) collectors[i].add(imports, provided[i]);
  }
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    collectors[i].finish(drafts[i].unit);
    check_handles(drafts[i], types, problems);
    inputs.units.push_back(std::move(drafts[i].unit));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::remote
