#include "tenon/value.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "support/check.h"

namespace tenon {

// That of std::variant in GCC 12 has no valid state for an alternative that cannot be copied.
ValueList::ValueList(const ValueList& other) {
  std::visit(
      [this]<class T>(const std::vector<T>& elements) { elements_ = std::vector<T>(elements); },
      other.elements_);
}
ValueList::ValueList(ValueList&& other) noexcept = default;
ValueList& ValueList::operator=(const ValueList& other) = default;
ValueList& ValueList::operator=(ValueList&& other) noexcept = default;
ValueList::~ValueList() = default;

Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

namespace {

// The component model has a single NaN, and zeros that differ by their sign.
template <class Float>
bool is_same_float(Float a, Float b) {
  if (a != a || b != b) return a != a && b != b;
  return a == b && std::signbit(a) == std::signbit(b);
}

template <class T>
bool is_same(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>)
    return is_same_float(a, b);
  else
    return a == b;
}

template <class T>
bool is_same(const std::vector<T>& a, const std::vector<T>& b) {
  if constexpr (std::is_floating_point_v<T>)
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_same_float<T>);
  else
    return a == b;
}

template <class T>
std::vector<T> pack(const std::vector<Value>& elements) {
  std::vector<T> packed;
  packed.reserve(elements.size());
  for (const Value& element : elements) packed.push_back(*element.get_if<T>());
  return packed;
}

