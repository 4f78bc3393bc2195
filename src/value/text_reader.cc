// Reads values of any type from WAVE and JSON.
//
// There is one `read_as` for each kind of type. It asks the TextSyntax how a node is to be
// understood, and applies the rules of the type itself: which labels there are, which fields can be
// left out, which numbers are in range. Where the text does not fit, it adds a problem and returns
// nothing, and the caller goes on with the next part: all problems of a text are reported at once.
#include "value/text_reader.h"

#include <fmt/core.h>

#include <cstddef>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "support/base64.h"
#include "support/diagnostics.h"
#include "support/utf8.h"
#include "value/json_syntax.h"
#include "value/numbers.h"
#include "value/wave_syntax.h"

namespace tenon {

namespace value {

namespace {

using types::Primitive;
using types::TypeId;

// The fields of a record, which a text writes in any order.
class RecordParts {
 public:
  RecordParts(const types::Types& types, const types::Record& record)
      : types_(types),
        record_(record),
        values_(record.fields.size()),
        is_named_(record.fields.size()) {}

  // False if the field was named before.
  [[nodiscard]] bool mark(std::uint32_t field) {
    const bool is_first = !is_named_[field];
    is_named_[field] = true;
    return is_first;
  }
  void set(std::uint32_t field, Value value) { values_[field] = std::move(value); }

  // Sets fields of an option type that were not named to `none`. Returns the other missing fields.
  [[nodiscard]] std::vector<const types::Field*> complete() {
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
  // Nothing if a field could not be read.  REQUIRES: `complete` returned no fields
  [[nodiscard]] std::optional<Value> take(const ValueLabels& labels) {
    std::vector<Value> values;
    values.reserve(values_.size());
    for (std::optional<Value>& value : values_) {
      if (!value) return std::nullopt;
      values.push_back(*std::move(value));
    }
    return Value(ValueRecord(labels, std::move(values)));
  }

 private:
  const types::Types& types_;
  const types::Record& record_;
  std::vector<std::optional<Value>> values_;
  std::vector<bool> is_named_;
};

// The entries of a map. A later entry with the same key replaces the value of the earlier one.
class MapParts {
 public:
  void add(Value key, Value value) {
    const auto [place, is_new] = places_.emplace(print_wave(key), entries_.size());
    if (is_new)
      entries_.emplace_back(std::move(key), std::move(value));
    else
      entries_[place->second].second = std::move(value);
  }
  [[nodiscard]] Value take() { return Value::map(std::move(entries_)); }

 private:
  std::vector<std::pair<Value, Value>> entries_;
  // By the text of the key. Ordered: keys chosen by an attacker cannot make a look-up slow.
  std::map<std::string, std::size_t> places_;
};

}  // namespace

TextReader::TextReader(const TypeGraphPtr& graph, const TextSyntax& syntax, const TextTree& tree,
                       const ValueTextOptions& options)
    : graph_(graph),
      types_(graph->types),
      syntax_(syntax),
      kinds_(syntax.kinds()),
      tree_(tree),
      options_(options),
      tables_(graph->types) {}

void TextReader::place(Diagnostic& problem, std::uint32_t node) const {
  problem.where.file = options_.file;
  if (tree_.source) {
    show_place(problem, *tree_.source, node_at(node).begin, node_at(node).end);
    problem.where.item = parameter_;
  } else {
    problem.where.item = path_.print();
  }
}

void TextReader::add_mismatch(TypeId id, std::uint32_t node) {
  add_problem(node, [&] {
    Diagnostic problem = type_problem(*graph_, id, syntax_.describe(tree_, node));
    problem.hints.push_back(syntax_.type_hint(types_.types[id]));
    return problem;
  });
}

template <class T>
std::optional<T> TextReader::read_number_as(TypeId id, Primitive kind, std::uint32_t node) {
  const std::optional<std::string_view> text = syntax_.find_number(tree_, node, kind);
  const std::optional<T> number = text ? read_number<T>(*text) : std::nullopt;
  if (number) return number;
  if (text && is_integer_text(*text))
    add_problem(node, [&] { return range_problem(kind, quote_text(*text)); });
  else
    add_mismatch(id, node);
  return std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const Primitive& kind, TypeId id, std::uint32_t node) {
  std::optional<Value> value;
  const bool is_number = visit_number(kind, [&]<class T>(std::type_identity<T>) {
    if (const std::optional<T> number = read_number_as<T>(id, kind, node))
      value = make_scalar_value<T>(*number);
  });
  if (is_number) return value;
  if (kind == Primitive::ErrorContext) return refuse(id, node);
  const TextNode& text_node = node_at(node);
  if (kind == Primitive::Bool && text_node.parts == 0) {
    const std::string_view word = tree_.word_of(text_node);
    if (word == "true" || word == "false") return Value::boolean(word == "true");
  } else if (kind == Primitive::Char && text_node.kind == kinds_.character &&
             text_node.text_size > 0) {
    const std::string_view text = tree_.text_of(text_node);
    const Utf8Character character = next_character(text);
    if (character.code && character.bytes.size() == text.size())
      return Value::character(static_cast<char32_t>(*character.code));
  } else if (kind == Primitive::String && text_node.kind == TextKind::String) {
    return Value::string(std::string(tree_.text_of(text_node)));
  }
  add_mismatch(id, node);
  return std::nullopt;
}

template <class T>
std::optional<Value> TextReader::read_numbers(TypeId id, Primitive kind, std::uint32_t node) {
  std::vector<T> numbers;
  numbers.reserve(node_at(node).parts);
  tree_.for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    if (const std::optional<T> number = read_number_as<T>(id, kind, part))
      numbers.push_back(*number);
  });
  if (numbers.size() != node_at(node).parts) return std::nullopt;
  return Value::list(std::move(numbers));
}

std::optional<Value> TextReader::read_elements(const types::List& kind, std::uint32_t node) {
  // Numbers go into a packed list at once, without a Value each.
  std::optional<Value> list;
  bool is_packed = false;
  if (const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind))
    is_packed = visit_number(*element, [&]<class T>(std::type_identity<T>) {
      list = read_numbers<T>(kind.element, *element, node);
    });
  if (is_packed) return list;
  std::vector<Value> elements;
  tree_.for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    if (auto value = read(kind.element, part)) elements.push_back(*std::move(value));
  });
  if (elements.size() != node_at(node).parts) return std::nullopt;
  return Value::list(std::move(elements));
}

