#include "value/wave_reader.h"

#include <fmt/core.h>

#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "support/check.h"
#include "support/diagnostics.h"
#include "support/utf8.h"
#include "value/assemble.h"
#include "value/numbers.h"
#include "value/wave_lexer.h"
#include "value/wave_strings.h"
#include "value/written_forms.h"

namespace tenon::value {

namespace {

using WaveKind = WaveNode::Kind;
using types::Primitive;
using types::TypeId;

std::string_view without_mark(std::string_view label) {
  if (label.starts_with('%')) label.remove_prefix(1);
  return label;
}

}  // namespace

WaveReader::WaveReader(const TypeGraphPtr& graph, std::string_view text, const WaveTree& tree,
                       const ValueTextOptions& options)
    : graph_(graph),
      types_(graph->types),
      text_(text),
      tree_(tree),
      options_(options),
      tables_(graph->types) {}

void WaveReader::place(Diagnostic& problem, const WaveNode& node) const {
  show_place(problem, text_, node.begin, node.end);
  problem.where.item = item_;
}

std::string_view WaveReader::text_of(const WaveNode& node) const {
  return text_.substr(node.begin, node.end - node.begin);
}

std::string WaveReader::describe(const WaveNode& node) const {
  switch (node.kind) {
    case WaveKind::Number:
      return fmt::format("the number {}", quote_text(text_of(node)));
    case WaveKind::Char:
      return fmt::format("the char {}", quote_text(text_of(node)));
    case WaveKind::String:
      return fmt::format("the string {}", quote_text(text_of(node)));
    case WaveKind::MultilineString:
      return "a string";
    case WaveKind::Handle:
      return fmt::format("the handle {}", quote_text(text_of(node)));
    case WaveKind::Label:
      return quote_text(text_of(node));
    case WaveKind::Tuple:
      return "a tuple";
    case WaveKind::List:
      return "a list";
    case WaveKind::Empty:
      return "`{}`";
    case WaveKind::Flags:
      return "flags";
    case WaveKind::Fields:
      return node.parts == 0 ? "`{:}`" : "a record or map";
  }
  return "a value";
}

std::string_view WaveReader::written_label(const WaveNode& node) const {
  if (node.kind != WaveKind::Label) return {};
  return text_.substr(node.begin, find_label_end(text_, node.begin) - node.begin);
}

std::string_view WaveReader::bare_label(const WaveNode& node) const {
  return node.parts == 0 ? written_label(node) : std::string_view();
}

std::string WaveReader::decode(const WaveNode& node) const {
  const std::size_t quotes = node.kind == WaveKind::MultilineString ? 3 : 1;
  std::string text;
  const auto problem = node.kind == WaveKind::MultilineString
                           ? decode_multiline(text_, node.begin + quotes, node.end - quotes, text)
                           : decode_characters(text_, node.begin + quotes, node.end - quotes, text);
  TENON_CHECK(!problem);  // the lexer looked
  return text;
}

void WaveReader::add_mismatch(TypeId id, std::uint32_t node) {
  add_problem(node, [&] {
    Diagnostic problem = type_problem(*graph_, id, describe(tree_[node]));
    problem.hints.push_back(wave_form(types_.types[id]));
    return problem;
  });
}

template <class T>
std::optional<T> WaveReader::read_number_as(TypeId id, Primitive kind, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  const std::string_view label = bare_label(found);
  const bool is_float_word = std::is_floating_point_v<T> && (label == "nan" || label == "inf");
  if (found.kind != WaveKind::Number && !is_float_word) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::string_view text = text_of(found);
  const std::optional<T> number = read_number<T>(text);
  if (number) return number;
  if (is_integer_text(text))
    add_problem(node, [&] { return range_problem(kind, quote_text(text)); });
  else
    add_mismatch(id, node);
  return std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const Primitive& kind, TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  std::optional<Value> value;
  const bool is_number = visit_number(kind, [&]<class T>(std::type_identity<T>) {
    if (const std::optional<T> number = read_number_as<T>(id, kind, node))
      value = make_scalar_value<T>(*number);
  });
  if (is_number) return value;
  if (kind == Primitive::ErrorContext) return refuse(id, node);
  if (kind == Primitive::Bool) {
    const std::string_view label = bare_label(found);
    if (label == "true" || label == "false") return Value::boolean(label == "true");
  } else if (kind == Primitive::Char && found.kind == WaveKind::Char) {
    return Value::character(static_cast<char32_t>(*next_character(decode(found)).code));
  } else if (kind == Primitive::String &&
             (found.kind == WaveKind::String || found.kind == WaveKind::MultilineString)) {
    return Value::string(decode(found));
  }
  add_mismatch(id, node);
  return std::nullopt;
}

template <class T>
std::optional<Value> WaveReader::read_numbers(TypeId id, Primitive kind, std::uint32_t node) {
  std::vector<T> numbers;
  numbers.reserve(tree_[node].parts);
  for_each_part(node, [&](std::uint32_t part) {
    if (const std::optional<T> number = read_number_as<T>(id, kind, part))
      numbers.push_back(*number);
  });
  if (numbers.size() != tree_[node].parts) return std::nullopt;
  return Value::list(std::move(numbers));
}

template <>
std::optional<Value> WaveReader::read_as(const types::List& kind, TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  if (found.kind != WaveKind::List) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const bool is_length_right = !kind.length || *kind.length == found.parts;
  if (!is_length_right)
    add_problem(node, [&] { return count_problem(*graph_, id, *kind.length, found.parts); });
  std::optional<Value> list;
  bool is_packed = false;
  if (const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind))
    is_packed = visit_number(*element, [&]<class T>(std::type_identity<T>) {
      list = read_numbers<T>(kind.element, *element, node);
    });
  if (!is_packed) {
    std::vector<Value> elements;
    for_each_part(node, [&](std::uint32_t part) {
      if (auto value = read(kind.element, part)) elements.push_back(*std::move(value));
    });
    if (elements.size() == found.parts) list = Value::list(std::move(elements));
  }
  return is_length_right ? list : std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const types::Record& kind, TypeId id, std::uint32_t node) {
  if (tree_[node].kind != WaveKind::Fields) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const LabelTable& table = tables_.get(id);
  RecordParts parts(types_, kind);
  bool is_sound = true;
  const auto read_field = [&](std::uint32_t key, std::uint32_t value_node) {
    const std::string_view label = without_mark(written_label(tree_[key]));
    const std::optional<std::uint32_t> field = table.find(label);
    if (!field) {
      is_sound = false;
      add_problem(key, [&] {
        return label_problem(*graph_, id, "field", label.empty() ? text_of(tree_[key]) : label,
                             table.labels());
      });
    } else if (!parts.mark(*field)) {
      is_sound = false;
      add_problem(key, [&] { return repeat_problem("field", label); });
    } else if (auto value = read(kind.fields[*field].type, value_node)) {
      parts.set(*field, *std::move(value));
    }
  };
  std::optional<std::uint32_t> key;
  for_each_part(node, [&](std::uint32_t part) {
    if (key) read_field(*key, part);
    key = key ? std::nullopt : std::optional(part);
  });
  const std::vector<const types::Field*> missing = parts.complete();
  if (!missing.empty()) {
    add_problem(node, [&] { return missing_problem(*graph_, id, missing); });
    return std::nullopt;
  }
  return is_sound ? parts.take(table.shared()) : std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const types::Map& kind, TypeId id, std::uint32_t node) {
  if (tree_[node].kind != WaveKind::Fields) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  MapParts parts;
  bool is_sound = true;
  bool is_key = true;
  std::optional<Value> key;
  for_each_part(node, [&](std::uint32_t part) {
    auto read_part = read(is_key ? kind.key : kind.value, part);
    is_sound = is_sound && read_part;
    if (is_key)
      key = std::move(read_part);
    else if (is_sound)
      parts.add(*std::move(key), *std::move(read_part));
    is_key = !is_key;
  });
  return is_sound ? std::optional(parts.take()) : std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const types::Tuple& kind, TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  if (found.kind != WaveKind::Tuple) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  if (found.parts != kind.types.size())
    add_problem(node, [&] { return count_problem(*graph_, id, kind.types.size(), found.parts); });
  std::vector<Value> values;
  std::size_t i = 0;
  for_each_part(node, [&](std::uint32_t part) {
    if (i == kind.types.size()) return;
    if (auto value = read(kind.types[i++], part)) values.push_back(*std::move(value));
  });
  if (values.size() != kind.types.size() || found.parts != kind.types.size()) return std::nullopt;
  return Value::tuple(std::move(values));
}

