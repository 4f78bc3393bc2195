#include "packr/graph_words.h"

#include <algorithm>
#include <array>

namespace tenon::packr {

namespace {

struct TypeWord {
  std::string_view word;
  NodeKind kind;
};

constexpr std::array kGraphTypeWords{
    TypeWord{"bool", NodeKind::Bool},      TypeWord{"u8", NodeKind::U8},
    TypeWord{"u16", NodeKind::U16},        TypeWord{"u32", NodeKind::U32},
    TypeWord{"u64", NodeKind::U64},        TypeWord{"s8", NodeKind::S8},
    TypeWord{"s16", NodeKind::S16},        TypeWord{"s32", NodeKind::S32},
    TypeWord{"s64", NodeKind::S64},        TypeWord{"f32", NodeKind::F32},
    TypeWord{"f64", NodeKind::F64},        TypeWord{"char", NodeKind::Char},
    TypeWord{"string", NodeKind::String},  TypeWord{"flags", NodeKind::Flags},
    TypeWord{"list", NodeKind::List},      TypeWord{"option", NodeKind::Option},
    TypeWord{"result", NodeKind::Result},  TypeWord{"tuple", NodeKind::Tuple},
    TypeWord{"variant", NodeKind::Variant}};

constexpr std::array<std::string_view, 9> kValueWords{"true", "false", "some", "none", "ok",
                                                      "err",  "flags", "f32",  "f64"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_inside(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; }

std::uint64_t measure_type(const GraphType& type) {
  std::uint64_t size = sizeof(GraphType) + type.name.size();
  for (const GraphType& part : type.parts) size += measure_type(part);
  return size;
}

}  // namespace

std::size_t find_identifier_end(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_inside) - text.begin());
}

bool is_identifier(std::string_view text) {
  return !text.empty() && find_identifier_end(text) == text.size();
}

bool is_value_word(std::string_view word) {
  return std::ranges::find(kValueWords, word) != kValueWords.end();
}

std::optional<NodeKind> find_type_word(std::string_view word) {
  const auto found = std::ranges::find(kGraphTypeWords, word, &TypeWord::word);
  return found == kGraphTypeWords.end() ? std::nullopt : std::optional(found->kind);
}

std::string_view type_word(NodeKind kind) {
  return std::ranges::find(kGraphTypeWords, kind, &TypeWord::kind)->word;
}

GraphType infer_type(const GraphValue& value) {
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of)) {
    GraphType type;
    type.parts.reserve(tuple->items.size());
    for (const GraphValue& item : tuple->items) type.parts.push_back(infer_type(item));
    return type;
  }
  if (const auto* const list = std::get_if<GraphList>(&value.of))
    return GraphType::of(NodeKind::List, {list->element});
  if (const auto* const array = std::get_if<GraphArray>(&value.of))
    return GraphType::of(NodeKind::List, {GraphType::of(array->element)});
  if (const auto* const option = std::get_if<GraphOption>(&value.of))
    return GraphType::of(NodeKind::Option, {option->inner});
  if (const auto* const result = std::get_if<GraphResult>(&value.of))
    return GraphType::of(NodeKind::Result, {result->ok, result->err});
  if (const auto* const record = std::get_if<GraphRecord>(&value.of))
    return GraphType::named(NodeKind::Record, record->type_name);
  if (const auto* const variant = std::get_if<GraphVariant>(&value.of))
    return GraphType::named(NodeKind::Variant, variant->type_name);
  return GraphType::of(kind_of(value));
}

std::uint64_t measure_inferred_type(const GraphValue& value) {
  std::uint64_t size = sizeof(GraphType);
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of)) {
    for (const GraphValue& item : tuple->items) size += measure_inferred_type(item);
  } else if (const auto* const list = std::get_if<GraphList>(&value.of)) {
    size += measure_type(list->element);
  } else if (std::holds_alternative<GraphArray>(value.of)) {
    size += sizeof(GraphType);
  } else if (const auto* const option = std::get_if<GraphOption>(&value.of)) {
    size += measure_type(option->inner);
  } else if (const auto* const result = std::get_if<GraphResult>(&value.of)) {
    size += measure_type(result->ok) + measure_type(result->err);
  } else if (const auto* const record = std::get_if<GraphRecord>(&value.of)) {
    size += record->type_name.size();
  } else if (const auto* const variant = std::get_if<GraphVariant>(&value.of)) {
    size += variant->type_name.size();
  }
  return size;
}

bool infers_type(const GraphValue& value, const GraphType& type) {
  const auto has_parts = [&](NodeKind kind, std::size_t count) {
    return type.kind == kind && type.parts.size() == count;
  };
  if (const auto* const tuple = std::get_if<GraphTuple>(&value.of))
    return has_parts(NodeKind::Tuple, tuple->items.size()) &&
           std::ranges::equal(tuple->items, type.parts, infers_type);
  if (const auto* const list = std::get_if<GraphList>(&value.of))
    return has_parts(NodeKind::List, 1) && type.parts[0] == list->element;
  if (const auto* const array = std::get_if<GraphArray>(&value.of))
    return has_parts(NodeKind::List, 1) && type.parts[0] == GraphType::of(array->element);
  if (const auto* const option = std::get_if<GraphOption>(&value.of))
    return has_parts(NodeKind::Option, 1) && type.parts[0] == option->inner;
  if (const auto* const result = std::get_if<GraphResult>(&value.of))
    return has_parts(NodeKind::Result, 2) && type.parts[0] == result->ok &&
           type.parts[1] == result->err;
  if (const auto* const record = std::get_if<GraphRecord>(&value.of))
    return type.kind == NodeKind::Record && type.name == record->type_name;
  if (const auto* const variant = std::get_if<GraphVariant>(&value.of))
    return type.kind == NodeKind::Variant && type.name == variant->type_name;
  return has_parts(kind_of(value), 0);
}

}  // namespace tenon::packr