std::optional<Value> TextReader::read_base64(TypeId id, std::uint32_t node, std::string_view text) {
  if (auto bytes = decode_base64(text)) return Value::list(*std::move(bytes));
  add_problem(node, [&] {
    Diagnostic problem = type_problem(*graph_, id, "a `$b64` that is not base64");
    problem.hints.emplace_back("encode the bytes as in RFC 4648, with padding");
    return problem;
  });
  return std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::List& kind, TypeId id, std::uint32_t node) {
  const auto is_length = [&](std::size_t length) {
    if (!kind.length || *kind.length == length) return true;
    add_problem(node, [&] { return count_problem(*graph_, id, *kind.length, length); });
    return false;
  };
  const auto* element = std::get_if<Primitive>(&types_.types[kind.element].kind);
  const bool is_bytes = element != nullptr && *element == Primitive::U8;
  // WAVE reports a wrong length before the problems of the elements, JSON only if there are none.
  const bool is_wave = tree_.source.has_value();
  std::optional<Value> list;
  bool is_right_length = true;
  if (node_at(node).kind == TextKind::List) {
    if (is_wave) is_right_length = is_length(node_at(node).parts);
    list = read_elements(kind, node);
  } else if (const auto base64 = is_bytes ? syntax_.find_base64(tree_, node) : std::nullopt) {
    list = read_base64(id, node, *base64);
  } else {
    add_mismatch(id, node);
  }
  if (list && !is_wave) is_right_length = is_length(list->get_if<ValueList>()->size());
  return is_right_length ? std::move(list) : std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::Record& kind, TypeId id, std::uint32_t node) {
  if (node_at(node).kind != TextKind::Fields) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const types::LabelTable& table = tables_.get(id);
  RecordParts parts(types_, kind);
  bool is_sound = true;
  tree_.for_each_entry(node, [&](std::uint32_t key, std::uint32_t part) {
    // WAVE can write other keys, for maps.
    const bool is_label = node_at(key).kind == TextKind::Label;
    const std::string_view label =
        is_label ? tree_.text_of(node_at(key)) : tree_.source_of(node_at(key));
    const Path::Step step(path_, label);
    const std::optional<std::uint32_t> field = is_label ? table.find(label) : std::nullopt;
    if (!field) {
      is_sound = false;
      add_problem(key, [&] { return label_problem(*graph_, id, "field", label, table.labels()); });
    } else if (!parts.mark(*field)) {
      is_sound = false;
      add_problem(key, [&] { return duplicate_problem("field", label); });
    } else if (auto value = read(kind.fields[*field].type, part)) {
      parts.set(*field, *std::move(value));
    }
  });
  const std::vector<const types::Field*> missing = parts.complete();
  if (!missing.empty()) {
    add_problem(node, [&] { return missing_problem(*graph_, id, missing); });
    return std::nullopt;
  }
  return is_sound ? parts.take(table.shared()) : std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::Map& kind, TypeId id, std::uint32_t node) {
  // The parser reads `{}` as an empty set of flags; it is an empty map too.
  const bool is_empty = node_at(node).kind == kinds_.flags && node_at(node).parts == 0;
  if (node_at(node).kind != kinds_.map && !is_empty) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  MapParts parts;
  bool is_sound = true;
  const auto read_entry = [&](std::uint32_t key_node, std::uint32_t value_node) {
    const auto read_part = [&](TypeId type, std::size_t i, std::uint32_t part) {
      const Path::Step step(path_, i);
      return read(type, part);
    };
    auto key = read_part(kind.key, 0, key_node);
    auto value = read_part(kind.value, 1, value_node);
    is_sound = is_sound && key && value;
    if (is_sound) parts.add(*std::move(key), *std::move(value));
  };
  if (kinds_.map == TextKind::Fields) {
    tree_.for_each_entry(node, read_entry);
  } else {
    tree_.for_each_part(node, [&](std::size_t i, std::uint32_t pair) {
      const Path::Step step(path_, i);
      if (node_at(pair).kind == TextKind::List && node_at(pair).parts == 2) {
        read_entry(pair + 1, node_at(pair + 1).next);
      } else {
        is_sound = false;
        add_mismatch(id, pair);
      }
    });
  }
  return is_sound ? std::optional(parts.take()) : std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::Tuple& kind, TypeId id, std::uint32_t node) {
  const TextNode& text_node = node_at(node);
  if (text_node.kind != kinds_.tuple) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  if (text_node.parts != kind.types.size())
    add_problem(node,
                [&] { return count_problem(*graph_, id, kind.types.size(), text_node.parts); });
  std::vector<Value> values;
  tree_.for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    if (i >= kind.types.size()) return;
    const Path::Step step(path_, i);
    if (auto value = read(kind.types[i], part)) values.push_back(*std::move(value));
  });
  if (values.size() != kind.types.size() || text_node.parts != kind.types.size())
    return std::nullopt;
  return Value::tuple(std::move(values));
}

