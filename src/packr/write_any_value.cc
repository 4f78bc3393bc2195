// Values where any may be.
#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "packr/scalar_values.h"
#include "packr/value_writer.h"
#include "packr/wire_names.h"

namespace tenon::packr {

using types::TypeId;

namespace {

// `b5` is the flag of bit 5.
std::optional<unsigned> bit_of_label(std::string_view label) {
  if (label.size() < 2 || label.size() > 3 || label[0] != 'b') return std::nullopt;
  unsigned bit = 0;
  for (const char c : label.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    bit = bit * 10 + static_cast<unsigned>(c - '0');
  }
  return bit < 64 ? std::optional(bit) : std::nullopt;
}

}  // namespace

// A value where any may be, by the kind that it has.
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
    out.writer_.begin_list(GraphType::of(
        NodeKind::Tuple, {GraphType::of(NodeKind::String), GraphType::of(NodeKind::String)}));
    for (const auto& [key, held] : map.entries) {
      out.writer_.begin_tuple();
      if (!out.put_any(key) || !out.put_any(held)) return false;
      out.writer_.end();
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
  bool operator()(const ValueVariant& variant) const {
    return out.put_label(variant.label, variant.payload);
  }
  bool operator()(const ValueEnum& plain) const { return out.put_label(plain.label, {}); }
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
            "the bit of the flag `{}` is unknown: write `b0` to `b63` for a value of any type",
            label));
      mask |= std::uint64_t{1} << *bit;
    }
    out.writer_.add_flags(mask);
    return true;
  }
  bool operator()(const ValueHandle& /*handle*/) const {
    return out.fail("a handle cannot be passed to a package");
  }
};

bool ValueWriter::put_any(const Value& value) {
  if (depth_ == kMaxValueDepth)
    return fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
  ++depth_;
  const bool is_good = value.visit(AnyWrite{*this, value});
  --depth_;
  return is_good;
}

bool ValueWriter::put_label(std::string_view label, const ValuePayload& payload) {
  const auto has_case = [&](TypeId id) {
    const auto& kind = types_.types.types[id].kind;
    if (const auto* variant = std::get_if<types::Variant>(&kind)) {
      const auto found = std::ranges::find(variant->cases, label, &types::Case::label);
      return found != variant->cases.end() && found->type.has_value() == (payload.get() != nullptr);
    }
    const auto* plain = std::get_if<types::Enum>(&kind);
    return plain != nullptr && payload.get() == nullptr &&
           std::ranges::find(plain->labels, label) != plain->labels.end();
  };
  const auto found = std::find_if(enclosing_.rbegin(), enclosing_.rend(), has_case);
  if (found == enclosing_.rend())
    return fail(fmt::format(
        "the tag of the case `{}` is unknown: a value of any type is expected, and no enclosing "
        "type has this case",
        label));
  return put(Value::variant(std::string(label), payload), *found);
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
  const auto found = std::find_if(enclosing_.rbegin(), enclosing_.rend(), fits);
  return found == enclosing_.rend() ? std::nullopt : std::optional(*found);
}

bool ValueWriter::put_any_list(const ValueList& list) {
  const std::optional<NodeKind> packed = packed_kind(list);
  if (packed) return add_packed_array(writer_, *packed, list);
  // What a list of any values is said to hold means nothing to who reads it.
  writer_.begin_list(GraphType::of(NodeKind::String));
  std::size_t i = 0;
  bool is_good = true;
  list.for_each([&](const Value& value) {
    if (!is_good) return;
    const ValuePath::Step step(path_, ValuePath::element(i++));
    is_good = put_any(value);
  });
  if (!is_good) return false;
  writer_.end();
  return true;
}

}  // namespace tenon::packr
