#include "value/json_reader.h"

#include <fmt/core.h>

#include <type_traits>
#include <utility>
#include <variant>

#include "support/base64.h"
#include "support/diagnostics.h"
#include "support/utf8.h"
#include "value/assemble.h"
#include "value/numbers.h"
#include "value/written_forms.h"

namespace tenon::value {

namespace {

using JsonKind = JsonNode::Kind;
using types::Primitive;
using types::TypeId;

}  // namespace

JsonReader::JsonReader(const TypeGraphPtr& graph, const JsonTree& tree,
                       const ValueTextOptions& options)
    : graph_(graph), types_(graph->types), tree_(tree), options_(options), tables_(graph->types) {}

template <class Make>
void JsonReader::add_problem(Make&& make) {
  problems_.add([&] {
    Diagnostic problem = make();
    problem.where.item = path_.print();
    return problem;
  });
}

void JsonReader::add_mismatch(TypeId id, std::uint32_t node) {
  add_problem([&] {
    Diagnostic problem = type_problem(*graph_, id, describe(tree_.nodes[node]));
    problem.hints.push_back(json_form(types_.types[id]));
    return problem;
  });
}

std::string JsonReader::describe(const JsonNode& node) const {
  switch (node.kind) {
    case JsonKind::Null:
      return "`null`";
    case JsonKind::False:
      return "`false`";
    case JsonKind::True:
      return "`true`";
    case JsonKind::Number:
      return fmt::format("the number {}", quote_text(tree_.text_of(node)));
    case JsonKind::String:
      return fmt::format("the string {}", quote_text(tree_.text_of(node)));
    case JsonKind::Array:
      return fmt::format("an array of {}", node.parts);
    case JsonKind::Object:
      return "an object";
  }
  return "a value";
}

// s64 and u64 may be strings; so may the floats that JSON has no number for.
template <class T>
std::optional<T> JsonReader::read_number_as(TypeId id, Primitive kind, std::uint32_t node) {
  const JsonNode& found = tree_.nodes[node];
  const std::string_view text = tree_.text_of(found);
  const bool is_text = found.kind == JsonKind::String;
  const bool is_read =
      found.kind == JsonKind::Number ||
      (is_text && (std::is_floating_point_v<T> ? text == "nan" || text == "inf" || text == "-inf"
                                               : sizeof(T) == 8 && is_integer_text(text)));
  if (!is_read) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::optional<T> number = read_number<T>(text);
  if (number) return number;
  if (is_integer_text(text))
    add_problem([&] { return range_problem(kind, quote_text(text)); });
  else
    add_mismatch(id, node);
  return std::nullopt;
}

template <>
std::optional<Value> JsonReader::read_as(const Primitive& kind, TypeId id, std::uint32_t node) {
  const JsonNode& found = tree_.nodes[node];
  std::optional<Value> value;
  const bool is_number = visit_number(kind, [&]<class T>(std::type_identity<T>) {
    if (const std::optional<T> number = read_number_as<T>(id, kind, node))
      value = make_scalar_value<T>(*number);
  });
  if (is_number) return value;
  if (kind == Primitive::ErrorContext) return refuse(id);
  if (kind == Primitive::Bool && (found.kind == JsonKind::True || found.kind == JsonKind::False))
    return Value::boolean(found.kind == JsonKind::True);
  const std::string_view text = tree_.text_of(found);
  if (kind == Primitive::String && found.kind == JsonKind::String)
    return Value::string(std::string(text));
  if (kind == Primitive::Char && found.kind == JsonKind::String && !text.empty()) {
    const Utf8Character character = next_character(text);
    if (character.code && character.bytes.size() == text.size())
      return Value::character(static_cast<char32_t>(*character.code));
  }
  add_mismatch(id, node);
  return std::nullopt;
}

template <class T>
std::optional<Value> JsonReader::read_numbers(TypeId id, Primitive kind, std::uint32_t node) {
  std::vector<T> numbers;
  numbers.reserve(tree_.nodes[node].parts);
  for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    if (const std::optional<T> number = read_number_as<T>(id, kind, part))
      numbers.push_back(*number);
  });
  if (numbers.size() != tree_.nodes[node].parts) return std::nullopt;
  return Value::list(std::move(numbers));
}