template <>
std::optional<Value> WaveReader::read_as(const types::Flags& kind, TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  if (found.kind != WaveKind::Flags && found.kind != WaveKind::Empty) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const LabelTable& table = tables_.get(id);
  std::vector<bool> is_set(kind.labels.size());
  bool is_sound = true;
  for_each_part(node, [&](std::uint32_t part) {
    const std::string_view label = without_mark(written_label(tree_[part]));
    const std::optional<std::uint32_t> flag = table.find(label);
    is_sound = is_sound && flag && !is_set[*flag];
    if (!flag)
      add_problem(part, [&] { return label_problem(*graph_, id, "flag", label, table.labels()); });
    else if (is_set[*flag])
      add_problem(part, [&] { return repeat_problem("flag", label); });
    else
      is_set[*flag] = true;
  });
  if (!is_sound) return std::nullopt;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < is_set.size(); ++i)
    if (is_set[i]) labels.push_back(kind.labels[i]);
  return Value::flags(std::move(labels));
}

std::optional<std::uint32_t> WaveReader::read_case(TypeId id, std::uint32_t node) {
  const std::string_view written = written_label(tree_[node]);
  if (written.empty()) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::string_view label = without_mark(written);
  const LabelTable& table = tables_.get(id);
  const std::optional<std::uint32_t> found = table.find(label);
  const bool is_word_of_wave = is_keyword(written);
  if (found && !is_word_of_wave) return found;
  add_problem(node, [&] {
    Diagnostic problem = label_problem(*graph_, id, "case", written, table.labels());
    if (found) problem.hints = {fmt::format("write `%{0}`: `{0}` is a word of WAVE", label)};
    return problem;
  });
  return std::nullopt;
}

