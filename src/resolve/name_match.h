// Which exports can meet an import by name, and which of them is the best match. Types are compared
// afterwards.
//
// An item has a name of its own, which is an interface name or a label, and a label can implement an
// interface. So an import and an export match by their own names, or by an interface that at least one
// of them implements. Two interfaces that differ never match, even under equal labels.
//
//   ExportIndex exports;
//   exports.add({unit, 0}, {*types::parse_item_name("acme:tax/lib@1.2.0")});
//   exports.find_matches(*types::parse_item_name("acme:tax/lib@1.0.0"));  // {{unit, 0}}
//
// Source: docs/resolve.md, "Names", "Versions"; docs/adr/0003-version-tracks.md.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "resolve/plan.h"
#include "types/interface_name.h"
#include "types/type.h"

namespace tenon::resolve {

// The names by which an item is matched: its own, then the one that it implements.
using ItemNames = std::vector<types::ItemName>;

// The path of an interface name, the label of a plain name.
[[nodiscard]] const std::string& unversioned_name(const types::ItemName& name);

// "path@track", "path" without a version, or the label. Names with equal keys match.
[[nodiscard]] std::string track_key(const types::ItemName& name);

// Whether an export of one name can meet an import of the other: the same label, or the same path
// and track.
[[nodiscard]] bool names_match(const types::ItemName& import, const types::ItemName& exported);

// The names of an item as its unit writes them. Empty: its own name is not one of the component model.
[[nodiscard]] ItemNames read_item_names(const types::RootItem& item);

// Whether an item has an interface name of its own. All other names are called labels here.
[[nodiscard]] bool is_interface(const types::ItemName& name);

// The interface that an item is or implements; null for a label alone.
[[nodiscard]] const types::ItemName* interface_of(const ItemNames& names);

// Whether both items have an interface and the two do not match.
[[nodiscard]] bool have_other_interfaces(const ItemNames& a, const ItemNames& b);

// How an import and an export match, the worst first.
enum class NameMatch : std::uint8_t {
  None,
  Implemented,  // by an interface that at least one of them implements
  Own,          // by their own names: the same label, or the same interface path and track
};

// The two names by which an import and an export are compared: of their interfaces if both have one,
// otherwise their own.
struct MatchedNames {
  const types::ItemName* imported = nullptr;
  const types::ItemName* exported = nullptr;
  NameMatch match = NameMatch::None;

  [[nodiscard]] bool is_match() const { return match != NameMatch::None; }
};

// Compares the names of an import and an export. If they do not match (a wire can connect other names),
// the result has their interfaces if these have the same path, otherwise the first name of each.
// REQUIRES: both have a name. Lifetime: refers to both.
[[nodiscard]] MatchedNames match_names(const ItemNames& import, const ItemNames& exported);

// Orders two exports of one unit for an import, the better one greater: by how they match, then the
// version that the import names, then the newest. Equal if their versions are.
[[nodiscard]] std::strong_ordering compare_matches(const MatchedNames& a, const MatchedNames& b);

// Every export of every unit by the names that it is matched by. Built once, so that an import
// finds its candidates without a look at other exports.
class ExportIndex final {
 public:
  // names: the number of names that will be added.
  void reserve(std::size_t names);

  // REQUIRES: exports are added in the order of units. Every answer below is in that order.
  void add(UnitExport from, const ItemNames& names);

  // The exports with a name: the same label, or the same interface path and version track.
  [[nodiscard]] std::span<const UnitExport> find_matches(const types::ItemName& name) const;

  // The exports of a label, or of an interface path in every track.
  [[nodiscard]] std::span<const UnitExport> find_path(const std::string& path) const;

  // Every path and label, sorted; for near misses.
  [[nodiscard]] std::vector<std::string_view> all_names() const;

 private:
  std::unordered_map<std::string, std::vector<UnitExport>> by_track_;
  std::unordered_map<std::string, std::vector<UnitExport>> by_path_;
};

// The version of a unit without a `version` section: the one that all of its versioned exports
// share, WASI's apart. exports: the names of each.
[[nodiscard]] std::optional<std::string> version_of_exports(const std::vector<ItemNames>& exports);

}  // namespace tenon::resolve
