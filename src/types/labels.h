// Labels of types: the names of a record's fields, of the cases of a variant or an enum, and of
// flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// The labels of a type in the order of their declaration. Nothing for a type without labels: all
// but records, variants, enums and flags.
[[nodiscard]] std::optional<std::vector<std::string>> labels_of(const Type& type);

// The labels of one type, to be found by name. Values of the type share them (tenon::ValueRecord).
class LabelTable {
 public:
  explicit LabelTable(std::vector<std::string> labels);

  // The position of a label.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view label) const;
  [[nodiscard]] const std::vector<std::string>& labels() const { return *labels_; }
  [[nodiscard]] const std::shared_ptr<const std::vector<std::string>>& shared() const {
    return labels_;
  }

 private:
  // The slot of a label, or the free one where it would be.
  [[nodiscard]] std::size_t slot_of(std::string_view label) const;

  std::shared_ptr<const std::vector<std::string>> labels_;
  // A hash table with open addressing: positions in `labels_` plus one, 0 for a free slot. Empty for
  // a few labels, which are compared one by one.
  std::vector<std::uint32_t> slots_;
};

// The tables of the types of an arena, each made when it is first used. References stay valid.
class LabelTables {
 public:
  explicit LabelTables(const Types& types) : types_(types) {}

  // The table of a type; an empty one if it has no labels.
  [[nodiscard]] const LabelTable& get(TypeId id);

 private:
  const Types& types_;
  std::unordered_map<TypeId, LabelTable> tables_;
};

}  // namespace tenon::types
