// Items that a `.wac` file can name: `kv["acme:kv/store@1.0.0"]`, or `kv.store` by the last part of the
// name of an interface.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "types/type.h"
#include "wac/syntax.h"

namespace tenon::wac {

// The name of an interface without package and version: "lib" of `acme:tax/lib@1.2.0`.
inline std::string_view last_part_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view last = name.substr(slash + 1);
  return last.substr(0, last.find('@'));
}

inline bool names_interface(std::string_view name) {
  return name.find('/') != std::string_view::npos;
}

struct ListedItem {
  std::string name;
  types::Item item;
  // Its name, or that of the interface which a label implements. Empty: it is not an interface.
  std::string interface = {};
};

// The imports or the exports of a component, or the exports of an instance.
class Items final {
 public:
  explicit Items(const std::vector<types::NamedItem>& items) {
    for (const types::NamedItem& item : items) add(item.name, item.item, item.name);
    fill_index();
  }
  explicit Items(const std::vector<types::RootItem>& items) {
    for (const types::RootItem& item : items)
      add(item.name, item.item, item.implements ? *item.implements : item.name);
    fill_index();
  }

  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  [[nodiscard]] const std::vector<ListedItem>& list() const { return items_; }

  // Null if there is none of this name.
  [[nodiscard]] const ListedItem* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  // The same; an identifier can also be the last part of the name of exactly one interface.
  [[nodiscard]] const ListedItem* find(const Name& name) const {
    const ListedItem* const found = find(name.text);
    if (found != nullptr || name.is_quoted) return found;
    const auto interface = by_last_part_.find(name.text);
    return interface == by_last_part_.end() ? nullptr : interface->second;
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const ListedItem& item : items_) names.push_back(item.name);
    return names;
  }

 private:
  void add(const std::string& name, const types::Item& item, const std::string& interface) {
    items_.push_back({name, item, names_interface(interface) ? interface : std::string()});
  }
  void fill_index() {
    for (const ListedItem& item : items_) {
      by_name_.emplace(item.name, &item);
      if (const auto [known, is_new] = by_last_part_.emplace(last_part_of(item.name), &item);
          !is_new)
        known->second = nullptr;
    }
  }

  std::vector<ListedItem> items_;
  std::unordered_map<std::string_view, const ListedItem*> by_name_;
  std::unordered_map<std::string_view, const ListedItem*> by_last_part_;  // null: of several
};

}  // namespace tenon::wac