template <>
std::optional<Value> TextReader::read_as(const types::Flags& kind, TypeId id, std::uint32_t node) {
  if (node_at(node).kind != kinds_.flags) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const types::LabelTable& table = tables_.get(id);
  std::vector<bool> is_set(kind.labels.size());
  bool is_sound = true;
  tree_.for_each_part(node, [&](std::size_t i, std::uint32_t part) {
    const Path::Step step(path_, i);
    const std::optional<CaseText> written = syntax_.find_label(tree_, part);
    if (!written) {
      is_sound = false;
      add_mismatch(id, part);
      return;
    }
    const std::optional<std::uint32_t> flag = table.find(written->label);
    if (flag && !is_set[*flag]) {
      is_set[*flag] = true;
      return;
    }
    is_sound = false;
    add_problem(part, [&] {
      return flag ? duplicate_problem("flag", written->label)
                  : label_problem(*graph_, id, "flag", written->label, table.labels());
    });
  });
  if (!is_sound) return std::nullopt;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < is_set.size(); ++i)
    if (is_set[i]) labels.push_back(kind.labels[i]);
  return Value::flags(std::move(labels));
}

std::optional<std::uint32_t> TextReader::find_case(TypeId id, std::uint32_t node,
                                                   const std::optional<CaseText>& written) {
  if (!written) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const types::LabelTable& table = tables_.get(id);
  const std::optional<std::uint32_t> position = table.find(written->label);
  if (position && !written->is_keyword) return position;
  add_problem(node, [&] {
    Diagnostic problem = label_problem(*graph_, id, "case", written->label, table.labels());
    if (position)
      problem.hints = {fmt::format("write `%{0}`: `{0}` is a keyword of WAVE", written->label)};
    return problem;
  });
  return std::nullopt;
}

bool TextReader::read_payload(const CaseText& written, const std::optional<TypeId>& type,
                              std::uint32_t node, ValuePayload& payload) {
  const Path::Step step(path_, written.label);
  const bool has_payload = written.payload != 0 && (type || !written.is_null);
  if (type.has_value() != has_payload) {
    add_problem(node, [&] {
      Diagnostic problem = payload_problem(*graph_, written.label, type);
      if (!type) problem.hints = {syntax_.no_payload_hint(written.label)};
      return problem;
    });
    return false;
  }
  if (!type) return true;
  auto value = read(*type, written.payload);
  if (!value) return false;
  payload = ValuePayload(*std::move(value));
  return true;
}

template <>
std::optional<Value> TextReader::read_as(const types::Variant& kind, TypeId id,
                                         std::uint32_t node) {
  const std::optional<CaseText> written = syntax_.find_case(tree_, node);
  const std::optional<std::uint32_t> position = find_case(id, node, written);
  if (!position) return std::nullopt;
  const types::Case& alternative = kind.cases[*position];
  ValuePayload payload;
  if (!read_payload(*written, alternative.type, node, payload)) return std::nullopt;
  return Value::variant(alternative.label, std::move(payload));
}

