// Values of any type, from JSON text: what the text itself says of its kind.
//
// An integer is an s64, or a u64 if it is none; another number an f64. `null` is `none`, an array a
// list, an object a record.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "value/json_reader.h"
#include "value/numbers.h"

namespace tenon::value {

// Depth is bounded: the tree is.
std::optional<Value> JsonReader::read_dynamic(types::TypeId id, std::uint32_t node) {
  using JsonKind = JsonNode::Kind;
  const JsonNode& found = tree_.nodes[node];
  const std::string_view text = tree_.text_of(found);
  switch (found.kind) {
    case JsonKind::Null:
      return Value::none();
    case JsonKind::False:
    case JsonKind::True:
      return Value::boolean(found.kind == JsonKind::True);
    case JsonKind::Number:
      if (!is_integer_text(text)) return Value::f64(*read_number<double>(text));
      if (const auto number = read_number<std::int64_t>(text)) return Value::s64(*number);
      if (const auto number = read_number<std::uint64_t>(text)) return Value::u64(*number);
      break;
    case JsonKind::String:
      return Value::string(std::string(text));
    case JsonKind::Array: {
      std::vector<Value> elements;
      for_each_part(node, [&](std::size_t i, std::uint32_t part) {
        const Path::Step step(path_, i);
        if (auto value = read_dynamic(id, part)) elements.push_back(*std::move(value));
      });
      if (elements.size() == found.parts) return Value::list(std::move(elements));
      return std::nullopt;
    }
    case JsonKind::Object: {
      std::vector<std::pair<std::string, Value>> fields;
      for_each_entry(node, [&](std::string_view key, std::uint32_t part) {
        const Path::Step step(path_, key);
        if (auto value = read_dynamic(id, part)) fields.emplace_back(key, *std::move(value));
      });
      if (fields.size() * 2 == found.parts) return Value::record(std::move(fields));
      return std::nullopt;
    }
  }
  add_mismatch(id, node);
  return std::nullopt;
}

}  // namespace tenon::value
