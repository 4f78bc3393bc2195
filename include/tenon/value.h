// A value of the component model as data, and its text: WAVE for people, JSON for programs. Values
// are what functions take and return if the program does not know their types when it is compiled.
//
//   tenon::Value item = tenon::Value::record({{"name", tenon::Value::string("tea")},
//                                             {"price", tenon::Value::f64(2.5)}});
//   if (const auto* record = item.get_if<tenon::ValueRecord>())
//     if (const tenon::Value* price = record->find("price")) use(price->get_if<double>());
//
// A value knows its kind and labels, so it can be printed without its type. `check_value` reports
// whether it fits a type. Copies are deep. `==` compares data: all NaNs are
// equal, -0.0 and 0.0 are different, fields and flags are compared by label, and map entries in
// order. Copying, comparing and destroying are recursive, so a program must not build values that
// are more than a few thousand levels deep.
//
// Reading text needs a type, because the text `1` can be a u8 or an f64, and `none` an option or a
// case. Printed text reads back as the equal value, except for handles.
//
//   tenon::Result<tenon::Value> item = tenon::parse_wave("{name: \"tea\", price: 2.5}", type);
//   fmt::print("{}\n", tenon::print_wave(*item));
//
// Thread: a value: any number of readers, or one writer; the functions: any.
// Source: component-model Explainer.md, "Type Definitions"; docs/wave.md.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/result.h"
#include "tenon/type.h"

namespace tenon {

class Value;

enum class ValueKind : std::uint8_t {
  Bool,
  Char,
  S8,
  S16,
  S32,
  S64,
  U8,
  U16,
  U32,
  U64,
  F32,
  F64,
  String,
  List,
  Map,
  Record,
  Tuple,
  Variant,
  Enum,
  Option,
  Result,
  Flags,
  Handle
};

// The C++ types of scalars; lists of these are packed.
template <class T>
concept ListScalar =
    std::same_as<T, bool> || std::same_as<T, std::int8_t> || std::same_as<T, std::uint8_t> ||
    std::same_as<T, std::int16_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::int32_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> || std::same_as<T, float> ||
    std::same_as<T, double> || std::same_as<T, char32_t>;

// The elements of a list. Scalars are packed: a `list<u8>` takes one byte per element. The
// representation does not matter for comparison: lists with equal elements are equal.
class ValueList {
 public:
  ValueList() = default;
  explicit ValueList(std::vector<Value> elements);
  template <ListScalar T>
  explicit ValueList(std::vector<T> elements) {
    if (!elements.empty()) elements_ = std::move(elements);
  }
  ValueList(const ValueList& other);
  ValueList(ValueList&& other) noexcept;
  ValueList& operator=(const ValueList& other);
  ValueList& operator=(ValueList&& other) noexcept;
  ~ValueList();

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  // Returns a copy of an element.
  // REQUIRES: index < size()
  [[nodiscard]] Value operator[](std::size_t index) const;
  // Calls `visitor` with each element as a `const Value&`, which is valid during that call.
  template <class Visitor>
  void for_each(Visitor&& visitor) const;
  // Returns the elements in their representation: T is a ListScalar, or Value if the list is not
  // packed. Null if the list has another representation; an empty list has all of them.
  // Lifetime: the list's.
  template <class T>
  [[nodiscard]] const std::vector<T>* get_if() const;

  bool operator==(const ValueList& other) const;

 private:
  std::variant<std::vector<Value>, std::vector<bool>, std::vector<std::int8_t>,
               std::vector<std::uint8_t>, std::vector<std::int16_t>, std::vector<std::uint16_t>,
               std::vector<std::int32_t>, std::vector<std::uint32_t>, std::vector<std::int64_t>,
               std::vector<std::uint64_t>, std::vector<float>, std::vector<double>,
               std::vector<char32_t>>
      elements_;
};

// Map entries in insertion order. Keys are unique if the map was read from text.
struct ValueMap {
  std::vector<std::pair<Value, Value>> entries;

