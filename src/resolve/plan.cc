// The last pass: writes the draft down as a plan, for users and for compose, and the names of its
// parts. Nothing is decided here.
#include "resolve/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "resolve/draft.h"
#include "resolve/passes.h"
#include "support/measures.h"
#include "tenon/plan.h"

namespace tenon::resolve {

namespace {

PlanUnit make_unit(const Draft& draft, UnitIndex index) {
  const Unit& unit = draft.unit(index);
  PlanUnit plan_unit{.name = unit.name,
                     .kind = unit.kind,
                     .file = unit.file,
                     .version = unit.version ? std::optional<std::string>(unit.version)
                                             : version_of_exports(draft.export_names[index]),
                     .digest = unit.digest ? *unit.digest : std::string(),
                     .domain = unit.domain,
                     .imports = {},
                     .exports = {},
                     .import_hashes = unit.import_hashes,
                     .export_hashes = unit.export_hashes,
                     .config = {},
                     .process = unit.process ? std::optional(*unit.process) : std::nullopt};
  for (const types::RootItem& item : unit.type.imports)
    plan_unit.imports.push_back(shown_item(draft.inputs.types, {item.name, item.item}));
  for (const types::RootItem& item : unit.type.exports)
    plan_unit.exports.push_back(shown_item(draft.inputs.types, {item.name, item.item}));
  return plan_unit;
}

EdgeKind kind_of_edge(const Draft& draft, const DraftImport& import) {
  if (has_packr_types(draft.unit(import.at.unit).kind)) return EdgeKind::Packr;
  const EdgeKind kind = row_of(draft.unit(import.choice->from.unit).kind).edge;
  return kind == EdgeKind::Direct && is_bridged(draft, import) ? EdgeKind::Bridged : kind;
}

std::vector<PlanOpenImport> show_open(const Draft& draft,
                                      const std::vector<CompositionImport>& imports) {
  std::vector<PlanOpenImport> shown;
  for (const CompositionImport& import : imports) {
    PlanOpenImport open_import{.name = import.name,
                               .importers = {},
                               .is_wasi = import.binding == CompositionImport::Binding::Wasi,
                               .is_trap = import.binding == CompositionImport::Binding::Trap,
                               .is_optional = false};
    open_import.is_optional =
        open_import.is_trap && draft.import_at(import.importers.front()).is_optional;
    for (const UnitImport at : import.importers)
      open_import.importers.push_back({draft.unit_name(at.unit), draft.item(at).name});
    shown.push_back(std::move(open_import));
  }
  return shown;
}

// Empty: it is not a part of another domain.
std::string find_parent(const Draft& draft, const std::string& domain) {
  const auto parent = draft.parent_domains.find(domain);
  return parent == draft.parent_domains.end() ? std::string() : parent->second;
}

std::vector<PlanDomain> show_domains(const Draft& draft) {
  std::vector<std::vector<std::string>> units(draft.domain_names.size());
  for (const UnitIndex unit : draft.order)
    units[draft.domain_of[unit]].push_back(draft.unit_name(unit));
  std::vector<PlanDomain> shown;
  for (const std::uint32_t domain : draft.domain_order)
    shown.push_back({.name = draft.domain_names[domain],
                     .units = std::move(units[domain]),
                     .grants = {},
                     .limits = {},
                     .part_of = find_parent(draft, draft.domain_names[domain])});
  return shown;
}

Plan show_plan(Draft& draft, const std::vector<CompositionImport>& imports) {
  Plan shown;
  shown.name = draft.inputs.name;
  if (draft.root) shown.root = draft.unit_name(*draft.root);
  for (UnitIndex u = 0; u < draft.linked; ++u) shown.units.push_back(make_unit(draft, u));
  for (const UnitIndex u : draft.order) shown.order.push_back(draft.unit_name(u));
  shown.domains = show_domains(draft);
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided) shown.edges.push_back(make_edge(draft, import));
  shown.open = show_open(draft, imports);
  for (const DraftExport& exported : draft.composition_exports)
    shown.exports.push_back({exported.name, draft.unit_name(exported.from.unit),
                             draft.item(exported.from).name, exported.implied});
  shown.rejected = std::move(draft.rejected);
  const auto key = [](const PlanRejected& rejected) {
    return std::tie(rejected.consumer, rejected.import, rejected.provider, rejected.export_name);
  };
  std::stable_sort(shown.rejected.begin(), shown.rejected.end(),
                   [&](const PlanRejected& a, const PlanRejected& b) { return key(a) < key(b); });
  shown.notes = std::move(draft.notes);
  return shown;
}

// Whether any item of a unit carries an attribute. Only then can exports carry one, so that a
// composition needs no newer form of names than its units.
bool any_attributes(const Draft& draft) {
  const auto carries = [](const types::RootItem& item) {
    return item.implements || item.version_suffix || item.external_id;
  };
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const types::ComponentType& type = draft.unit(u).type;
    if (std::any_of(type.imports.begin(), type.imports.end(), carries) ||
        std::any_of(type.exports.begin(), type.exports.end(), carries))
      return true;
  }
  return false;
}

