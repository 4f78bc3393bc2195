#include "resolve/draft.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

namespace tenon::resolve {

namespace {

auto location_key(const Location& at) {
  return std::tie(at.file, at.line, at.column, at.unit, at.item);
}

bool wire_before(const Wire& a, const Wire& b) {
  const auto key = [](const Wire& wire) {
    return std::tuple(std::tie(wire.consumer, wire.import, wire.provider, wire.export_name,
                               wire.via, wire.target, wire.lazy, wire.optional, wire.on_failure,
                               wire.stream_buffer, wire.adapt, wire.buffers),
                      location_key(wire.where));
  };
  return key(a) < key(b);
}

bool filter_before(const Filter& a, const Filter& b) {
  const auto key = [](const Filter& filter) {
    return std::tuple(std::tie(filter.unit, filter.kind, filter.item), location_key(filter.where));
  };
  return key(a) < key(b);
}

bool request_before(const ExportRequest& a, const ExportRequest& b) {
  const auto key = [](const ExportRequest& request) {
    return std::tuple(std::tie(request.unit, request.item, request.as),
                      location_key(request.where));
  };
  return key(a) < key(b);
}

bool placement_before(const Placement& a, const Placement& b) {
  const auto key = [](const Placement& placement) {
    return std::tuple(std::tie(placement.unit, placement.domain), location_key(placement.where));
  };
  return key(a) < key(b);
}

bool table_before(const DomainTable& a, const DomainTable& b) {
  return std::tuple(a.name, location_key(a.where)) < std::tuple(b.name, location_key(b.where));
}

bool unit_before(const Unit& a, const Unit& b) {
  const auto key = [](const Unit& unit) {
    return std::tuple(row_of(unit.kind).runs_in == RunsIn::Engine, std::tie(unit.name, unit.file),
                      unit.digest ? std::string_view(*unit.digest) : std::string_view());
  };
  return key(a) < key(b);
}

}  // namespace

// The order of the inputs must not matter. It is removed here once: all lists are sorted by keys
// that are part of what the user wrote, and every pass iterates over these lists.
Draft::Draft(Inputs link_inputs)
    : inputs(std::move(link_inputs)), relation(inputs.types, inputs.buffers) {
  std::sort(inputs.units.begin(), inputs.units.end(), unit_before);
  std::sort(inputs.policy.wires.begin(), inputs.policy.wires.end(), wire_before);
  std::sort(inputs.policy.filters.begin(), inputs.policy.filters.end(), filter_before);
  std::sort(inputs.policy.exports.begin(), inputs.policy.exports.end(), request_before);
  std::ranges::sort(inputs.policy.placements, placement_before);
  std::ranges::sort(inputs.policy.domains, table_before);
  std::ranges::sort(inputs.policy.middleware, {}, &Middleware::name);
  unit_by_name.reserve(inputs.units.size());
  for (UnitIndex u = 0; u < inputs.units.size(); ++u) {
    unit_by_name.emplace(inputs.units[u].name, u);
    if (row_of(inputs.units[u].kind).runs_in == RunsIn::Engine)
      wasi = u;
    else
      linked = u + 1;
  }
  considered.resize(inputs.units.size());
}

bool Draft::is_inside(UnitIndex index) const { return index < linked && has_domain(unit(index)); }

bool Draft::is_offered(UnitExport from, UnitIndex consumer) const {
  const std::vector<std::string>& consumers = unit(from.unit).export_consumers;
  if (consumers.empty()) return true;
  const std::string& name = unit_name(consumer);
  const bool has_own = std::ranges::find(consumers, name) != consumers.end();
  return consumers[from.index] == (has_own ? name : std::string());
}

std::optional<UnitIndex> Draft::find_unit(const std::string& name) const {
  const auto entry = unit_by_name.find(name);
  return entry == unit_by_name.end() ? std::nullopt : std::optional(entry->second);
}

const Middleware* Draft::find_middleware(const std::string& name) const {
  const auto match = std::ranges::find(inputs.policy.middleware, name, &Middleware::name);
  return match == inputs.policy.middleware.end() ? nullptr : &*match;
}

const types::UseIndex& Draft::uses_of(UnitIndex unit) {
  std::unique_ptr<types::UseIndex>& uses = uses_[unit];
  if (uses == nullptr)
    uses = std::make_unique<types::UseIndex>(inputs.types, inputs.units[unit].type);
  return *uses;
}

std::optional<UnitIndex> Draft::find_maker(ResourceId resource) {
  if (makers_.empty()) {
    for (UnitIndex u = 0; u < inputs.units.size(); ++u)
      for (const ResourceId id : inputs.units[u].type.defined) makers_.emplace(id, u);
  }
  const auto maker = makers_.find(resource);
  return maker == makers_.end() ? std::nullopt : std::optional(maker->second);
}

std::string shown_name(const DraftImport& import) { return import.names.front().full_text(); }

std::string shown_name(const Draft& draft, UnitExport at) {
  return draft.export_names[at.unit][at.index].front().full_text();
}

namespace {

// An item that comes from the metadata of a package has no offset.
std::optional<std::uint64_t> offset_of(const types::RootItem& item) {
  return item.span.end == 0 ? std::nullopt : std::optional<std::uint64_t>(item.span.begin);
}

}  // namespace

Location where_of(const Draft& draft, UnitImport at) {
  const types::RootItem& item = draft.item(at);
  return {.file = draft.unit(at.unit).file,
          .unit = draft.unit_name(at.unit),
          .item = item.name,
          .offset = offset_of(item)};
}

Location where_of(const Draft& draft, UnitExport at) {
  const types::RootItem& item = draft.item(at);
  return {.file = draft.unit(at.unit).file,
          .unit = draft.unit_name(at.unit),
          .item = item.name,
          .offset = offset_of(item)};
}

namespace {

std::string_view name_of_sort(types::Unsupported::Sort sort) {
  switch (sort) {
    case types::Unsupported::Sort::Component:
      return "component";
    case types::Unsupported::Sort::CoreModule:
      return "core module";
    case types::Unsupported::Sort::Value:
      return "value";
    case types::Unsupported::Sort::Type:
      return "type of functions, instances or components";
  }
  return "item";
}

std::string_view describe_name_kind(types::NameKind kind) {
  switch (kind) {
    case types::NameKind::NestedName:
      return "a nested namespace or package";
    case types::NameKind::Dependency:
      return "a dependency name";
    case types::NameKind::Url:
      return "a URL name";
    case types::NameKind::Integrity:
      return "an integrity name";
    case types::NameKind::Label:
    case types::NameKind::Interface:
    case types::NameKind::Constructor:
    case types::NameKind::Method:
    case types::NameKind::Static:
      return "a name";
  }
  return "a name";
}

}  // namespace

std::string describe_unsupported(const Unit& unit, const types::RootItem& item) {
  if (const auto* const unsupported = std::get_if<types::Unsupported>(&item.item))
    return fmt::format("a {}", name_of_sort(unsupported->sort));
  // Items of packages can have any name, such as "math.double".
  if (row_of(unit.kind).types != TypesOf::Components) return {};
  const Result<types::ItemName> name = types::parse_item_name(item.name, item.version_suffix);
  if (!name) return "a name of this form";
  return name->is_supported() ? std::string() : std::string(describe_name_kind(name->kind));
}

const types::RootItem* find_unsupported(const Draft& draft, UnitIndex unit,
                                        const std::string& name) {
  const std::vector<types::RootItem>& exports = draft.unit(unit).type.exports;
  for (std::size_t e = 0; e < exports.size(); ++e)
    if (exports[e].name == name && draft.export_names[unit][e].empty()) return &exports[e];
  return nullptr;
}

types::TypeRelation relation_of(const Unit& consumer, const Unit& provider) {
  const bool is_package = has_packr_types(consumer.kind);
  const TypesOf provided = row_of(provider.kind).types;
  if (provided == TypesOf::Consumer || is_package == (provided == TypesOf::Packages))
    return is_package ? types::TypeRelation::Packages : types::TypeRelation::Components;
  return types::TypeRelation::Mixed;
}

bool can_pass_buffers(const Unit& consumer, const Unit& provider) {
  return relation_of(consumer, provider) == types::TypeRelation::Mixed &&
         runs_in_domain(provider.kind) && !provider.is_running;
}

types::Verdict compare_import(Draft& draft, const DraftImport& import, UnitExport from) {
  ++draft.work.compared;
  const Unit& consumer = draft.unit(import.at.unit);
  const Unit& provider = draft.unit(from.unit);
  const bool passes_buffers =
      import.wire != nullptr && import.wire->buffers && can_pass_buffers(consumer, provider);
  types::Verdict verdict = draft.relation.compare(
      draft.item(import.at).item, draft.item(from).item,
      passes_buffers ? types::TypeRelation::MixedBuffers : relation_of(consumer, provider),
      provider.type.defined);
  for (const std::uint32_t position : import.followers) {
    const DraftImport& follower = draft.imports[position];
    const types::RootItem& required = draft.item(follower.at);
    const std::optional<UnitExport> match = find_follower(draft, from, follower);
    if (!match) {
      types::Difference missing;
      missing.kind = types::DifferenceKind::MissingExport;
      missing.item_path = {required.name};
      missing.expected.item = required.item;
      verdict.differences.push_back(std::move(missing));
      continue;
    }
    types::Verdict part =
        draft.relation.compare(required.item, draft.item(*match).item,
                               types::TypeRelation::Components, draft.unit(from.unit).type.defined);
    for (types::Difference& difference : part.differences) {
      difference.item_path.insert(difference.item_path.begin(), required.name);
      verdict.differences.push_back(std::move(difference));
    }
    verdict.ties.insert(verdict.ties.end(), part.ties.begin(), part.ties.end());
  }
  return verdict;
}

std::optional<UnitExport> find_follower(const Draft& draft, UnitExport from,
                                        const DraftImport& follower) {
  const std::span<const UnitExport> all = draft.exports.find_matches(follower.names.front());
  auto match = std::lower_bound(all.begin(), all.end(), UnitExport{from.unit, 0});
  for (; match != all.end() && match->unit == from.unit; ++match)
    if (draft.is_offered(*match, follower.at.unit)) return *match;
  return std::nullopt;
}

MatchedNames match_names(const Draft& draft, const DraftImport& import, UnitExport from) {
  return match_names(import.names, draft.export_names[from.unit][from.index]);
}

bool is_better(const Draft& draft, const DraftImport& import, UnitExport a, UnitExport b) {
  const std::strong_ordering order =
      compare_matches(match_names(draft, import, a), match_names(draft, import, b));
  return order != 0 ? order > 0 : a < b;
}

namespace {

// The order of the exported version relative to the imported one. Absent: one has no version.
std::optional<std::weak_ordering> compare_to_import(const MatchedNames& names) {
  if (!names.imported->version || !names.exported->version) return std::nullopt;
  return compare_precedence(*names.exported->version, *names.imported->version);
}

}  // namespace

std::string describe_version(const Draft& draft, const DraftImport& import, UnitExport from) {
  const MatchedNames names = match_names(draft, import, from);
  if (!names.is_match()) return {};
  const std::optional<std::weak_ordering> order = compare_to_import(names);
  if (!order || *order == 0) return {};
  if (*order > 0) return fmt::format("newer in track {}", names.exported->track);
  return fmt::format("older than asked ({})", print_version(*names.imported->version));
}

bool is_older(const Draft& draft, const DraftImport& import, UnitExport from) {
  const MatchedNames names = match_names(draft, import, from);
  const std::optional<std::weak_ordering> order = compare_to_import(names);
  return names.is_match() && order && *order < 0;
}

Location where_of_unit(const Unit& unit) {
  Location where = unit.where ? *unit.where : Location();
  if (where.file.empty()) where.file = unit.file;
  if (where.unit.empty()) where.unit = unit.name;
  return where;
}

bool is_bridged(const Draft& draft, const DraftImport& import) {
  if (import.outcome != Outcome::Provided || import.choice->from.unit >= draft.linked) return false;
  return runs_in_domain(draft.unit(import.choice->from.unit).kind) &&
         draft.domain_of[import.at.unit] != draft.domain_of[import.choice->from.unit];
}

bool are_separated(const Draft& draft, const DraftImport& import) {
  if (!is_bridged(draft, import)) return false;
  const auto placed_in = [&](UnitIndex unit) {
    const std::string& domain = draft.unit(unit).domain;
    const auto parent = draft.parent_domains.find(domain);
    return parent == draft.parent_domains.end() ? domain : parent->second;
  };
  return draft.is_inside(import.choice->from.unit) &&
         placed_in(import.at.unit) == placed_in(import.choice->from.unit);
}

bool is_outside(const Draft& draft, const DraftImport& import) {
  return import.outcome == Outcome::Provided && import.choice->from.unit < draft.linked &&
         is_outside(draft.unit(import.choice->from.unit).kind);
}

std::string on_failure_of(const DraftImport& import) {
  return import.wire == nullptr ? std::string() : import.wire->on_failure;
}

}  // namespace tenon::resolve
