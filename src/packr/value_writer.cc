#include "packr/value_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "packr/guest_names.h"
#include "packr/scalar_values.h"
#include "support/check.h"

namespace tenon::packr {

namespace {

using types::Primitive;
using types::TypeId;

std::string describe(const Value& value) { return std::string(kind_text(value.kind())); }

// The bit of a flag whose type is unknown: 5 for `b5` and for `write#5`.
std::optional<unsigned> bit_of_label(std::string_view label) {
  const std::size_t hash = label.find('#');
  const bool is_named = hash != std::string_view::npos && hash != 0;
  if (!is_named && !label.starts_with('b')) return std::nullopt;
  const std::string_view digits = label.substr(is_named ? hash + 1 : 1);
  if (digits.empty() || digits.size() > 2) return std::nullopt;
  unsigned bit = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    bit = bit * 10 + static_cast<unsigned>(c - '0');
  }
  return bit < 64 ? std::optional(bit) : std::nullopt;
}

// The position of a flag in its type: of `write`, or of `write#1` if it is the second one.
std::optional<unsigned> find_flag(const std::vector<std::string>& labels, std::string_view label) {
  const auto entry = std::ranges::find(labels, label.substr(0, label.find('#')));
  if (entry == labels.end()) return std::nullopt;
  const auto bit = static_cast<unsigned>(entry - labels.begin());
  const bool is_named = label.size() > entry->size();
  return is_named && bit_of_label(label) != bit ? std::nullopt : std::optional(bit);
}

// A number that was read from text, as a T. Returns nothing if the value is not a number, or is out
// of range.
template <class T>
std::optional<T> convert_number(const Value& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, char32_t>) {
    return std::nullopt;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (const auto* number = value.get_if<double>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<std::int64_t>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return static_cast<T>(*number);
    return std::nullopt;
  } else {
    const auto convert = [](auto number) {
      return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
    };
    if (const auto* number = value.get_if<std::int64_t>()) return convert(*number);
    if (const auto* number = value.get_if<std::uint64_t>()) return convert(*number);
    return std::nullopt;
  }
}

}  // namespace

// Writes a value by its type: one overload for each kind of type.
struct TypedWrite {
  ValueWriter& out;
  const Value& value;
  TypeId id;

  bool mismatch(std::string_view expected) const {
    return out.fail(fmt::format("expected {}, found {}", expected, describe(value)));
  }
  template <class T>
  bool scalar() const {
    const T* const held = value.get_if<T>();
    if (held != nullptr) return add(*held);
    if (out.from_ == ValueWriter::From::Text)
      if (const std::optional<T> number = convert_number<T>(value)) return add(*number);
    return mismatch(kind_text(make_scalar_value(T()).kind()));
  }
  template <class T>
  bool add(T number) const {
    out.writer_.add_scalar(kind_of_scalar<T>(), bits_of(number));
    return true;
  }
  bool part(ValuePath::Part part, const Value& held, TypeId type) const {
    const ValuePath::Step step(out.path_, part);
    return out.put(held, type);
  }
  // Writes the payload of a result. An absent payload is the unit value.
  bool payload(ResultSide side, const ValuePayload& held, const std::optional<TypeId>& type) const {
    const std::string_view step = side == ResultSide::Ok ? "ok" : "err";
    if (held.get() == nullptr && (!type || out.types_.may_be_empty(*type, side))) {
      out.writer_.begin_tuple();
      out.writer_.end();
      return true;
    }
    if (held.get() == nullptr || !type)
      return out.fail(fmt::format("`{}` {} a payload", step, type ? "needs" : "does not have"));
    return part(ValuePath::label(step), *held.get(), *type);
  }

