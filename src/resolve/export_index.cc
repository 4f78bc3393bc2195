#include "resolve/export_index.h"

#include <algorithm>

namespace tenon::resolve {

namespace {

std::span<const UnitExport> find_in(
    const std::unordered_map<std::string, std::vector<UnitExport>>& index, const std::string& key) {
  const auto found = index.find(key);
  return found == index.end() ? std::span<const UnitExport>() : found->second;
}

void add_once(std::vector<UnitExport>& exports, UnitExport from) {
  if (exports.empty() || exports.back() != from) exports.push_back(from);
}

}  // namespace

const std::string& unversioned_name(const types::ItemName& name) {
  return name.kind == types::NameKind::Interface ? name.path : name.text;
}

std::string track_key(const types::ItemName& name) {
  if (!name.version) return unversioned_name(name);
  return name.path + "@" + name.track;
}

bool names_match(const types::ItemName& wanted, const types::ItemName& found) {
  return unversioned_name(wanted) == unversioned_name(found) && wanted.track == found.track;
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

std::span<const UnitExport> ExportIndex::find_matches(const types::ItemName& wanted) const {
  return find_in(by_track_, track_key(wanted));
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

}  // namespace tenon::resolve
