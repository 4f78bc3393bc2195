#include "resolve/export_wishes.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "resolve/name_pattern.h"
#include "support/near_miss.h"

namespace tenon::resolve {

namespace {

std::string print_wish(const ExportWish& wish) {
  return fmt::format("{}:{}{}", wish.unit, wish.item, wish.as ? "=" + *wish.as : std::string());
}

void fail(Draft& draft, Code code, const ExportWish& wish, const std::string& why,
          const std::string& hint) {
  Diagnostic problem =
      make_diagnostic(code, "the export `{}` cannot be made: {}", print_wish(wish), why);
  problem.where = wish.where;
  problem.hints.push_back(hint);
  draft.problems.push_back(std::move(problem));
}

bool is_instance(const Draft& draft, UnitExport from) {
  return std::holds_alternative<types::InstanceId>(draft.item(from).item);
}

// What keeps an item from being exported under a name; empty: nothing.
std::string check_new_name(const Draft& draft, UnitExport from, const std::string& as) {
  const Result<types::ItemName> name = types::parse_item_name(as);
  if (!name) return fmt::format("`{}` is no name of an export", as);
  switch (name->kind) {
    case types::NameKind::Label:
      return {};
    case types::NameKind::Interface:
      return is_instance(draft, from)
                 ? std::string()
                 : fmt::format("`{}` names an interface, and the item is none", as);
    case types::NameKind::Constructor:
    case types::NameKind::Method:
    case types::NameKind::Static:
    case types::NameKind::NestedName:
    case types::NameKind::Dependency:
    case types::NameKind::Url:
    case types::NameKind::Integrity:
      return fmt::format("`{}` is no label and no interface name", as);
  }
  return {};
}

void add_wish(Draft& draft, const ExportWish& wish, std::vector<WantedExport>& wanted) {
  const std::optional<UnitIndex> unit = draft.find_unit(wish.unit);
  std::vector<std::string> names;
  if (!unit || !draft.is_inside(*unit)) {
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (draft.is_inside(u)) names.push_back(draft.unit_name(u));
    return fail(draft, Code::ResolveExportMissing, wish,
                unit ? fmt::format("`{}` is no unit of a domain", wish.unit)
                     : fmt::format("there is no unit `{}`", wish.unit),
                suggest_name(wish.unit, std::move(names), "units"));
  }
  const Result<NamePattern, VersionError> pattern = parse_name_pattern(wish.item);
  std::vector<UnitExport> matches;
  for (std::uint32_t e = 0; e < draft.export_names[*unit].size(); ++e) {
    bool is_match = false;
    for (const types::ItemName& name : draft.export_names[*unit][e]) {
      names.push_back(unversioned_name(name));
      is_match |= pattern && matches_name(*pattern, name);
    }
    if (is_match) matches.push_back({*unit, e});
  }
  if (matches.empty())
    return fail(
        draft, Code::ResolveExportMissing, wish,
        fmt::format("`{}` has no export `{}`", wish.unit, wish.item),
        suggest_name(wish.item, std::move(names), fmt::format("exports of `{}`", wish.unit)));
  if (wish.as && matches.size() > 1)
    return fail(
        draft, Code::ResolveExportMissing, wish,
        fmt::format("`{}` means {} exports, and one name was given", wish.item, matches.size()),
        fmt::format("name one of them, such as `{}`", shown_name(draft, matches.front())));
  for (const UnitExport from : matches) {
    const std::string filter = draft.visibility.who_hides(from);
    if (!filter.empty())
      return fail(draft, Code::ResolveHidden, wish,
                  fmt::format("`{}` hides `{}`", filter, shown_name(draft, from)),
                  "remove the filter, or the export");
    const std::string why = wish.as ? check_new_name(draft, from, *wish.as) : std::string();
    if (!why.empty())
      return fail(draft, Code::ResolveExportMissing, wish, why,
                  "give it a plain name, such as `tax-lib`");
    wanted.push_back({.name = wish.as.value_or(shown_name(draft, from)),
                      .from = from,
                      .reason = ExportReason::Asked,
                      .where = wish.where});
  }
}

// Every visible export of a unit that nobody consumes.
void add_unit(const Draft& draft, UnitIndex unit, const std::set<UnitExport>& passed_over,
              ExportReason reason, std::vector<WantedExport>& wanted) {
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    const UnitExport from{unit, e};
    if (draft.export_names[unit][e].empty() || passed_over.contains(from)) continue;
    if (!draft.visibility.who_hides(from).empty()) continue;
    wanted.push_back({.name = shown_name(draft, from),
                      .from = from,
                      .reason = reason,
                      .where = where_of(draft, from)});
  }
}

}  // namespace

std::vector<WantedExport> collect_wanted_exports(Draft& draft) {
  std::vector<WantedExport> wished;
  for (const ExportWish& wish : draft.inputs.policy.exports) add_wish(draft, wish, wished);
  std::set<UnitExport> taken;
  for (const WantedExport& wish : wished) taken.insert(wish.from);

  std::vector<WantedExport> wanted;
  if (draft.root) {
    // A wish for an export of the root stands in its place.
    add_unit(draft, *draft.root, {}, ExportReason::Asked, wanted);
    for (WantedExport& own : wanted) {
      const auto wish = std::find_if(wished.begin(), wished.end(), [&](const WantedExport& other) {
        return other.from == own.from;
      });
      if (wish == wished.end()) continue;
      own = *wish;
      wished.erase(wish);
    }
    for (const WantedExport& own : wanted) taken.insert(own.from);
  }
  wanted.insert(wanted.end(), wished.begin(), wished.end());
  if (draft.inputs.policy.export_mode == Policy::Exports::All) {
    for (const DraftImport& import : draft.imports)
      if (import.outcome == Outcome::Provided) taken.insert(import.choice->from);
    for (UnitIndex u = 0; u < draft.linked; ++u)
      if (u != draft.root && draft.is_inside(u))
        add_unit(draft, u, taken, ExportReason::All, wanted);
  }
  return wanted;
}

}  // namespace tenon::resolve
