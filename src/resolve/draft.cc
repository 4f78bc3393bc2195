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
                               wire.via, wire.target, wire.lazy, wire.on_failure),
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

bool wish_before(const ExportWish& a, const ExportWish& b) {
  const auto key = [](const ExportWish& wish) {
    return std::tuple(std::tie(wish.unit, wish.item, wish.as), location_key(wish.where));
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
    return std::tuple(unit.kind == UnitKind::Wasi, std::tie(unit.name, unit.file, unit.digest));
  };
  return key(a) < key(b);
}

}  // namespace

Draft::Draft(Inputs given) : inputs(std::move(given)), relation(inputs.types) {
  std::sort(inputs.units.begin(), inputs.units.end(), unit_before);
  std::sort(inputs.policy.wires.begin(), inputs.policy.wires.end(), wire_before);
  std::sort(inputs.policy.filters.begin(), inputs.policy.filters.end(), filter_before);
  std::sort(inputs.policy.exports.begin(), inputs.policy.exports.end(), wish_before);
  std::ranges::sort(inputs.policy.placements, placement_before);
  std::ranges::sort(inputs.policy.domains, table_before);
  unit_by_name.reserve(inputs.units.size());
  for (UnitIndex u = 0; u < inputs.units.size(); ++u) {
    unit_by_name.emplace(inputs.units[u].name, u);
    if (inputs.units[u].kind == UnitKind::Wasi)
      wasi = u;
    else
      linked = u + 1;
  }
  touched.resize(inputs.units.size());
}

bool Draft::is_inside(UnitIndex index) const { return index < linked && has_domain(unit(index)); }

std::optional<UnitIndex> Draft::find_unit(const std::string& name) const {
  const auto found = unit_by_name.find(name);
  return found == unit_by_name.end() ? std::nullopt : std::optional(found->second);
}

const types::UseIndex& Draft::uses_of(UnitIndex unit) {
  std::unique_ptr<types::UseIndex>& uses = uses_[unit];
  if (uses == nullptr)
    uses = std::make_unique<types::UseIndex>(inputs.types, inputs.units[unit].type);
  return *uses;
}

std::optional<UnitIndex> Draft::find_maker(ResourceId made) {
  if (makers_.empty()) {
    for (UnitIndex u = 0; u < inputs.units.size(); ++u)
      for (const ResourceId id : inputs.units[u].type.defined) makers_.emplace(id, u);
  }
  const auto maker = makers_.find(made);
  return maker == makers_.end() ? std::nullopt : std::optional(maker->second);
}

std::string shown_name(const DraftImport& import) { return import.names.front().full_text(); }

std::string shown_name(const Draft& draft, UnitExport at) {
  return draft.export_names[at.unit][at.index].front().full_text();
}

namespace {

// What a package's metadata says stands at no one place.
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

types::TypeRelation relation_of(const Unit& consumer, const Unit& provider) {
  const bool is_consumer = consumer.kind == UnitKind::Package;
  const bool is_provider = provider.kind == UnitKind::Package;
  if (!is_consumer && !is_provider) return types::TypeRelation::Components;
  // What the program provides has the types of who imports it.
  const bool is_either = is_consumer && provider.kind == UnitKind::HostFunctions;
  return (is_consumer && is_provider) || is_either ? types::TypeRelation::Packages
                                                   : types::TypeRelation::Mixed;
}

types::Verdict compare_import(Draft& draft, const DraftImport& import, UnitExport from) {
  ++draft.work.compared;
  types::Verdict verdict =
      draft.relation.compare(draft.item(import.at).item, draft.item(from).item,
                             relation_of(draft.unit(import.at.unit), draft.unit(from.unit)),
                             draft.unit(from.unit).type.defined);
  for (const std::uint32_t position : import.followers) {
    const DraftImport& follower = draft.imports[position];
    const types::RootItem& wanted = draft.item(follower.at);
    const std::optional<UnitExport> found = find_follower(draft, from, follower);
    if (!found) {
      types::Difference missing;
      missing.kind = types::DifferenceKind::MissingExport;
      missing.item_path = {wanted.name};
      missing.wanted.item = wanted.item;
      verdict.differences.push_back(std::move(missing));
      continue;
    }
    types::Verdict part =
        draft.relation.compare(wanted.item, draft.item(*found).item,
                               types::TypeRelation::Components, draft.unit(from.unit).type.defined);
    for (types::Difference& difference : part.differences) {
      difference.item_path.insert(difference.item_path.begin(), wanted.name);
      verdict.differences.push_back(std::move(difference));
    }
    verdict.ties.insert(verdict.ties.end(), part.ties.begin(), part.ties.end());
  }
  return verdict;
}

std::optional<UnitExport> find_follower(const Draft& draft, UnitExport from,
                                        const DraftImport& follower) {
  const std::span<const UnitExport> all = draft.exports.find_matches(follower.names.front());
  const auto found = std::lower_bound(all.begin(), all.end(), UnitExport{from.unit, 0});
  return found == all.end() || found->unit != from.unit ? std::nullopt : std::optional(*found);
}

MatchedNames match_names(const Draft& draft, const DraftImport& import, UnitExport from) {
  const ItemNames& found_names = draft.export_names[from.unit][from.index];
  for (const types::ItemName& wanted : import.names)
    for (const types::ItemName& found : found_names)
      if (names_match(wanted, found)) return {&wanted, &found, true};
  for (const types::ItemName& wanted : import.names)
    for (const types::ItemName& found : found_names)
      if (unversioned_name(wanted) == unversioned_name(found)) return {&wanted, &found, false};
  return {&import.names.front(), &found_names.front(), false};
}

bool is_better(const Draft& draft, const DraftImport& import, UnitExport a, UnitExport b) {
  const MatchedNames with_a = match_names(draft, import, a);
  const MatchedNames with_b = match_names(draft, import, b);
  const auto is_same = [](const MatchedNames& names) {
    return names.wanted->version && names.found->version &&
           compare_precedence(*names.wanted->version, *names.found->version) == 0;
  };
  if (is_same(with_a) != is_same(with_b)) return is_same(with_a);
  const std::optional<Version>& version_a = with_a.found->version;
  const std::optional<Version>& version_b = with_b.found->version;
  if (version_a && version_b) {
    const std::strong_ordering order = compare_versions(*version_a, *version_b);
    if (order != 0) return order > 0;
  } else if (version_a.has_value() != version_b.has_value()) {
    return version_a.has_value();
  }
  return a < b;
}

namespace {

std::optional<std::weak_ordering> compare_to_wanted(const MatchedNames& names) {
  if (!names.wanted->version || !names.found->version) return std::nullopt;
  return compare_precedence(*names.found->version, *names.wanted->version);
}

}  // namespace

std::string describe_version(const Draft& draft, const DraftImport& import, UnitExport from) {
  const MatchedNames names = match_names(draft, import, from);
  if (!names.match) return {};
  const std::optional<std::weak_ordering> order = compare_to_wanted(names);
  if (!order || *order == 0) return {};
  if (*order > 0) return fmt::format("newer in track {}", names.found->track);
  return fmt::format("older than asked ({})", print_version(*names.wanted->version));
}

bool is_older(const Draft& draft, const DraftImport& import, UnitExport from) {
  const MatchedNames names = match_names(draft, import, from);
  const std::optional<std::weak_ordering> order = compare_to_wanted(names);
  return names.match && order && *order < 0;
}

}  // namespace tenon::resolve
