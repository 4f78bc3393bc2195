// Reads values of any type: the text alone shows what kind they are.
//
// An integer is an s64, or a u64 if it is too large for one; any other number is an f64. Labels are
// bools, floats, options, results, enums and variants, in this order; with a number, as in `circle#1`,
// variants. `{a, b}` and `{}` are flags. Fields are records: JSON has no maps, and WAVE writes both
// alike; a single field with a number is JSON's form of a variant.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/utf8.h"
#include "value/numbers.h"
#include "value/text_reader.h"

namespace tenon::value {

namespace {

using types::TypeId;

std::optional<Value> read_any_number(std::string_view text) {
  if (!is_integer_text(text)) return Value::f64(*read_number<double>(text));
  if (const auto number = read_number<std::int64_t>(text)) return Value::s64(*number);
  if (const auto number = read_number<std::uint64_t>(text)) return Value::u64(*number);
  return std::nullopt;
}

// "circle#1" is case 1. Nothing if the label has no number, or one that is too large.
struct NumberedLabel {
  std::string_view label;
  std::uint32_t number = 0;
};
std::optional<NumberedLabel> split_number(std::string_view text) {
  const std::size_t hash = text.find('#');
  if (hash == std::string_view::npos) return std::nullopt;
  const auto number = read_number<std::uint32_t>(text.substr(hash + 1));
  return number ? std::optional(NumberedLabel{text.substr(0, hash), *number}) : std::nullopt;
}

}  // namespace

std::optional<std::vector<Value>> TextReader::read_dynamic_parts(TypeId id, std::uint32_t node) {
  std::vector<Value> values;
  tree_.for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    if (auto value = read_dynamic(id, part)) values.push_back(*std::move(value));
  });
  if (values.size() != node_at(node).parts) return std::nullopt;
  return values;
}

std::optional<Value> TextReader::read_dynamic_label(TypeId id, std::uint32_t node) {
  const TextNode& label = node_at(node);
  std::optional<Value> payload;
  if (label.parts != 0) {
    payload = read_dynamic(id, node + 1);
    if (!payload) return std::nullopt;
  }
  const auto take = [&] { return payload ? ValuePayload(*std::move(payload)) : ValuePayload(); };
  if (const auto numbered = split_number(tree_.text_of(label)))
    return Value::variant(std::string(numbered->label), take(), numbered->number);
  const std::string_view word = tree_.word_of(label);
  if (word == "some" && payload) return Value::some(*std::move(payload));
  if (word == "ok") return Value::ok(take());
  if (word == "err") return Value::err(take());
  if (payload) return Value::variant(std::string(tree_.text_of(label)), take());
  if (word == "none") return Value::none();
  if (word == "true" || word == "false") return Value::boolean(word == "true");
  if (word == "nan" || word == "inf") return Value::f64(*read_number<double>(word));
  return Value::enumerator(std::string(tree_.text_of(label)));
}

std::optional<Value> TextReader::read_dynamic_fields(TypeId id, std::uint32_t node) {
  std::vector<std::pair<std::string, Value>> fields;
  bool is_sound = true;
  if (node_at(node).parts == 2) {
    const auto numbered = split_number(tree_.text_of(node_at(node + 1)));
    if (numbered && node_at(node + 1).kind == TextKind::Label) {
      const bool is_null = tree_.word_of(node_at(node + 2)) == "none";
      std::optional<Value> payload = is_null ? std::nullopt : read_dynamic(id, node + 2);
      if (!payload && !is_null) return std::nullopt;
      return Value::variant(std::string(numbered->label),
                            payload ? ValuePayload(*std::move(payload)) : ValuePayload(),
                            numbered->number);
    }
  }
  tree_.for_each_entry(node, [&](std::uint32_t key, std::uint32_t part) {
    const std::string_view label = tree_.text_of(node_at(key));
    const Path::Step step(path_, label);
    const bool is_label = node_at(key).kind == TextKind::Label;
    if (!is_label) add_mismatch(id, key);
    auto value = read_dynamic(id, part);
    is_sound = is_sound && is_label && value;
    if (is_sound) fields.emplace_back(label, *std::move(value));
  });
  return is_sound ? std::optional(Value::record(std::move(fields))) : std::nullopt;
}

// Recursion is bounded, because the depth of a tree is.
std::optional<Value> TextReader::read_dynamic(TypeId id, std::uint32_t node) {
  const TextNode& text_node = node_at(node);
  const std::string_view text = tree_.text_of(text_node);
  switch (text_node.kind) {
    case TextKind::Number:
      if (auto number = read_any_number(text)) return number;
      break;
    case TextKind::Char:
      return Value::character(static_cast<char32_t>(*next_character(text).code));
    case TextKind::String:
      return Value::string(std::string(text));
    case TextKind::Label:
      return read_dynamic_label(id, node);
    case TextKind::Tuple:
      if (auto values = read_dynamic_parts(id, node)) return Value::tuple(*std::move(values));
      return std::nullopt;
    case TextKind::List:
      if (auto values = read_dynamic_parts(id, node)) return Value::list(*std::move(values));
      return std::nullopt;
    case TextKind::Flags: {
      std::vector<std::string> labels;
      tree_.for_each_part(node, [&](std::size_t /*i*/, std::uint32_t part) {
        labels.emplace_back(tree_.text_of(node_at(part)));
      });
      return Value::flags(std::move(labels));
    }
    case TextKind::Fields:
      return read_dynamic_fields(id, node);
    case TextKind::Handle:
      break;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

}  // namespace tenon::value