std::optional<Value> JsonReader::read_bytes(TypeId id, std::uint32_t node) {
  const std::optional<std::string_view> key = read_single_key(id, node);
  if (!key) return std::nullopt;
  const JsonNode& found = tree_.nodes[node + 2];
  if (*key != "$b64" || found.kind != JsonKind::String) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  auto bytes = decode_base64(tree_.text_of(found));
  if (bytes) return Value::list(*std::move(bytes));
  add_problem([&] {
    Diagnostic problem = type_problem(*graph_, id, "a `$b64` that is not base64");
    problem.hints.emplace_back("encode the bytes as RFC 4648 has it, with padding");
    return problem;
  });
  return std::nullopt;
}

std::optional<Value> JsonReader::read_elements(const types::List& kind, std::uint32_t node) {
  std::optional<Value> list;
  bool is_packed = false;
  if (const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind))
    is_packed = visit_number(*element, [&]<class T>(std::type_identity<T>) {
      list = read_numbers<T>(kind.element, *element, node);
    });
  if (is_packed) return list;
  std::vector<Value> elements;
  for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    if (auto value = read(kind.element, part)) elements.push_back(*std::move(value));
  });
  if (elements.size() != tree_.nodes[node].parts) return std::nullopt;
  return Value::list(std::move(elements));
}

template <>
std::optional<Value> JsonReader::read_as(const types::List& kind, TypeId id, std::uint32_t node) {
  const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind);
  std::optional<Value> list;
  if (tree_.nodes[node].kind == JsonKind::Array)
    list = read_elements(kind, node);
  else if (tree_.nodes[node].kind == JsonKind::Object && element && *element == Primitive::U8)
    list = read_bytes(id, node);
  else
    add_mismatch(id, node);
  if (!list || !kind.length) return list;
  const std::size_t found = list->get_if<ValueList>()->size();
  if (found == *kind.length) return list;
  add_problem([&] { return count_problem(*graph_, id, *kind.length, found); });
  return std::nullopt;
}

template <>
std::optional<Value> JsonReader::read_as(const types::Record& kind, TypeId id, std::uint32_t node) {
  if (tree_.nodes[node].kind != JsonKind::Object) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const LabelTable& table = tables_.get(id);
  RecordParts parts(types_, kind);
  bool is_sound = true;
  for_each_entry(node, [&](std::string_view key, std::uint32_t part) {
    const Path::Step step(path_, key);
    const std::optional<std::uint32_t> field = table.find(key);
    if (!field) {
      is_sound = false;
      add_problem([&] { return label_problem(*graph_, id, "field", key, table.labels()); });
    } else if (!parts.mark(*field)) {
      is_sound = false;
      add_problem([&] { return repeat_problem("field", key); });
    } else if (auto value = read(kind.fields[*field].type, part)) {
      parts.set(*field, *std::move(value));
    }
  });
  const std::vector<const types::Field*> missing = parts.complete();
  if (!missing.empty()) {
    add_problem([&] { return missing_problem(*graph_, id, missing); });
    return std::nullopt;
  }
  return is_sound ? parts.take(table.shared()) : std::nullopt;
}

