// Records and maps, put together from the parts that a text gives in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/value.h"
#include "types/type.h"
#include "value/labels.h"

namespace tenon::value {

class RecordParts {
 public:
  RecordParts(const types::Types& types, const types::Record& record);

  // False if the field was named before.
  [[nodiscard]] bool mark(std::uint32_t field);
  void set(std::uint32_t field, Value value) { values_[field] = std::move(value); }
  // Gives `none` to fields of an option type that were not named; the fields that are missing.
  [[nodiscard]] std::vector<const types::Field*> complete();
  // Nothing if a field could not be read.  REQUIRES: complete() found none missing
  [[nodiscard]] std::optional<Value> take(const ValueLabels& labels);

 private:
  const types::Types& types_;
  const types::Record& record_;
  std::vector<std::optional<Value>> values_;
  std::vector<bool> is_named_;
};

// Of entries with one key the last one counts, in the place of the first.
class MapParts {
 public:
  void add(Value key, Value value);
  [[nodiscard]] Value take() { return Value::map(std::move(entries_)); }

 private:
  std::vector<std::pair<Value, Value>> entries_;
  // By the key's text: ordered, so that no choice of keys makes it slow.
  std::map<std::string, std::size_t> places_;
};

}  // namespace tenon::value
