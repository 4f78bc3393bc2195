#include "link/start_plan.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "link/compose_link.h"
#include "link/domain_settings.h"
#include "link/http_domains.h"
#include "program/built_in.h"
#include "types/uses.h"

namespace tenon::link {

namespace {

using Binding = resolve::CompositionImport::Binding;
using User = ExportRow::User;

std::string program_name(const resolve::LinkPlan& plan) {
  for (const resolve::Unit& unit : plan.units)
    if (unit.name == plan.shown.root && !unit.file.empty())
      return unit.file.substr(unit.file.find_last_of('/') + 1);
  return plan.shown.name;
}

// The rows of the domains of one plan.
class RowMaker final {
 public:
  RowMaker(const ComposedLink& link, const KnownUnits& units) : link_(link), units_(units) {}

  [[nodiscard]] std::vector<DomainRow> make_all() const {
    std::vector<DomainRow> rows(link_.split.domains.size());
    const std::string handler =
        has_routes_to_units(plan().shown) ? std::string() : find_http_handler(plan().shown);
    // They come first: `find_export_name` prefers the names that the composition uses.
    for (const resolve::SplitExport& exported : link_.split.exports) {
      if (exported.domain == resolve::kOutside) continue;
      DomainRow& row = rows[exported.domain];
      row.exports.push_back({exported.name, exported.from, User::Composition});
      if (exported.name != handler) continue;
      row.http_handler = handler;
      row.http_unit = plan().units[exported.from.unit].name;
    }
    for (resolve::DomainIndex i = 0; i < rows.size(); ++i) fill(rows[i], link_.split.domains[i]);
    return rows;
  }

 private:
  void fill(DomainRow& row, const resolve::DomainPlan& domain) const {
    row.name = domain.name;
    row.declared = find_declared_domain(plan().shown, domain.name);
    if (!domain.handler.empty()) {
      row.http_handler = domain.handler;
      row.http_unit = domain.handler_unit;
    }
    row.units = domain.units;
    for (const resolve::Unit& unit : domain.link->units)
      if (link_.planned.binaries.find(unit.name)->second.concurrency == Concurrency::Yes)
        row.concurrency = Concurrency::Yes;
    row.needs_wasi = std::ranges::any_of(
        domain.link->imports, [](const auto& import) { return import.binding == Binding::Wasi; });
    const std::string& first = domain.link->units.front().name;
    row.needs_http = std::ranges::any_of(domain.link->imports, [](const auto& import) {
      return import.binding == Binding::Wasi && import.name.starts_with("wasi:http/");
    });
    row.serves_requests = serves_requests(plan().shown, domain.name);
    row.package = find_package(first);
    if (row.package != nullptr) row.package_unit = first;
    for (const resolve::BridgedImport& import : domain.imports)
      row.imports.push_back(make_edge(import, row));
    for (const resolve::BridgedExport& exported : domain.exports)
      row.exports.push_back({exported.name, exported.from,
                             exported.name == domain.handler ? User::Program : User::Domains});
    for (const resolve::BridgedExport& exported : domain.reachable)
      row.exports.push_back({exported.name, exported.from, User::Program});
  }

  [[nodiscard]] const resolve::LinkPlan& plan() const { return link_.planned.plan; }
  [[nodiscard]] const types::Types& types() const { return *link_.split.types; }
  [[nodiscard]] std::shared_ptr<const packr::Package> find_package(const std::string& unit) const {
    const auto package = units_.packages.find(unit);
    return package == units_.packages.end() ? nullptr : package->second;
  }

  // consumer: complete except for its imports and exports.
  [[nodiscard]] EdgeRow make_edge(const resolve::BridgedImport& import,
                                  const DomainRow& consumer) const {
    const resolve::Unit& provider = plan().units[import.from.unit];
    const types::RootItem& exported = provider.type.exports[import.from.index];
    EdgeRow edge{.import = import.name,
                 .options = import.options,
                 .consumer = import.consumer,
                 .imported = import.imported,
                 .unit = provider.name,
                 .kind = provider.kind,
                 .provider = import.provider,
                 .export_name = import.export_name,
                 .exported = exported.name,
                 .package = find_package(provider.name)};
    if (exported.implements) edge.implements = *exported.implements;
    if (const auto bundle = units_.bundles.find(provider.name); bundle != units_.bundles.end())
      edge.bundle = bundle->second;
    if (consumer.package != nullptr) {
      edge.consumer = consumer.package_unit;
      add_package_functions(*consumer.package, exported.item, edge);
    } else if (const auto* const instance = std::get_if<types::InstanceId>(&import.item)) {
      for (const types::NamedItem& part : types().instances[*instance].exports)
        add_part(part.name, part.item, exported.item, edge);
    } else {
      add_part("", import.item, exported.item, edge);
    }
    return edge;
  }

  void add_part(const std::string& name, const types::Item& part, const types::Item& exported,
                EdgeRow& edge) const {
    if (const auto* const function = std::get_if<types::FunctionId>(&part)) {
      const bool can_differ =
          edge.provider == resolve::kOutside || edge.package != nullptr || edge.options.is_adapted;
      edge.functions.push_back(
          {name, *function, can_differ ? find_provided(name, exported, *function) : *function});
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&part)) {
      if (const auto* const resource = std::get_if<types::ResourceId>(&bound->type))
        edge.resources.push_back({name, *resource});
    }
  }

  void add_package_functions(const packr::Package& consumer, const types::Item& exported,
                             EdgeRow& edge) const {
    const bool is_bare = std::holds_alternative<types::FunctionId>(exported);
    for (std::uint32_t i = 0; i < consumer.imports.size(); ++i) {
      const packr::Package::Function& function = consumer.imports[i];
      if (function.item != edge.import) continue;
      const std::string name = is_bare ? std::string() : function.function;
      edge.functions.push_back(
          {name, function.type, find_provided(name, exported, function.type), i});
    }
  }

