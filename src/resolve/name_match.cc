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
  return name.kind == types::NameKind::Interface ? name.path : name.text;
}

std::string track_key(const types::ItemName& name) {
  if (!name.version) return unversioned_name(name);
  return name.path + "@" + name.track;
}

bool names_match(const types::ItemName& import, const types::ItemName& exported) {
  return unversioned_name(import) == unversioned_name(exported) && import.track == exported.track;
}

std::strong_ordering compare_matches(const MatchedNames& a, const MatchedNames& b) {
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