  bool operator()(const Primitive& kind) const {
    switch (kind) {
      case Primitive::Bool:
        return scalar<bool>();
      case Primitive::S8:
        return scalar<std::int8_t>();
      case Primitive::U8:
        return scalar<std::uint8_t>();
      case Primitive::S16:
        return scalar<std::int16_t>();
      case Primitive::U16:
        return scalar<std::uint16_t>();
      case Primitive::S32:
        return scalar<std::int32_t>();
      case Primitive::U32:
        return scalar<std::uint32_t>();
      case Primitive::S64:
        return scalar<std::int64_t>();
      case Primitive::U64:
        return scalar<std::uint64_t>();
      case Primitive::F32:
        return scalar<float>();
      case Primitive::F64:
        return scalar<double>();
      case Primitive::Char:
        return scalar<char32_t>();
      case Primitive::String: {
        const auto* text = value.get_if<std::string>();
        if (text == nullptr) return mismatch("string");
        out.writer_.add_string(*text);
        return true;
      }
      case Primitive::ErrorContext:
        break;
    }
    return mismatch("a value that packr has");
  }
  bool operator()(const types::List& kind) const {
    const auto* list = value.get_if<ValueList>();
    return list == nullptr ? mismatch("list") : out.put_list(*list, kind);
  }
  bool operator()(const types::Map& kind) const {
    // Within a recursive type, text is read without a type, and an empty map as an empty record.
    static const ValueMap empty;
    const auto* const record = value.get_if<ValueRecord>();
    const bool is_empty = record != nullptr && record->labels().empty();
    const auto* const map = is_empty ? &empty : value.get_if<ValueMap>();
    if (map == nullptr) return mismatch("map");
    out.writer_.begin_map(out.types_.wire_type(kind.key), out.types_.wire_type(kind.value));
    for (std::size_t i = 0; i < map->entries.size(); ++i) {
      out.writer_.begin_entry();
      const auto& [key, held] = map->entries[i];
      const bool is_written = part(ValuePath::element(i, "key"), key, kind.key) &&
                              part(ValuePath::element(i, "value"), held, kind.value);
      if (!is_written) return false;
      out.writer_.end_entry();
    }
    out.writer_.end();
    return true;
  }
  bool operator()(const types::Record& kind) const {
    const auto* record = value.get_if<ValueRecord>();
    if (record == nullptr) return mismatch("record");
    const Enclosed enclosed(out.enclosing_, id);
    out.writer_.begin_record(out.types_.wire_name(id));
    for (const types::Field& field : kind.fields) {
      const Value* const held = record->find(field.label);
      const bool can_be_none =
          out.from_ == ValueWriter::From::Text && out.types_.is_option(field.type);
      if (held == nullptr && !can_be_none)
        return out.fail(fmt::format("the field `{}` is missing", field.label));
      out.writer_.field(wire_field(field.label));
      const ValuePath::Part step = ValuePath::label(field.label);
      if (held == nullptr ? !part(step, Value::none(), field.type) : !part(step, *held, field.type))
        return false;
    }
    out.writer_.end();
    return true;
  }
  bool put_case(std::string_view label, const ValuePayload& held, std::size_t tag,
                const std::optional<TypeId>& type) const {
    if ((held.get() != nullptr) != type.has_value())
      return out.fail(fmt::format("`{}` {} a payload", label, type ? "needs" : "does not have"));
    const Enclosed enclosed(out.enclosing_, id);
    out.writer_.begin_variant(out.types_.wire_name(id), wire_case(label),
                              static_cast<std::uint32_t>(tag));
    if (type && !part(ValuePath::label(label), *held.get(), *type)) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const types::Variant& kind) const {
    const auto* variant = value.get_if<ValueVariant>();
    const auto* plain = value.get_if<ValueEnum>();
    if (variant == nullptr && plain == nullptr) return mismatch("variant");
    const std::string& label = variant != nullptr ? variant->label : plain->label;
    const auto entry = std::ranges::find(kind.cases, label, &types::Case::label);
    if (entry == kind.cases.end()) return out.fail(fmt::format("there is no case `{}`", label));
    return put_case(label, variant != nullptr ? variant->payload : ValuePayload(),
                    static_cast<std::size_t>(entry - kind.cases.begin()), entry->type);
  }
  bool operator()(const types::Enum& kind) const {
    const auto* variant = value.get_if<ValueVariant>();
    const auto* plain = value.get_if<ValueEnum>();
    if (variant == nullptr && plain == nullptr) return mismatch("enum");
    const std::string& label = variant != nullptr ? variant->label : plain->label;
    const auto entry = std::ranges::find(kind.labels, label);
    if (entry == kind.labels.end()) return out.fail(fmt::format("there is no case `{}`", label));
    return put_case(label, variant != nullptr ? variant->payload : ValuePayload(),
                    static_cast<std::size_t>(entry - kind.labels.begin()), std::nullopt);
  }
  bool operator()(const types::Tuple& kind) const {
    const auto* tuple = value.get_if<ValueTuple>();
    if (tuple == nullptr) return mismatch("tuple");
    if (tuple->values.size() != kind.types.size())
      return out.fail(
          fmt::format("expected {} values, found {}", kind.types.size(), tuple->values.size()));
    out.writer_.begin_tuple();
    for (std::size_t i = 0; i < kind.types.size(); ++i)
      if (!part(ValuePath::position(i), tuple->values[i], kind.types[i])) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const types::Flags& kind) const {
    const auto* flags = value.get_if<ValueFlags>();
    if (flags == nullptr) return mismatch("flags");
    std::uint64_t mask = 0;
    for (const std::string& label : flags->labels) {
      const std::optional<unsigned> bit = find_flag(kind.labels, label);
      if (!bit) return out.fail(fmt::format("there is no flag `{}`", label));
      mask |= std::uint64_t{1} << *bit;
    }
    out.writer_.add_flags(mask);
    return true;
  }
  bool operator()(const types::Option& kind) const {
    const auto* option = value.get_if<ValueOption>();
    if (option == nullptr) return mismatch("option");
    out.writer_.begin_option(out.types_.wire_type(kind.type));
    if (const Value* held = option->payload.get())
      if (!part(ValuePath::label("some"), *held, kind.type)) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const types::ResultType& kind) const {
    const auto* result = value.get_if<ValueResult>();
    if (result == nullptr) return mismatch("result");
    const ResultSide side = result->is_ok ? ResultSide::Ok : ResultSide::Err;
    out.writer_.begin_result(out.types_.wire_type(kind.ok), out.types_.wire_type(kind.error), side);
    if (!payload(side, result->payload, result->is_ok ? kind.ok : kind.error)) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const types::Dynamic& /*kind*/) const { return out.put_any(value); }
  template <types::HandleKind Handle>
  bool operator()(const Handle& /*kind*/) const {
    return mismatch("a value that packr has");
  }
};

