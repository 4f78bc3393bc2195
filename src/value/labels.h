// Labels: which words WAVE takes for its own, and where a label stands in a type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tenon/value.h"
#include "types/type.h"

namespace tenon::value {

// The labels of fields or cases.
template <class Member>
std::vector<std::string> labels_of(const std::vector<Member>& members) {
  std::vector<std::string> labels;
  labels.reserve(members.size());
  for (const Member& member : members) labels.push_back(member.label);
  return labels;
}

// `true`, `false`, `inf`, `nan`, `some`, `none`, `ok`, `err`: as a case they need `%` before them.
[[nodiscard]] bool is_keyword(std::string_view label);

// A case as WAVE writes it: `%ok`, `days`.
[[nodiscard]] std::string print_case(std::string_view label);

// The labels of one type: of a record's fields, a variant's cases, an enum or flags.
class LabelTable {
 public:
  explicit LabelTable(std::vector<std::string> labels);

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view label) const;
  [[nodiscard]] const ValueLabels& shared() const { return labels_; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return *labels_; }

 private:
  ValueLabels labels_;
  std::unordered_map<std::string_view, std::uint32_t> index_;
};

// The tables of an arena's types, each made when it is first asked for. References stay valid.
class LabelTables {
 public:
  explicit LabelTables(const types::Types& types) : types_(types) {}

  // The table of a type with labels; an empty one for others.
  [[nodiscard]] const LabelTable& get(types::TypeId id);

 private:
  const types::Types& types_;
  std::unordered_map<types::TypeId, LabelTable> tables_;
};

}  // namespace tenon::value
