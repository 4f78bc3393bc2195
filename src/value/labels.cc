#include "value/labels.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "support/terminal_text.h"

namespace tenon::value {

namespace {

std::vector<std::string> labels_of_type(const types::Type& type) {
  if (const auto* record = std::get_if<types::Record>(&type.kind)) return labels_of(record->fields);
  if (const auto* variant = std::get_if<types::Variant>(&type.kind))
    return labels_of(variant->cases);
  if (const auto* flags = std::get_if<types::Flags>(&type.kind)) return flags->labels;
  if (const auto* names = std::get_if<types::Enum>(&type.kind)) return names->labels;
  return {};
}

}  // namespace

bool is_keyword(std::string_view label) {
  static constexpr std::array<std::string_view, 8> kKeywords = {"err",  "false", "inf",  "nan",
                                                                "none", "ok",    "some", "true"};
  static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));
  return std::binary_search(kKeywords.begin(), kKeywords.end(), label);
}

std::string print_case(std::string_view label) {
  return fmt::format("{}{}", is_keyword(label) ? "%" : "", sanitize_text(label));
}

LabelTable::LabelTable(std::vector<std::string> labels)
    : labels_(std::make_shared<const std::vector<std::string>>(std::move(labels))) {
  for (std::size_t i = 0; i < labels_->size(); ++i)
    index_.emplace((*labels_)[i], static_cast<std::uint32_t>(i));
}

std::optional<std::uint32_t> LabelTable::find(std::string_view label) const {
  const auto found = index_.find(label);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

const LabelTable& LabelTables::get(types::TypeId id) {
  const auto found = tables_.find(id);
  if (found != tables_.end()) return found->second;
  return tables_.emplace(id, LabelTable(labels_of_type(types_.types[id]))).first->second;
}

}  // namespace tenon::value
