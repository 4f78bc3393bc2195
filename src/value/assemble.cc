#include "value/assemble.h"

#include <variant>

#include "tenon/value_text.h"

namespace tenon::value {

RecordParts::RecordParts(const types::Types& types, const types::Record& record)
    : types_(types),
      record_(record),
      values_(record.fields.size()),
      is_named_(record.fields.size()) {}

bool RecordParts::mark(std::uint32_t field) {
  const bool is_first = !is_named_[field];
  is_named_[field] = true;
  return is_first;
}

std::vector<const types::Field*> RecordParts::complete() {
  std::vector<const types::Field*> missing;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (is_named_[i]) continue;
    if (std::holds_alternative<types::Option>(types_.types[record_.fields[i].type].kind))
      values_[i] = Value::none();
    else
      missing.push_back(&record_.fields[i]);
  }
  return missing;
}

std::optional<Value> RecordParts::take(const ValueLabels& labels) {
  std::vector<Value> values;
  values.reserve(values_.size());
  for (std::optional<Value>& value : values_) {
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
  }
  return Value(ValueRecord(labels, std::move(values)));
}

void MapParts::add(Value key, Value value) {
  const auto [place, is_new] = places_.emplace(print_wave(key), entries_.size());
  if (is_new)
    entries_.emplace_back(std::move(key), std::move(value));
  else
    entries_[place->second].second = std::move(value);
}

}  // namespace tenon::value