bool ValueWriter::fail(std::string message) {
  if (!problem_) problem_ = ValueProblem{path_.print(), std::move(message)};
  return false;
}

bool ValueWriter::put(const Value& value, TypeId id) {
  if (depth_ == kMaxValueDepth)
    return fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
  ++depth_;
  const bool is_written = std::visit(TypedWrite{*this, value, id}, types_.types.types[id].kind);
  --depth_;
  return is_written;
}

bool ValueWriter::put_list(const ValueList& list, const types::List& kind) {
  const TypeId element = kind.element;
  const bool is_any = std::holds_alternative<types::Dynamic>(types_.types.types[element].kind);
  if (is_any && !kind.is_set) return put_any_list(list);
  const GraphType type = types_.wire_type(element);
  if (!kind.is_set && fixed_width(type.kind) != 0 && type.kind != NodeKind::Flags) {
    if (list.empty()) {
      writer_.add_array(type.kind, {});
      return true;
    }
    if (add_packed_array(writer_, type.kind, list)) return true;
    if (from_ == From::Program)
      return fail("its elements do not have the type that the list declares");
  }
  if (kind.is_set)
    writer_.begin_set(type);
  else
    writer_.begin_list(type);
  std::size_t i = 0;
  bool is_written = true;
  list.for_each([&](const Value& value) {
    if (!is_written) return;
    const ValuePath::Step step(path_, ValuePath::element(i++));
    is_written = put(value, element);
  });
  if (!is_written) return false;
  writer_.end();
  return true;
}