template <>
std::optional<Value> TextReader::read_as(const types::Enum& kind, TypeId id, std::uint32_t node) {
  const std::optional<CaseText> written = syntax_.find_label(tree_, node);
  const std::optional<std::uint32_t> position = find_case(id, node, written);
  ValuePayload no_payload;
  if (!position || !read_payload(*written, std::nullopt, node, no_payload)) return std::nullopt;
  return Value::enumerator(kind.labels[*position]);
}

template <>
std::optional<Value> TextReader::read_as(const types::Option& kind, TypeId id, std::uint32_t node) {
  const BarePayload bare = syntax_.bare_payload(types_.types[id], types_.types[kind.type]);
  const std::optional<CaseText> written = syntax_.find_keyword(tree_, node, bare);
  ValuePayload payload;
  if (written && written->label == "none")
    return read_payload(*written, std::nullopt, node, payload) ? std::optional(Value::none())
                                                               : std::nullopt;
  if (written && written->label == "some") {
    if (!read_payload(*written, kind.type, node, payload)) return std::nullopt;
    return Value::option(std::move(payload));
  }
  if (bare == BarePayload::Yes) {
    auto value = read(kind.type, node);
    return value ? std::optional(Value::some(*std::move(value))) : std::nullopt;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::ResultType& kind, TypeId id,
                                         std::uint32_t node) {
  const BarePayload bare =
      kind.ok ? syntax_.bare_payload(types_.types[id], types_.types[*kind.ok]) : BarePayload::No;
  const std::optional<CaseText> written = syntax_.find_keyword(tree_, node, bare);
  if (written && (written->label == "ok" || written->label == "err")) {
    const bool is_ok = written->label == "ok";
    ValuePayload payload;
    if (!read_payload(*written, is_ok ? kind.ok : kind.error, node, payload)) return std::nullopt;
    return is_ok ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
  }
  if (bare == BarePayload::Yes) {
    auto value = read(*kind.ok, node);
    return value ? std::optional(Value::ok(*std::move(value))) : std::nullopt;
  }
  add_mismatch(id, node);
  return std::nullopt;
}

std::optional<Value> TextReader::read_handle(TypeId id, std::uint32_t node) {
  if (!options_.find_handle) {
    add_problem(node, [&] { return handle_problem(*graph_, id, "", HandlesKnown::No); });
    return std::nullopt;
  }
  const std::optional<std::string_view> written = syntax_.find_handle(tree_, node);
  if (!written) {
    add_mismatch(id, node);
    return std::nullopt;
  }
  const std::string_view digits = written->substr(written->starts_with('$') ? 1 : 0);
  std::optional<Value> handle;
  if (const std::optional<std::uint64_t> number = read_number<std::uint64_t>(digits))
    handle = options_.find_handle(*number, make_type(graph_, id));
  if (!handle)
    add_problem(
        node, [&] { return handle_problem(*graph_, id, quote_text(*written), HandlesKnown::Yes); });
  return handle;
}

std::optional<Value> TextReader::refuse(TypeId id, std::uint32_t node) {
  add_problem(node, [&] { return no_text_problem(*graph_, id); });
  return std::nullopt;
}

template <>
std::optional<Value> TextReader::read_as(const types::Own& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> TextReader::read_as(const types::Borrow& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> TextReader::read_as(const types::Stream& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> TextReader::read_as(const types::Future& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_handle(id, node);
}
template <>
std::optional<Value> TextReader::read_as(const types::Dynamic& /*kind*/, TypeId id,
                                         std::uint32_t node) {
  return read_dynamic(id, node);
}

std::optional<Value> TextReader::read(TypeId id, std::uint32_t node) {
  return std::visit([&](const auto& kind) { return read_as(kind, id, node); },
                    types_.types[id].kind);
}

}  // namespace value

Result<Value> parse_wave(std::string_view text, const Type& type, const ValueTextOptions& options) {
  const Result<value::TextTree> tree = value::parse_wave_tree(text, options.file);
  if (!tree) return tree.error();
  value::TextReader reader(value::graph_of(type), value::wave_syntax(), *tree, options);
  std::optional<Value> value = reader.read(value::id_of(type), 0);
  if (!value) return reader.problems().take();
  return *std::move(value);
}

Result<Value> parse_json(std::string_view text, const Type& type, const ValueTextOptions& options) {
  const Result<value::TextTree> tree = value::parse_json_tree(text, options.file);
  if (!tree) return tree.error();
  value::TextReader reader(value::graph_of(type), value::json_syntax(), *tree, options);
  std::optional<Value> value = reader.read(value::id_of(type), 0);
  if (!value) return reader.problems().take();
  return *std::move(value);
}

}  // namespace tenon