std::vector<CompositionExport> make_exports(const Draft& draft) {
  const bool with_attributes = any_attributes(draft);
  std::vector<CompositionExport> exports;
  for (const DraftExport& exported : draft.composition_exports) {
    const types::RootItem& item = draft.item(exported.from);
    const types::ItemName& name =
        draft.export_names[exported.from.unit][exported.from.index].front();
    CompositionExport result{.name = exported.name,
                             .from = exported.from,
                             .is_implied = exported.implied,
                             .is_relayed = exported.relayed,
                             .implements = item.implements,
                             .same_types = exported.same_types,
                             .hidden_functions = draft.visibility.hidden_functions(exported.from)};
    const bool is_interface = name.kind == types::NameKind::Interface;
    if (is_interface && exported.name.find('/') == std::string::npos && with_attributes)
      result.implements = name.full_text();
    if (exported.name.find('/') != std::string::npos) result.implements.reset();
    exports.push_back(std::move(result));
  }
  return exports;
}

std::vector<std::vector<Argument>> make_arguments(const Draft& draft,
                                                  const std::vector<CompositionImport>& imports) {
  std::vector<std::vector<Argument>> arguments(draft.linked);
  for (UnitIndex u = 0; u < draft.linked; ++u)
    arguments[u].resize(draft.unit(u).type.imports.size(), FromTypes{});
  for (const DraftImport& import : draft.imports) {
    if (import.outcome == Outcome::Provided && import.choice->from.unit < draft.linked)
      arguments[import.at.unit][import.at.index] = FromUnit{import.choice->from};
    else if (import.named_by)
      arguments[import.at.unit][import.at.index] = FromTypes{import.named_by};
  }
  for (std::uint32_t i = 0; i < imports.size(); ++i)
    for (const UnitImport at : imports[i].importers) arguments[at.unit][at.index] = FromImport{i};
  return arguments;
}

// The reason why an edge is bridged.
std::string describe_bridge(const Draft& draft, const DraftImport& import) {
  const Unit& provider = draft.unit(import.choice->from.unit);
  const Unit& consumer = draft.unit(import.at.unit);
  if (provider.is_running)
    return fmt::format("to the domain {} of another composition", provider.domain);
  if (are_separated(draft, import)) {
    if (!import.middleware.empty())
      return fmt::format("in {}, so that {} see{} its calls", provider.domain,
                         fmt::join(import.middleware, " and "),
                         import.middleware.size() == 1 ? "s" : "");
    return import.choice->adapted
               ? fmt::format("in {}, so that values can be converted", provider.domain)
               : fmt::format("in {}, which is a part of the domain of {}", provider.domain,
                             consumer.name);
  }
  for (const Unit* unit : {&provider, &consumer})
    if (unit->is_isolated) return fmt::format("{} is isolated", unit->name);
  return fmt::format("to the domain {}", provider.domain);
}

}  // namespace

namespace {

// The name of an export as its provider writes it. A remote unit exports what a label implements, since
// wRPC has no labels.
std::string shown_export(const Draft& draft, UnitExport from) {
  const types::RootItem& item = draft.item(from);
  return is_remote(draft.unit(from.unit).kind) && item.implements ? *item.implements : item.name;
}

}  // namespace