  bool operator==(const ValueMap& other) const;
};

// Labels of a record type, shared by its values.
using ValueLabels = std::shared_ptr<const std::vector<std::string>>;

// The fields of a record.
class ValueRecord {
 public:
  explicit ValueRecord(std::vector<std::pair<std::string, Value>> fields);
  // Field i has the label labels[i].
  // REQUIRES: as many labels as values
  ValueRecord(ValueLabels labels, std::vector<Value> values);

  [[nodiscard]] const std::vector<std::string>& labels() const { return *labels_; }
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }
  // Returns the field with this label, or null.
  [[nodiscard]] const Value* find(std::string_view label) const;

  bool operator==(const ValueRecord& other) const;

 private:
  ValueLabels labels_;
  std::vector<Value> values_;
};

struct ValueTuple {
  std::vector<Value> values;

  bool operator==(const ValueTuple& other) const;
};

// The payload of a variant, an option or a result: a value, or nothing.
class ValuePayload {
 public:
  ValuePayload() = default;
  ValuePayload(Value value);

  [[nodiscard]] const Value* get() const;

  bool operator==(const ValuePayload& other) const;

 private:
  std::vector<Value> value_;  // zero or one element; a vector because Value is incomplete here
};

struct ValueVariant {
  std::string label;
  ValuePayload payload;
  // The position of the case in its type. Needed only where no type says it, as for a packr function
  // that takes any value; absent in values that were read by their types. Compared if both values
  // have one.
  std::optional<std::uint32_t> number = {};

  bool operator==(const ValueVariant& other) const {
    return label == other.label && payload == other.payload &&
           (!number || !other.number || number == other.number);
  }
};

struct ValueEnum {
  std::string label;

  bool operator==(const ValueEnum& other) const = default;
};

struct ValueOption {
  ValuePayload payload;  // none or some

  bool operator==(const ValueOption& other) const = default;
};

struct ValueResult {
  bool is_ok = true;
  ValuePayload payload;

  bool operator==(const ValueResult& other) const = default;
};

// The flags that are set, without duplicates. Where no type says which bit a flag is, its label has
// it: `b5`, or with a name `write#5`.
struct ValueFlags {
  std::vector<std::string> labels;

  bool operator==(const ValueFlags& other) const;
};

// State that all copies of a handle share, of a class that its issuer derives from this one. It is destroyed
// with the last copy.
class HandleState {
 public:
  HandleState() = default;
  HandleState(const HandleState&) = delete;
  HandleState& operator=(const HandleState&) = delete;
  virtual ~HandleState() = default;
};

// A handle of a resource. `id` identifies the resource among those of its issuer and is never
// reused; 0: it has no number. `keep` keeps an object alive as long as copies of the handle exist;
// neither it nor `state` is compared.
struct ValueHandle {
  std::string resource;  // "acme:db/sql.connection", for people
  std::uint64_t id = 0;
  std::shared_ptr<const void> keep;    // the program's own object, or null, with `state`
  const HandleState* state = nullptr;  // null: the handle is for an object of the program

  bool operator==(const ValueHandle& other) const {
    return id == other.id && resource == other.resource;
  }
};