std::vector<std::string_view> sort_labels(const std::vector<std::string>& labels) {
  std::vector<std::string_view> sorted(labels.begin(), labels.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// The positions of labels in the order of the labels.
std::vector<std::size_t> order_by_label(const std::vector<std::string>& labels) {
  std::vector<std::size_t> order(labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
  return order;
}

}  // namespace

ValueList::ValueList(std::vector<Value> elements) {
  const auto is_other_kind = [&](const Value& element) {
    return element.kind() != elements[0].kind();
  };
  if (elements.empty() || std::any_of(elements.begin(), elements.end(), is_other_kind)) {
    elements_ = std::move(elements);
    return;
  }
  elements[0].visit([&]<class T>(const T&) {
    if constexpr (ListScalar<T>)
      elements_ = pack<T>(elements);
    else
      elements_ = std::move(elements);
  });
}

std::size_t ValueList::size() const {
  return std::visit([](const auto& elements) { return elements.size(); }, elements_);
}

Value ValueList::operator[](std::size_t index) const {
  TENON_CHECK(index < size());
  return std::visit(
      [&]<class T>(const std::vector<T>& elements) {
        if constexpr (std::same_as<T, Value>)
          return elements[index];
        else
          return make_scalar_value<T>(elements[index]);
      },
      elements_);
}

bool ValueList::operator==(const ValueList& other) const {
  if (elements_.index() != other.elements_.index()) return false;
  return std::visit(
      [&]<class T>(const std::vector<T>& elements) {
        return is_same(elements, *std::get_if<std::vector<T>>(&other.elements_));
      },
      elements_);
}

bool ValueMap::operator==(const ValueMap& other) const { return entries == other.entries; }

ValueRecord::ValueRecord(std::vector<std::pair<std::string, Value>> fields) {
  std::vector<std::string> labels;
  labels.reserve(fields.size());
  values_.reserve(fields.size());
  for (auto& [label, value] : fields) {
    labels.push_back(std::move(label));
    values_.push_back(std::move(value));
  }
  labels_ = std::make_shared<const std::vector<std::string>>(std::move(labels));
}

ValueRecord::ValueRecord(ValueLabels labels, std::vector<Value> values)
    : labels_(std::move(labels)), values_(std::move(values)) {
  TENON_CHECK(labels_ != nullptr && labels_->size() == values_.size());
}

const Value* ValueRecord::find(std::string_view label) const {
  const auto position = std::find(labels_->begin(), labels_->end(), label);
  return position == labels_->end()
             ? nullptr
             : &values_[static_cast<std::size_t>(position - labels_->begin())];
}

bool ValueRecord::operator==(const ValueRecord& other) const {
  if (values_.size() != other.values_.size()) return false;
  if (labels_ == other.labels_ || *labels_ == *other.labels_) return values_ == other.values_;
  const std::vector<std::size_t> order = order_by_label(*labels_);
  const std::vector<std::size_t> other_order = order_by_label(*other.labels_);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if ((*labels_)[order[i]] != (*other.labels_)[other_order[i]]) return false;
    if (!(values_[order[i]] == other.values_[other_order[i]])) return false;
  }
  return true;
}

bool ValueTuple::operator==(const ValueTuple& other) const { return values == other.values; }

ValuePayload::ValuePayload(Value value) { value_.push_back(std::move(value)); }
const Value* ValuePayload::get() const { return value_.empty() ? nullptr : &value_[0]; }
bool ValuePayload::operator==(const ValuePayload& other) const { return value_ == other.value_; }

bool ValueFlags::operator==(const ValueFlags& other) const {
  return labels == other.labels || sort_labels(labels) == sort_labels(other.labels);
}

Value Value::list(std::vector<Value> elements) { return Value(ValueList(std::move(elements))); }
Value Value::map(std::vector<std::pair<Value, Value>> entries) {
  return Value(ValueMap{std::move(entries)});
}
Value Value::record(std::vector<std::pair<std::string, Value>> fields) {
  return Value(ValueRecord(std::move(fields)));
}
Value Value::tuple(std::vector<Value> values) { return Value(ValueTuple{std::move(values)}); }
Value Value::variant(std::string label, ValuePayload payload, std::optional<std::uint32_t> number) {
  return Value(ValueVariant{std::move(label), std::move(payload), number});
}
Value Value::enumerator(std::string label) { return Value(ValueEnum{std::move(label)}); }
Value Value::option(ValuePayload payload) { return Value(ValueOption{std::move(payload)}); }
Value Value::none() { return Value(ValueOption{}); }
Value Value::some(Value payload) { return Value(ValueOption{ValuePayload(std::move(payload))}); }
Value Value::ok(ValuePayload payload) { return Value(ValueResult{true, std::move(payload)}); }
Value Value::err(ValuePayload payload) { return Value(ValueResult{false, std::move(payload)}); }

Value Value::flags(std::vector<std::string> labels) {
  std::vector<std::string> kept;
  for (const std::size_t i : order_by_label(labels))
    if (kept.empty() || kept.back() != labels[i]) kept.push_back(labels[i]);
  // Without duplicates the labels keep the order of the caller.
  return Value(ValueFlags{kept.size() == labels.size() ? std::move(labels) : std::move(kept)});
}

bool Value::operator==(const Value& other) const {
  if (kind() != other.kind()) return false;
  return visit([&]<class T>(const T& held) { return is_same(held, *other.get_if<T>()); });
}

std::string_view kind_text(ValueKind kind) {
  switch (kind) {
    case ValueKind::Bool:
      return "bool";
    case ValueKind::Char:
      return "char";
    case ValueKind::S8:
      return "s8";
    case ValueKind::S16:
      return "s16";
    case ValueKind::S32:
      return "s32";
    case ValueKind::S64:
      return "s64";
    case ValueKind::U8:
      return "u8";
    case ValueKind::U16:
      return "u16";
    case ValueKind::U32:
      return "u32";
    case ValueKind::U64:
      return "u64";
    case ValueKind::F32:
      return "f32";
    case ValueKind::F64:
      return "f64";
    case ValueKind::String:
      return "string";
    case ValueKind::List:
      return "list";
    case ValueKind::Map:
      return "map";
    case ValueKind::Record:
      return "record";
    case ValueKind::Tuple:
      return "tuple";
    case ValueKind::Variant:
      return "variant";
    case ValueKind::Enum:
      return "enum";
    case ValueKind::Option:
      return "option";
    case ValueKind::Result:
      return "result";
    case ValueKind::Flags:
      return "flags";
    case ValueKind::Handle:
      return "handle";
  }
  return "?";
}

}  // namespace tenon