// Writes a value whose type is a Dynamic, by its own kind.
struct AnyWrite {
  ValueWriter& out;
  const Value& value;

  template <class T>
    requires ListScalar<T>
  bool operator()(const T& held) const {
    out.writer_.add_scalar(kind_of_scalar<T>(), bits_of(held));
    return true;
  }
  bool operator()(const std::string& text) const {
    out.writer_.add_string(text);
    return true;
  }
  bool operator()(const ValueList& list) const { return out.put_any_list(list); }
  bool operator()(const ValueMap& map) const {
    out.writer_.begin_map(GraphType::of(NodeKind::String), GraphType::of(NodeKind::String));
    for (const auto& [key, held] : map.entries) {
      out.writer_.begin_entry();
      if (!out.put_any(key) || !out.put_any(held)) return false;
      out.writer_.end_entry();
    }
    out.writer_.end();
    return true;
  }
  bool operator()(const ValueRecord& record) const {
    if (const std::optional<TypeId> type = out.find_enclosing(record)) return out.put(value, *type);
    out.writer_.begin_record("");
    for (std::size_t i = 0; i < record.labels().size(); ++i) {
      out.writer_.field(wire_field(record.labels()[i]));
      if (!out.put_any(record.values()[i])) return false;
    }
    out.writer_.end();
    return true;
  }
  bool operator()(const ValueTuple& tuple) const {
    out.writer_.begin_tuple();
    for (const Value& held : tuple.values)
      if (!out.put_any(held)) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const ValueVariant& variant) const { return out.put_label(variant); }
  bool operator()(const ValueEnum& plain) const { return out.put_label({plain.label, {}}); }
  bool operator()(const ValueOption& option) const {
    out.writer_.begin_option(GraphType::of(NodeKind::String));
    if (const Value* held = option.payload.get())
      if (!out.put_any(*held)) return false;
    out.writer_.end();
    return true;
  }
  bool operator()(const ValueResult& result) const {
    out.writer_.begin_result(GraphType::of(NodeKind::String), GraphType::of(NodeKind::String),
                             result.is_ok ? ResultSide::Ok : ResultSide::Err);
    if (const Value* held = result.payload.get()) {
      if (!out.put_any(*held)) return false;
    } else {
      out.writer_.begin_tuple();
      out.writer_.end();
    }
    out.writer_.end();
    return true;
  }
  bool operator()(const ValueFlags& flags) const {
    std::uint64_t mask = 0;
    for (const std::string& label : flags.labels) {
      const std::optional<unsigned> bit = bit_of_label(label);
      if (!bit)
        return out.fail(fmt::format(
            "the bit of the flag `{0}` is unknown: for a value of any type, write it as `b0` to "
            "`b63`, or with its bit as `{0}#0`",
            label));
      mask |= std::uint64_t{1} << *bit;
    }
    out.writer_.add_flags(mask);
    return true;
  }
  bool operator()(const ValueHandle& handle) const {
    const bool is_buffer = out.buffers_ != nullptr && buffer_of(value) != nullptr;
    if (!is_buffer) return out.fail("a handle cannot be passed to a package");
    const auto number = out.buffers_->add(std::const_pointer_cast<tenon::Buffer>(buffer_of(value)));
    if (!number)
      return out.fail(fmt::format("there are too many buffers for `{}`", handle.resource));
    write_handle(out.writer_, *number);
    return true;
  }
};

bool ValueWriter::put_any(const Value& value) {
  if (depth_ == kMaxValueDepth)
    return fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
  ++depth_;
  const bool is_written = value.visit(AnyWrite{*this, value});
  --depth_;
  return is_written;
}