  // The provider's function. wanted: that of the consumer, if the provider has none of its own.
  [[nodiscard]] types::FunctionId find_provided(std::string_view name, const types::Item& exported,
                                                types::FunctionId wanted) const {
    if (const auto* const function = std::get_if<types::FunctionId>(&exported)) return *function;
    const auto* const instance = std::get_if<types::InstanceId>(&exported);
    const types::NamedItem* const part =
        instance == nullptr ? nullptr : types().instances[*instance].find_export(name);
    const auto* const function =
        part == nullptr ? nullptr : std::get_if<types::FunctionId>(&part->item);
    return function == nullptr ? wanted : *function;
  }

  const ComposedLink& link_;
  const KnownUnits& units_;
};

// Describes every resource that the rows mention. A domain that gets handles of WASI from another one has WASI, too.
void add_kinds(StartPlan& start, KindFinder& finder) {
  for (DomainRow& domain : start.domains) {
    const auto add = [&](types::ResourceId resource) {
      const auto [row, is_new] = start.kinds.try_emplace(resource);
      if (is_new) row->second = finder.find(resource);
      if (row->second.wasi) domain.needs_wasi = true;
    };
    const auto add_mentioned = [&](types::FunctionId function) {
      for (const types::ResourceId resource : types::mentioned_resources(*start.types, function))
        add(resource);
    };
    for (const EdgeRow& edge : domain.imports) {
      for (const ResourceRow& row : edge.resources) add(row.resource);
      for (const FunctionRow& row : edge.functions) {
        add_mentioned(row.type);
        if (row.provided != row.type) add_mentioned(row.provided);
      }
    }
  }
}

}  // namespace

bool answers_http(const Request& request, const DomainRow& row) {
  return !row.http_handler.empty() && request.http_instances != 0;
}

std::uint32_t count_instances(const Request& request, const DomainRow& row) {
  if (answers_http(request, row)) return request.http_instances;
  const std::uint32_t pool = find_pool(request, row.name);
  return pool == 0 && row.serves_requests ? request.http_instances : pool;
}

StartPlan make_start_plan(const ComposedLink& link, const Request& request) {
  const resolve::LinkPlan& plan = link.planned.plan;
  const KnownUnits units = known_units_of(link.planned);
  StartPlan start{.program = program_name(plan),
                  .command = find_export(plan.shown, "wasi:cli/run@"),
                  .domain = find_root_domain(plan.shown),
                  .types = link.split.types,
                  .names = find_type_names(plan, units.packages),
                  .notes = plan.shown.notes};
  start.domains = RowMaker(link, units).make_all();
  // Functions of a program in C can ask for the types of the imports that they provide.
  for (const resolve::DomainPlan& domain : link.split.domains)
    for (const resolve::BridgedImport& import : domain.imports)
      if (plan.units[import.from.unit].kind == UnitKind::HostFunctions)
        types::add_names(*start.types, start.names, import.imported, import.item);
  for (const resolve::SplitExport& exported : link.split.exports)
    if (exported.name == start.command) start.command_domain = exported.domain;
  const std::vector<resolve::DomainIndex> domain_of = domains_of_units(start, plan.units.size());
  const program::HostTable host(program::with_built_in(request.host, {}));
  KindFinder finder(plan, *start.types, domain_of, link.planned.foreign, units, host);
  add_kinds(start, finder);
  return start;
}

std::vector<resolve::DomainIndex> domains_of_units(const StartPlan& start, std::size_t units) {
  std::vector<resolve::DomainIndex> domain_of(units, resolve::kOutside);
  for (resolve::DomainIndex i = 0; i < start.domains.size(); ++i)
    for (const resolve::UnitIndex unit : start.domains[i].units)
      if (unit < units) domain_of[unit] = i;
  return domain_of;
}

const std::string* find_export_name(const DomainRow& domain, resolve::UnitExport from) {
  const auto found = std::ranges::find(domain.exports, from, &ExportRow::from);
  return found == domain.exports.end() ? nullptr : &found->name;
}

types::TypeNames find_type_names(const resolve::LinkPlan& plan, const packr::Packages& packages) {
  types::TypeNames names;
  for (const resolve::CompositionExport& exported : plan.exports)
    types::add_names(*plan.types, names, exported.name,
                     plan.units[exported.from.unit].type.exports[exported.from.index].item);
  for (const auto& [unit, package] : packages)
    names.types.insert(package->names.begin(), package->names.end());
  return names;
}

std::vector<bool> find_lazy_domains(const std::vector<DomainRow>& domains) {
  std::vector<bool> is_used(domains.size());
  for (const DomainRow& domain : domains)
    for (const EdgeRow& edge : domain.imports)
      if (edge.provider != resolve::kOutside) is_used[edge.provider] = true;
  std::vector<bool> is_lazy(domains.size(), true);
  std::vector<std::size_t> open;
  const auto reach = [&](std::size_t i) {
    if (is_lazy[i]) open.push_back(i);
    is_lazy[i] = false;
  };
  for (std::size_t i = 0; i < domains.size(); ++i)
    if (!is_used[i]) reach(i);
  while (!open.empty()) {
    const DomainRow& domain = domains[open.back()];
    open.pop_back();
    for (const EdgeRow& edge : domain.imports)
      if (edge.provider != resolve::kOutside && !edge.options.lazy) reach(edge.provider);
  }
  return is_lazy;
}

}  // namespace tenon::link