// A value of any kind. Create it with the function of its kind: `Value::u32(5)`.
class Value {
 public:
  [[nodiscard]] static Value boolean(bool value) { return Value(value); }
  [[nodiscard]] static Value s8(std::int8_t value) { return Value(value); }
  [[nodiscard]] static Value u8(std::uint8_t value) { return Value(value); }
  [[nodiscard]] static Value s16(std::int16_t value) { return Value(value); }
  [[nodiscard]] static Value u16(std::uint16_t value) { return Value(value); }
  [[nodiscard]] static Value s32(std::int32_t value) { return Value(value); }
  [[nodiscard]] static Value u32(std::uint32_t value) { return Value(value); }
  [[nodiscard]] static Value s64(std::int64_t value) { return Value(value); }
  [[nodiscard]] static Value u64(std::uint64_t value) { return Value(value); }
  [[nodiscard]] static Value f32(float value) { return Value(value); }
  [[nodiscard]] static Value f64(double value) { return Value(value); }
  // A Unicode scalar value.
  [[nodiscard]] static Value character(char32_t value) { return Value(value); }
  // UTF-8.
  [[nodiscard]] static Value string(std::string value) { return Value(std::move(value)); }
  [[nodiscard]] static Value list(std::vector<Value> elements);
  template <ListScalar T>
  [[nodiscard]] static Value list(std::vector<T> elements) {
    return Value(ValueList(std::move(elements)));
  }
  [[nodiscard]] static Value map(std::vector<std::pair<Value, Value>> entries);
  [[nodiscard]] static Value record(std::vector<std::pair<std::string, Value>> fields);
  [[nodiscard]] static Value tuple(std::vector<Value> values);
  // number: the position of the case, where no type says it.
  [[nodiscard]] static Value variant(std::string label, ValuePayload payload = {},
                                     std::optional<std::uint32_t> number = {});
  [[nodiscard]] static Value enumerator(std::string label);
  // Creates `some` if there is a payload, else `none`.
  [[nodiscard]] static Value option(ValuePayload payload);
  [[nodiscard]] static Value none();
  [[nodiscard]] static Value some(Value payload);
  [[nodiscard]] static Value ok(ValuePayload payload = {});
  [[nodiscard]] static Value err(ValuePayload payload = {});
  // Duplicate labels are removed.
  [[nodiscard]] static Value flags(std::vector<std::string> labels);
  [[nodiscard]] static Value handle(ValueHandle handle) { return Value(std::move(handle)); }

  Value(ValueList list) : state_(std::move(list)) {}
  Value(ValueRecord record) : state_(std::move(record)) {}
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  [[nodiscard]] ValueKind kind() const { return static_cast<ValueKind>(state_.index()); }
  // Returns the content if it is a T, otherwise null. T is bool, a fixed-width integer, float,
  // double, char32_t, std::string, or one of the structs above.
  // Lifetime: the value's.
  template <class T>
  [[nodiscard]] const T* get_if() const {
    return std::get_if<T>(&state_);
  }
  template <class T>
  [[nodiscard]] T* get_if() {
    return std::get_if<T>(&state_);
  }
  // Calls `visitor` with the content.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit(std::forward<Visitor>(visitor), state_);
  }

  bool operator==(const Value& other) const;

 private:
  // In the order of ValueKind.
  using State =
      std::variant<bool, char32_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                   std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float, double,
                   std::string, ValueList, ValueMap, ValueRecord, ValueTuple, ValueVariant,
                   ValueEnum, ValueOption, ValueResult, ValueFlags, ValueHandle>;

  template <class T>
  explicit Value(T held) : state_(std::in_place_type<T>, std::move(held)) {}
  template <ListScalar T>
  friend Value make_scalar_value(T scalar);

  State state_;
};

// Makes the value of a scalar; its kind follows from T.
template <ListScalar T>
[[nodiscard]] Value make_scalar_value(T scalar) {
  return Value(scalar);
}

// Returns the name of a kind: "u8", "record", "handle".
// Lifetime: static.
[[nodiscard]] std::string_view kind_text(ValueKind kind);

template <class Visitor>
void ValueList::for_each(Visitor&& visitor) const {
  std::visit(
      [&]<class T>(const std::vector<T>& elements) {
        for (std::size_t i = 0; i < elements.size(); ++i) {
          if constexpr (std::same_as<T, Value>)
            visitor(elements[i]);
          else
            visitor(std::as_const(static_cast<const Value&>(make_scalar_value<T>(elements[i]))));
        }
      },
      elements_);
}

template <class T>
const std::vector<T>* ValueList::get_if() const {
  if (const auto* held = std::get_if<std::vector<T>>(&elements_)) return held;
  static const std::vector<T> empty_list;
  return empty() ? &empty_list : nullptr;
}

