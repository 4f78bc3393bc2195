#include "types/labels.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

namespace tenon::types {

namespace {

// As many labels are found faster without a hash.
constexpr std::size_t kScannedLabels = 8;

template <class Member>
std::vector<std::string> labels_of_members(const std::vector<Member>& members) {
  std::vector<std::string> labels;
  labels.reserve(members.size());
  for (const Member& member : members) labels.push_back(member.label);
  return labels;
}

}  // namespace

std::optional<std::vector<std::string>> labels_of(const Type& type) {
  return std::visit(
      [](const auto& kind) -> std::optional<std::vector<std::string>> {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Record>) {
          return labels_of_members(kind.fields);
        } else if constexpr (std::is_same_v<Kind, Variant>) {
          return labels_of_members(kind.cases);
        } else if constexpr (std::is_same_v<Kind, Flags> || std::is_same_v<Kind, Enum>) {
          return kind.labels;
        } else {
          static_assert(std::is_same_v<Kind, Primitive> || std::is_same_v<Kind, List> ||
                        std::is_same_v<Kind, Map> || std::is_same_v<Kind, Tuple> ||
                        std::is_same_v<Kind, Option> || std::is_same_v<Kind, ResultType> ||
                        std::is_same_v<Kind, Own> || std::is_same_v<Kind, Borrow> ||
                        std::is_same_v<Kind, Stream> || std::is_same_v<Kind, Future> ||
                        std::is_same_v<Kind, Dynamic>);
          return std::nullopt;
        }
      },
      type.kind);
}

// Not a std::unordered_map, which allocates for each label: a table is made for every type of every
// function that is called across domains.
LabelTable::LabelTable(std::vector<std::string> labels)
    : labels_(std::make_shared<const std::vector<std::string>>(std::move(labels))) {
  if (labels_->size() <= kScannedLabels) return;
  slots_.resize(std::bit_ceil(labels_->size() * 2));
  for (std::uint32_t i = 0; i < labels_->size(); ++i) {
    std::uint32_t& slot = slots_[slot_of((*labels_)[i])];
    // Of two equal labels the first one is found.
    if (slot == 0) slot = i + 1;
  }
}

std::size_t LabelTable::slot_of(std::string_view label) const {
  const std::size_t last = slots_.size() - 1;
  std::size_t at = std::hash<std::string_view>()(label) & last;
  while (slots_[at] != 0 && (*labels_)[slots_[at] - 1] != label) at = (at + 1) & last;
  return at;
}

std::optional<std::uint32_t> LabelTable::find(std::string_view label) const {
  if (!slots_.empty()) {
    const std::uint32_t slot = slots_[slot_of(label)];
    return slot == 0 ? std::nullopt : std::optional(slot - 1);
  }
  const auto found = std::ranges::find(*labels_, label);
  if (found == labels_->end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - labels_->begin());
}

const LabelTable& LabelTables::get(TypeId id) {
  const auto found = tables_.find(id);
  if (found != tables_.end()) return found->second;
  return tables_
      .emplace(id, LabelTable(labels_of(types_.types[id]).value_or(std::vector<std::string>())))
      .first->second;
}

}  // namespace tenon::types