template <>
std::optional<Value> JsonReader::read_as(const types::Map& kind, TypeId id, std::uint32_t node) {
  if (tree_.nodes[node].kind != JsonKind::Array) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  MapParts parts;
  bool is_sound = true;
  for_each_part(node, [&](std::size_t i, std::uint32_t pair) {
    const Path::Step step(path_, i);
    if (tree_.nodes[pair].kind != JsonKind::Array || tree_.nodes[pair].parts != 2) {
      is_sound = false;
      add_mismatch(id, pair);
      return;
    }
    const auto read_part = [&](TypeId type, std::size_t k, std::uint32_t part) {
      const Path::Step inner(path_, k);
      return read(type, part);
    };
    auto key = read_part(kind.key, 0, pair + 1);
    auto value = read_part(kind.value, 1, tree_.nodes[pair + 1].next);
    is_sound = is_sound && key && value;
    if (is_sound) parts.add(*std::move(key), *std::move(value));
  });
  return is_sound ? std::optional(parts.take()) : std::nullopt;
}

template <>
std::optional<Value> JsonReader::read_as(const types::Tuple& kind, TypeId id, std::uint32_t node) {
  const JsonNode& found = tree_.nodes[node];
  if (found.kind != JsonKind::Array) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  if (found.parts != kind.types.size())
    add_problem([&] { return count_problem(*graph_, id, kind.types.size(), found.parts); });
  std::vector<Value> values;
  for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    if (i >= kind.types.size()) return;
    const Path::Step step(path_, i);
    if (auto value = read(kind.types[i], part)) values.push_back(*std::move(value));
  });
  if (values.size() != kind.types.size() || found.parts != kind.types.size()) return std::nullopt;
  return Value::tuple(std::move(values));
}

template <>
std::optional<Value> JsonReader::read_as(const types::Flags& kind, TypeId id, std::uint32_t node) {
  if (tree_.nodes[node].kind != JsonKind::Array) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const LabelTable& table = tables_.get(id);
  std::vector<bool> is_set(kind.labels.size());
  bool is_sound = true;
  for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    const JsonNode& found = tree_.nodes[part];
    const std::string_view label = tree_.text_of(found);
    const std::optional<std::uint32_t> flag =
        found.kind == JsonKind::String ? table.find(label) : std::nullopt;
    is_sound = is_sound && flag && !is_set[*flag];
    if (found.kind != JsonKind::String)
      add_mismatch(id, part);
    else if (!flag)
      add_problem([&] { return label_problem(*graph_, id, "flag", label, table.labels()); });
    else if (is_set[*flag])
      add_problem([&] { return repeat_problem("flag", label); });
    else
      is_set[*flag] = true;
  });
  if (!is_sound) return std::nullopt;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < is_set.size(); ++i)
    if (is_set[i]) labels.push_back(kind.labels[i]);
  return Value::flags(std::move(labels));
}

std::optional<std::string_view> JsonReader::read_single_key(TypeId id, std::uint32_t node) {
  const JsonNode& found = tree_.nodes[node];
  if (found.kind == JsonKind::Object && found.parts == 2)
    return tree_.text_of(tree_.nodes[node + 1]);
  add_mismatch(id, node);
  return std::nullopt;
}

// The key is at node + 1, and being a leaf, the value at node + 2.
bool JsonReader::read_payload(std::string_view label, const std::optional<TypeId>& type,
                              std::uint32_t node, ValuePayload& payload) {
  const Path::Step step(path_, label);
  const std::uint32_t part = node + 2;
  if (!type) {
    if (tree_.nodes[part].kind == JsonKind::Null) return true;
    add_problem([&] {
      Diagnostic problem = payload_problem(*graph_, label, type);
      problem.hints = {fmt::format("write `{{\"{}\": null}}`", label)};
      return problem;
    });
    return false;
  }
  auto value = read(*type, part);
  if (!value) return false;
  payload = ValuePayload(*std::move(value));
  return true;
}

template <>
std::optional<Value> JsonReader::read_as(const types::Variant& kind, TypeId id,
                                         std::uint32_t node) {
  const std::optional<std::string_view> key = read_single_key(id, node);
  if (!key) return std::nullopt;
  const LabelTable& table = tables_.get(id);
  const std::optional<std::uint32_t> found = table.find(*key);
  if (!found) {
    add_problem([&] { return label_problem(*graph_, id, "case", *key, table.labels()); });
    return std::nullopt;
  }
  const types::Case& alternative = kind.cases[*found];
  ValuePayload payload;
  if (!read_payload(alternative.label, alternative.type, node, payload)) return std::nullopt;
  return Value::variant(alternative.label, std::move(payload));
}