struct ValueTextOptions {
  // The name of the text in messages: "argument 2", "order.wave". May be empty.
  std::string file;
  // Returns the handle with the number that the text has as `$3` (WAVE) or `{"$handle": 3}` (JSON),
  // or nothing if there is no such handle of the type, an own or a borrow. Without this function,
  // text that contains handles is an error (value-handle).
  std::function<std::optional<Value>(std::uint64_t id, const Type& type)> find_handle = nullptr;
};

// Reads WAVE text as a value of `type`. A syntax error is reported alone. Otherwise every part that
// does not fit the type is reported, with line, column, an excerpt and the expected type.
// Errors: value-syntax, value-type, value-range, value-label, value-handle.
[[nodiscard]] Result<Value> parse_wave(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// A call as text: `total([])`, `lib.total([])`, `acme:tax/lib@1.2.0.total([])`,
// `acme:tax/lib@1.2.0#total([])`, `[account.close](1)`.
struct WaveCall {
  std::string interface;  // "acme:tax/lib@1.2.0", "lib"; empty: the text names no interface
  // The names of exports that the text can mean, to be looked up in this order: {"total"};
  // {"[method]account.close", "[static]account.close"} for `[account.close]`;
  // {"[constructor]account"} for `[account]`.
  std::vector<std::string> functions;
  std::string text;                 // the whole text, which parse_wave_arguments reads
  std::size_t name_end = 0;         // offset in `text` of the end of the name
  std::size_t arguments_begin = 0;  // offset in `text` of `(`

  bool operator==(const WaveCall&) const = default;
};

// Reads the name in the text of a call; the arguments are not read. Errors: value-syntax.
[[nodiscard]] Result<WaveCall> parse_wave_call(std::string_view text,
                                               const ValueTextOptions& options = {});

// Reads the arguments of a call, and returns one value for each parameter. Arguments at the end can
// be left out if their type is an option. Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_wave_arguments(const WaveCall& call,
                                                              const FunctionType& function,
                                                              const ValueTextOptions& options = {});

// One argument of a call, as a text of its own: an argument of a command, the content of a file.
struct ArgumentText {
  enum class Form : std::uint8_t { Wave, Json };
  std::string text;
  Form form = Form::Wave;
  std::string file;  // the name of the text in messages, as in ValueTextOptions
};

// Reads the arguments of a call, each from its own text, and returns one value for each parameter.
// Arguments at the end can be left out if their type is an option.
// options: only `find_handle` is used. Errors: as parse_wave.
[[nodiscard]] Result<std::vector<Value>> parse_arguments(std::span<const ArgumentText> arguments,
                                                         const FunctionType& function,
                                                         const ValueTextOptions& options = {});

// The name of a function in the text of a call: "total", "acme:bank/bank@1.0.0.[account.close]".
// interface: may be empty. function: the name of the export, such as "[method]account.close".
[[nodiscard]] std::string print_call_name(std::string_view interface, std::string_view function);

// Prints a value as one line of WAVE. A handle is printed as `<acme:db/sql.connection #3>`.
// Characters that could harm a terminal are escaped.
// max_bytes: roughly where a longer text is cut, with `...` at its end.
[[nodiscard]] std::string print_wave(
    const Value& value, std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

// Reads JSON text as a value of `type`. A problem has a path, such as `$.items[3].price`, instead
// of a line and a column. Errors: as parse_wave.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const Type& type,
                                       const ValueTextOptions& options = {});

// How a list<u8> is printed: `[104,105]`, or `{"$b64":"aGk="}`. An empty list is `[]` in both.
enum class JsonBytes : std::uint8_t { Array, Base64 };

// Prints a value as one line of JSON, without spaces.
[[nodiscard]] std::string print_json(const Value& value, JsonBytes bytes = JsonBytes::Array);

// Checks that a value fits a type. Every part that does not fit is a problem with its path. Fields
// and flags can be in any order, and no field can be missing. Errors: value-type, value-label.
[[nodiscard]] Result<void> check_value(const Value& value, const Type& type);

}  // namespace tenon