bool ValueWriter::put_label(const ValueVariant& variant) {
  const auto is_position = [&](std::ptrdiff_t position) {
    return !variant.number || std::cmp_equal(*variant.number, position);
  };
  const auto has_case = [&](TypeId id) {
    const auto& kind = types_.types.types[id].kind;
    if (const auto* known = std::get_if<types::Variant>(&kind)) {
      const auto entry = std::ranges::find(known->cases, variant.label, &types::Case::label);
      return entry != known->cases.end() && is_position(entry - known->cases.begin()) &&
             entry->type.has_value() == (variant.payload.get() != nullptr);
    }
    const auto* plain = std::get_if<types::Enum>(&kind);
    if (plain == nullptr || variant.payload.get() != nullptr) return false;
    const auto entry = std::ranges::find(plain->labels, variant.label);
    return entry != plain->labels.end() && is_position(entry - plain->labels.begin());
  };
  const auto type = std::find_if(enclosing_.rbegin(), enclosing_.rend(), has_case);
  if (type != enclosing_.rend()) return put(Value::variant(variant.label, variant.payload), *type);
  if (!variant.number)
    return fail(
        fmt::format("no type says which variant the case `{0}` belongs to: a value of any type is "
                    "expected, and "
                    "no enclosing type has this case; write it with its number, as `{0}#0`",
                    variant.label));
  writer_.begin_variant("", wire_case(variant.label), *variant.number);
  if (const Value* const held = variant.payload.get(); held != nullptr && !put_any(*held))
    return false;
  writer_.end();
  return true;
}

std::optional<TypeId> ValueWriter::find_enclosing(const ValueRecord& record) const {
  if (from_ == From::Program) return std::nullopt;
  const auto fits = [&](TypeId id) {
    const auto* const known = std::get_if<types::Record>(&types_.types.types[id].kind);
    if (known == nullptr) return false;
    std::size_t missing = 0;
    for (const types::Field& field : known->fields) {
      if (record.find(field.label) != nullptr) continue;
      if (!types_.is_option(field.type)) return false;
      ++missing;
    }
    return record.labels().size() == known->fields.size() - missing;
  };
  const auto type = std::find_if(enclosing_.rbegin(), enclosing_.rend(), fits);
  return type == enclosing_.rend() ? std::nullopt : std::optional(*type);
}

bool ValueWriter::put_any_list(const ValueList& list) {
  const std::optional<NodeKind> packed = packed_kind(list);
  if (packed) return add_packed_array(writer_, *packed, list);
  // Readers ignore the element type of such a list.
  writer_.begin_list(GraphType::of(NodeKind::String));
  std::size_t i = 0;
  bool is_written = true;
  list.for_each([&](const Value& value) {
    if (!is_written) return;
    const ValuePath::Step step(path_, ValuePath::element(i++));
    is_written = put_any(value);
  });
  if (!is_written) return false;
  writer_.end();
  return true;
}

Result<void, ValueProblem> ValueWriter::write(const Value& value, TypeId id) {
  if (put(value, id)) return {};
  return *std::move(problem_);
}

Result<void, ValueProblem> ValueWriter::write_arguments(std::span<const Value> arguments,
                                                        std::span<const types::Field> params) {
  TENON_CHECK(arguments.size() == params.size());
  const auto put_argument = [&](std::size_t i) {
    const ValuePath::Step step(path_, ValuePath::label(params[i].label));
    return put(arguments[i], params[i].type);
  };
  bool is_written = true;
  if (arguments.size() == 1) {
    is_written = put_argument(0);
  } else {
    writer_.begin_tuple();
    for (std::size_t i = 0; i < arguments.size() && is_written; ++i) is_written = put_argument(i);
    if (is_written) writer_.end();
  }
  if (is_written) return {};
  return *std::move(problem_);
}

}  // namespace tenon::packr
