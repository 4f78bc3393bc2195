// Values of any type, from WAVE text: what the text itself says of its kind.
//
// An integer is an s64, or a u64 if it is none; another number an f64. `{a, b}` is flags, `{}` too.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/utf8.h"
#include "value/numbers.h"
#include "value/wave_lexer.h"
#include "value/wave_reader.h"

namespace tenon::value {

namespace {

using WaveKind = WaveNode::Kind;
using types::TypeId;

std::optional<Value> read_any_number(std::string_view text) {
  if (!is_integer_text(text)) return Value::f64(*read_number<double>(text));
  if (const auto number = read_number<std::int64_t>(text)) return Value::s64(*number);
  if (const auto number = read_number<std::uint64_t>(text)) return Value::u64(*number);
  return std::nullopt;
}

std::string label_of(std::string_view written) {
  return std::string(written.starts_with('%') ? written.substr(1) : written);
}

}  // namespace

std::optional<Value> WaveReader::read_dynamic_label(TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  const std::string_view written = written_label(found);
  std::optional<Value> payload;
  if (found.parts != 0) {
    payload = read_dynamic(id, node + 1);
    if (!payload) return std::nullopt;
  }
  const auto take = [&] { return payload ? ValuePayload(*std::move(payload)) : ValuePayload(); };
  if (written == "some" && payload) return Value::some(*std::move(payload));
  if (written == "ok") return Value::ok(take());
  if (written == "err") return Value::err(take());
  if (payload) return Value::variant(label_of(written), take());
  if (written == "none") return Value::none();
  if (written == "true" || written == "false") return Value::boolean(written == "true");
  if (written == "nan" || written == "inf") return Value::f64(*read_number<double>(written));
  return Value::enumerator(label_of(written));
}

// Depth is bounded: the tree is within limits::kNestingDepth.
std::optional<Value> WaveReader::read_dynamic(TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  std::vector<Value> parts;
  const auto read_parts = [&] {
    for_each_part(node, [&](std::uint32_t part) {
      if (auto value = read_dynamic(id, part)) parts.push_back(*std::move(value));
    });
    return parts.size() == found.parts;
  };
  switch (found.kind) {
    case WaveKind::Number:
      if (auto number = read_any_number(text_of(found))) return number;
      break;
    case WaveKind::Char:
      return Value::character(static_cast<char32_t>(*next_character(decode(found)).code));
    case WaveKind::String:
    case WaveKind::MultilineString:
      return Value::string(decode(found));
    case WaveKind::Label:
      return read_dynamic_label(id, node);
    case WaveKind::Tuple:
      return read_parts() ? std::optional(Value::tuple(std::move(parts))) : std::nullopt;
    case WaveKind::List:
      return read_parts() ? std::optional(Value::list(std::move(parts))) : std::nullopt;
    case WaveKind::Empty:
      return Value::flags({});
    case WaveKind::Flags: {
      std::vector<std::string> labels;
      for_each_part(node, [&](std::uint32_t part) {
        labels.push_back(label_of(written_label(tree_[part])));
      });
      return Value::flags(std::move(labels));
    }
    case WaveKind::Fields: {
      std::vector<std::pair<std::string, Value>> fields;
      std::string key;
      bool is_key = true;
      for_each_part(node, [&](std::uint32_t part) {
        if (is_key) {
          key = label_of(bare_label(tree_[part]));
          if (key.empty()) add_mismatch(id, part);
        } else if (auto value = read_dynamic(id, part); value && !key.empty()) {
          fields.emplace_back(std::move(key), *std::move(value));
        }
        is_key = !is_key;
      });
      if (fields.size() * 2 != found.parts) return std::nullopt;
      return Value::record(std::move(fields));
    }
    case WaveKind::Handle:
      break;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

}  // namespace tenon::value