PlanEdge make_edge(const Draft& draft, const DraftImport& import) {
  const Choice& choice = *import.choice;
  PlanEdge edge{.consumer = draft.unit_name(import.at.unit),
                .import = draft.item(import.at).name,
                .provider = draft.unit_name(choice.from.unit),
                .export_name = shown_export(draft, choice.from),
                .kind = kind_of_edge(draft, import),
                .reason = choice.reason,
                .via = {},
                .middleware = import.middleware,
                .conversions = {},
                .failing = {},
                .lazy = import.wire != nullptr && import.wire->lazy,
                .on_failure = on_failure_of(import),
                .stream_buffer = import.wire != nullptr ? import.wire->stream_buffer : std::nullopt,
                .buffers = import.wire != nullptr && import.wire->buffers,
                .is_optional = import.is_optional,
                .notes = {}};
  if (import.chain != nullptr) edge.via = import.chain->via;
  const std::string version = describe_version(draft, import, choice.from);
  if (edge.is_optional) edge.notes.emplace_back("optional");
  if (!version.empty()) edge.notes.push_back(version);
  if (edge.kind == EdgeKind::Bridged) edge.notes.push_back(describe_bridge(draft, import));
  if (edge.stream_buffer)
    edge.notes.push_back(fmt::format("stream buffer {}", print_size(*edge.stream_buffer)));
  if (edge.buffers) edge.notes.emplace_back("passes buffers");
  if (choice.adapted) {
    edge.notes.emplace_back("adapted");
    edge.conversions = choice.adapted->conversions;
    edge.failing = choice.adapted->failures;
  }
  edge.notes.insert(edge.notes.end(), choice.notes.begin(), choice.notes.end());
  return edge;
}

LinkPlan make_plan(Draft& draft, std::vector<CompositionImport> imports) {
  LinkPlan plan;
  plan.shown = show_plan(draft, imports);
  plan.arguments = make_arguments(draft, imports);
  plan.imports = std::move(imports);
  plan.exports = make_exports(draft);
  plan.hidden = draft.visibility.list_hidden();
  plan.handlers = draft.handlers;
  plan.order = draft.order;
  std::vector<types::ResourceId> classes;
  for (std::uint32_t i = 0; i < draft.inputs.types.resources.size(); ++i)
    classes.push_back(draft.classes->find_class({i}));
  plan.resource_class = std::make_shared<const std::vector<types::ResourceId>>(std::move(classes));
  if (draft.wasi) {
    plan.wasi = std::move(draft.inputs.units.back());
    draft.inputs.units.pop_back();
  }
  plan.units = std::move(draft.inputs.units);
  plan.policy = std::move(draft.inputs.policy);
  plan.buffers = std::move(draft.inputs.buffers);
  plan.types = std::make_shared<const types::Types>(std::move(draft.inputs.types));
  return plan;
}

namespace {

PlanItemKind kind_of_unsupported(types::Unsupported::Sort sort) {
  switch (sort) {
    case types::Unsupported::Sort::Component:
      return PlanItemKind::Component;
    case types::Unsupported::Sort::CoreModule:
      return PlanItemKind::CoreModule;
    case types::Unsupported::Sort::Value:
      return PlanItemKind::Value;
    case types::Unsupported::Sort::Type:
      break;
  }
  return PlanItemKind::Type;
}

}  // namespace

PlanItem shown_item(const types::Types& types, const types::NamedItem& item) {
  PlanItem shown;
  shown.name = item.name;
  if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
    shown.kind = PlanItemKind::Instance;
    for (const types::NamedItem& exported : types.instances[*instance].exports)
      if (std::holds_alternative<types::FunctionId>(exported.item))
        shown.functions.push_back(exported.name);
  } else if (const auto* bound = std::get_if<types::TypeBound>(&item.item)) {
    const bool is_resource = std::holds_alternative<types::ResourceId>(bound->type);
    shown.kind = is_resource ? PlanItemKind::Resource : PlanItemKind::ValueType;
  } else if (const auto* unsupported = std::get_if<types::Unsupported>(&item.item)) {
    shown.kind = kind_of_unsupported(unsupported->sort);
  } else {
    shown.kind = PlanItemKind::Function;
  }
  return shown;
}

}  // namespace tenon::resolve

namespace tenon {

std::string_view get_name(UnitKind kind) { return resolve::row_of(kind).name; }

std::string_view get_name(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::Direct:
      return "direct";
    case EdgeKind::Bridged:
      return "bridged";
    case EdgeKind::Native:
      return "native";
    case EdgeKind::Remote:
      return "remote";
    case EdgeKind::Packr:
      return "packr";
    case EdgeKind::Wasi:
      return "wasi";
  }
  return {};
}

std::string_view get_name(Stdio stdio) {
  switch (stdio) {
    case Stdio::None:
      return "none";
    case Stdio::Output:
      return "output";
    case Stdio::Inherit:
      return "inherit";
  }
  return {};
}

}  // namespace tenon
