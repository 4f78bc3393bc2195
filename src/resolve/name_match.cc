#include "resolve/name_match.h"

#include <algorithm>
#include <utility>

#include "support/semver.h"

namespace tenon::resolve {

namespace {

std::span<const UnitExport> find_in(
    const std::unordered_map<std::string, std::vector<UnitExport>>& index, const std::string& key) {
  const auto entry = index.find(key);
  return entry == index.end() ? std::span<const UnitExport>() : entry->second;
}

void add_once(std::vector<UnitExport>& exports, UnitExport from) {
  if (exports.empty() || exports.back() != from) exports.push_back(from);
}

// Whether an export has the version that the import names, build metadata apart.
bool is_exact(const MatchedNames& names) {
  return names.imported->version && names.exported->version &&
         compare_precedence(*names.imported->version, *names.exported->version) == 0;
}

}  // namespace

const std::string& unversioned_name(const types::ItemName& name) {
  return is_interface(name) ? name.path : name.text;
}

std::string track_key(const types::ItemName& name) {
  if (!name.version) return unversioned_name(name);
  return name.path + "@" + name.track;
}

bool names_match(const types::ItemName& import, const types::ItemName& exported) {
  return unversioned_name(import) == unversioned_name(exported) && import.track == exported.track;
}

ItemNames read_item_names(const types::RootItem& item) {
  Result<types::ItemName> name = types::parse_item_name(item.name, item.version_suffix);
  if (!name) return {};
  ItemNames names = {*std::move(name)};
  if (item.implements) {
    Result<types::ItemName> implements = types::parse_item_name(*item.implements);
    if (implements && is_interface(*implements)) names.push_back(*std::move(implements));
  }
  return names;
}

bool is_interface(const types::ItemName& name) { return name.kind == types::NameKind::Interface; }

const types::ItemName* interface_of(const ItemNames& names) {
  const auto interface = std::ranges::find_if(names, is_interface);
  return interface == names.end() ? nullptr : &*interface;
}

bool have_other_interfaces(const ItemNames& a, const ItemNames& b) {
  const types::ItemName* const first = interface_of(a);
  const types::ItemName* const second = interface_of(b);
  return first != nullptr && second != nullptr && !names_match(*first, *second);
}

MatchedNames match_names(const ItemNames& import, const ItemNames& exported) {
  const bool is_own = names_match(import.front(), exported.front());
  const types::ItemName* const required = interface_of(import);
  const types::ItemName* const offered = interface_of(exported);
  if (required == nullptr || offered == nullptr)
    return {&import.front(), &exported.front(), is_own ? NameMatch::Own : NameMatch::None};
  if (names_match(*required, *offered))
    return {required, offered, is_own ? NameMatch::Own : NameMatch::Implemented};
  if (unversioned_name(*required) == unversioned_name(*offered)) return {required, offered};
  return {&import.front(), &exported.front()};
}

std::strong_ordering compare_matches(const MatchedNames& a, const MatchedNames& b) {
  if (a.match != b.match) return a.match <=> b.match;
  if (is_exact(a) != is_exact(b)) return is_exact(a) <=> is_exact(b);
  const std::optional<Version>& version_a = a.exported->version;
  const std::optional<Version>& version_b = b.exported->version;
  if (version_a && version_b) return compare_versions(*version_a, *version_b);
  return version_a.has_value() <=> version_b.has_value();
}

void ExportIndex::reserve(std::size_t names) {
  by_track_.reserve(names);
  by_path_.reserve(names);
}

void ExportIndex::add(UnitExport from, const ItemNames& names) {
  for (const types::ItemName& name : names) {
    add_once(by_track_[track_key(name)], from);
    add_once(by_path_[unversioned_name(name)], from);
  }
}

std::span<const UnitExport> ExportIndex::find_matches(const types::ItemName& name) const {
  return find_in(by_track_, track_key(name));
}

std::span<const UnitExport> ExportIndex::find_path(const std::string& path) const {
  return find_in(by_path_, path);
}

std::vector<std::string_view> ExportIndex::all_names() const {
  std::vector<std::string_view> names;
  names.reserve(by_path_.size());
  for (const auto& [name, exports] : by_path_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<std::string> version_of_exports(const std::vector<ItemNames>& exports) {
  std::optional<std::string> version;
  for (const ItemNames& names : exports) {
    if (names.empty() || !names.front().version || names.front().ns == "wasi") continue;
    std::string own = print_version(*names.front().version);
    if (version && *version != own) return std::nullopt;
    version = std::move(own);
  }
  return version;
}

}  // namespace tenon::resolve
