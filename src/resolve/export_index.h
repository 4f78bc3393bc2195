// Who exports what: every export of every unit, by what it is matched by. Built once.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "resolve/plan.h"
#include "types/interface_name.h"

namespace tenon::resolve {

// What an item is matched by: its own name, then the name that it implements.
using ItemNames = std::vector<types::ItemName>;

class ExportIndex final {
 public:
  // names: how many will be added.
  void reserve(std::size_t names);

  // Exports are added in the order of units, so every answer is in that order.
  void add(UnitExport from, const ItemNames& names);

  // Exports that a name means: the same label, or the same interface path and version track.
  [[nodiscard]] std::span<const UnitExport> find_matches(const types::ItemName& wanted) const;

  // Exports of a label, or of an interface path in every track.
  [[nodiscard]] std::span<const UnitExport> find_path(const std::string& path) const;

  // Every path and label, sorted; for near misses.
  [[nodiscard]] std::vector<std::string_view> all_names() const;

 private:
  std::unordered_map<std::string, std::vector<UnitExport>> by_track_;
  std::unordered_map<std::string, std::vector<UnitExport>> by_path_;
};

// The label of a plain name, the path of an interface name.
[[nodiscard]] const std::string& unversioned_name(const types::ItemName& name);

// "path@track", "path" without version, or the label: two names with one key mean one thing.
[[nodiscard]] std::string track_key(const types::ItemName& name);

// Does an export's name mean what an import's name asks for?
[[nodiscard]] bool names_match(const types::ItemName& wanted, const types::ItemName& found);

}  // namespace tenon::resolve