template <>
std::optional<Value> JsonReader::read_as(const types::Enum& kind, TypeId id, std::uint32_t node) {
  if (tree_.nodes[node].kind != JsonKind::String) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::string_view label = tree_.text_of(tree_.nodes[node]);
  const LabelTable& table = tables_.get(id);
  const std::optional<std::uint32_t> found = table.find(label);
  if (found) return Value::enumerator(kind.labels[*found]);
  add_problem([&] { return label_problem(*graph_, id, "case", label, table.labels()); });
  return std::nullopt;
}

// none: null; some(v): v, but {"some": v} if the payload is an option itself.
template <>
std::optional<Value> JsonReader::read_as(const types::Option& kind, TypeId id, std::uint32_t node) {
  if (tree_.nodes[node].kind == JsonKind::Null) return Value::none();
  if (!std::holds_alternative<types::Option>(types_.types[kind.type].kind)) {
    auto value = read(kind.type, node);
    return value ? std::optional(Value::some(*std::move(value))) : std::nullopt;
  }
  const std::optional<std::string_view> key = read_single_key(id, node);
  if (!key) return std::nullopt;
  if (*key != "some") {
    add_mismatch(id, node);
    return std::nullopt;
  }
  ValuePayload payload;
  if (!read_payload("some", kind.type, node, payload)) return std::nullopt;
  return Value::option(std::move(payload));
}

template <>
std::optional<Value> JsonReader::read_as(const types::ResultType& kind, TypeId id,
                                         std::uint32_t node) {
  const std::optional<std::string_view> key = read_single_key(id, node);
  if (!key) return std::nullopt;
  if (*key != "ok" && *key != "err") {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const bool is_ok = *key == "ok";
  ValuePayload payload;
  if (!read_payload(*key, is_ok ? kind.ok : kind.error, node, payload)) return std::nullopt;
  return is_ok ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
}

std::optional<Value> JsonReader::read_handle(TypeId id, std::uint32_t node) {
  if (!options_.find_handle) {
    add_problem([&] { return handle_problem(*graph_, id, "", HandlesKnown::No); });
    return std::nullopt;
  }
  const std::optional<std::string_view> key = read_single_key(id, node);
  if (!key) return std::nullopt;
  const JsonNode& found = tree_.nodes[node + 2];
  const std::string_view digits = tree_.text_of(found);
  if (*key != "$handle" || found.kind != JsonKind::Number || !is_integer_text(digits)) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  std::optional<Value> handle;
  if (const std::optional<std::uint64_t> number = read_number<std::uint64_t>(digits))
    handle = options_.find_handle(*number, make_type(graph_, id));
  if (!handle)
    add_problem([&] { return handle_problem(*graph_, id, quote_text(digits), HandlesKnown::Yes); });
  return handle;
}

std::optional<Value> JsonReader::refuse(TypeId id) {
  add_problem([&] { return no_text_problem(*graph_, id); });
  return std::nullopt;
}

template <>
std::optional<Value> JsonReader::read_as(const types::Own& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> JsonReader::read_as(const types::Borrow& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> JsonReader::read_as(const types::Stream& /*kind*/, TypeId id,
                                         std::uint32_t /*node*/) {
  return refuse(id);
}
template <>
std::optional<Value> JsonReader::read_as(const types::Future& /*kind*/, TypeId id,
                                         std::uint32_t /*node*/) {
  return refuse(id);
}

template <>
std::optional<Value> JsonReader::read_as(const types::Dynamic& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_dynamic(id, node);
}

std::optional<Value> JsonReader::read(TypeId id, std::uint32_t node) {
  return std::visit([&](const auto& kind) { return read_as(kind, id, node); },
                    types_.types[id].kind);
}

}  // namespace tenon::value
