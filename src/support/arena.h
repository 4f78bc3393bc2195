// Storage for graphs: nodes live in an arena and refer to each other by typed ids.
//
//   Arena<Record> records;
//   const Id<Record> id = records.add(Record{...});
//   records[id].name = "rate";
//
// An `Id<Record>` does not work with an `Arena<Field>`: it does not compile. Unlike pointers, ids
// survive the growth of the arena, and they print, compare and serialize. An arena only grows, so
// an id stays valid as long as its arena.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "support/check.h"

namespace tenon {

template <class T>
struct Id {
  std::uint32_t index = UINT32_MAX;

  [[nodiscard]] bool is_valid() const { return index != UINT32_MAX; }
  auto operator<=>(const Id&) const = default;
};

template <class T>
class Arena {
 public:
  Id<T> add(T value) {
    TENON_CHECK(items_.size() < UINT32_MAX);
    items_.push_back(std::move(value));
    return Id<T>{static_cast<std::uint32_t>(items_.size() - 1)};
  }

  T& operator[](Id<T> id) {
    TENON_CHECK(id.index < items_.size());
    return items_[id.index];
  }
  const T& operator[](Id<T> id) const {
    TENON_CHECK(id.index < items_.size());
    return items_[id.index];
  }

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }

 private:
  std::vector<T> items_;
};

}  // namespace tenon

template <class T>
struct std::hash<tenon::Id<T>> {
  std::size_t operator()(tenon::Id<T> id) const noexcept {
    return std::hash<std::uint32_t>()(id.index);
  }
};