bool WaveReader::read_payload(const std::optional<TypeId>& type, std::uint32_t node,
                              ValuePayload& payload) {
  const WaveNode& label = tree_[node];
  if (type.has_value() != (label.parts == 1)) {
    add_problem(node, [&] { return payload_problem(*graph_, written_label(label), type); });
    return false;
  }
  if (!type) return true;
  auto value = read(*type, node + 1);
  if (!value) return false;
  payload = ValuePayload(*std::move(value));
  return true;
}

template <>
std::optional<Value> WaveReader::read_as(const types::Variant& kind, TypeId id,
                                         std::uint32_t node) {
  const std::optional<std::uint32_t> found = read_case(id, node);
  if (!found) return std::nullopt;
  const types::Case& alternative = kind.cases[*found];
  ValuePayload payload;
  if (!read_payload(alternative.type, node, payload)) return std::nullopt;
  return Value::variant(alternative.label, std::move(payload));
}

template <>
std::optional<Value> WaveReader::read_as(const types::Enum& kind, TypeId id, std::uint32_t node) {
  const std::optional<std::uint32_t> found = read_case(id, node);
  ValuePayload nothing;
  if (!found || !read_payload(std::nullopt, node, nothing)) return std::nullopt;
  return Value::enumerator(kind.labels[*found]);
}

bool WaveReader::can_be_bare(TypeId id) const {
  const auto& kind = types_.types[id].kind;
  return !std::holds_alternative<types::Option>(kind) &&
         !std::holds_alternative<types::ResultType>(kind);
}

template <>
std::optional<Value> WaveReader::read_as(const types::Option& kind, TypeId id, std::uint32_t node) {
  const std::string_view word = written_label(tree_[node]);
  ValuePayload payload;
  if (word == "none")
    return read_payload(std::nullopt, node, payload) ? std::optional(Value::none()) : std::nullopt;
  if (word == "some") {
    if (!read_payload(kind.type, node, payload)) return std::nullopt;
    return Value::option(std::move(payload));
  }
  if (can_be_bare(kind.type)) {
    auto value = read(kind.type, node);
    return value ? std::optional(Value::some(*std::move(value))) : std::nullopt;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const types::ResultType& kind, TypeId id,
                                         std::uint32_t node) {
  const std::string_view word = written_label(tree_[node]);
  ValuePayload payload;
  if (word == "ok" || word == "err") {
    if (!read_payload(word == "ok" ? kind.ok : kind.error, node, payload)) return std::nullopt;
    return word == "ok" ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
  }
  if (kind.ok && can_be_bare(*kind.ok)) {
    auto value = read(*kind.ok, node);
    return value ? std::optional(Value::ok(*std::move(value))) : std::nullopt;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

std::optional<Value> WaveReader::read_handle(TypeId id, std::uint32_t node) {
  const WaveNode& found = tree_[node];
  if (!options_.find_handle) {
    add_problem(node, [&] { return handle_problem(*graph_, id, "", HandlesKnown::No); });
    return std::nullopt;
  }
  if (found.kind != WaveKind::Handle) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::string_view digits = text_of(found).substr(1);
  std::optional<Value> handle;
  if (const std::optional<std::uint64_t> number = read_number<std::uint64_t>(digits))
    handle = options_.find_handle(*number, make_type(graph_, id));
  if (!handle)
    add_problem(node, [&] {
      return handle_problem(*graph_, id, quote_text(text_of(found)), HandlesKnown::Yes);
    });
  return handle;
}

std::optional<Value> WaveReader::refuse(TypeId id, std::uint32_t node) {
  add_problem(node, [&] { return no_text_problem(*graph_, id); });
  return std::nullopt;
}

template <>
std::optional<Value> WaveReader::read_as(const types::Own& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> WaveReader::read_as(const types::Borrow& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> WaveReader::read_as(const types::Stream& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return refuse(id, node);
}
template <>
std::optional<Value> WaveReader::read_as(const types::Future& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return refuse(id, node);
}

template <>
std::optional<Value> WaveReader::read_as(const types::Dynamic& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_dynamic(id, node);
}

std::optional<Value> WaveReader::read(TypeId id, std::uint32_t node) {
  return std::visit([&](const auto& kind) { return read_as(kind, id, node); },
                    types_.types[id].kind);
}

}  // namespace tenon::value
