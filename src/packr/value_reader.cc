#include "packr/value_reader.h"

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "packr/scalar_values.h"
#include "packr/value_walk.h"

namespace tenon::packr {

namespace {

// Makes `Value`s, within a budget of memory.
struct ValueSink {
  using Made = Value;
  using Parts = std::vector<Value>;
  using Fields = std::vector<std::pair<std::string, Value>>;
  using Entries = std::vector<std::pair<Value, Value>>;
  static constexpr bool kKeeps = true;
  static constexpr const char* kTooMany = "the values need too much memory";

  std::uint64_t left;
  BufferTable* buffers;

  bool spend(std::uint64_t bytes) {
    const std::uint64_t all = sizeof(Value) + bytes;
    if (all > left) return false;
    left -= all;
    return true;
  }
  // The buffer, if the node is a handle of one.
  [[nodiscard]] std::optional<Value> buffer(NodeView node) const {
    const std::optional<std::uint64_t> handle =
        buffers == nullptr ? std::nullopt : find_handle(node);
    if (!handle) return std::nullopt;
    Buffer found = buffers->find(*handle);
    return found == nullptr ? std::nullopt : std::optional(make_value(std::move(found)));
  }
  static std::optional<Value> packed(const ArrayView& array) { return packed_value(array); }
  static Value scalar(NodeKind kind, std::uint64_t bits) { return *scalar_value(kind, bits); }
  static Value string(std::string_view text) { return Value::string(std::string(text)); }
  static Value flags(std::uint64_t mask, const types::Flags* kind) {
    std::vector<std::string> labels;
    for (unsigned bit = 0; bit < 64; ++bit)
      if ((mask >> bit & 1U) != 0)
        labels.push_back(kind == nullptr ? fmt::format("b{}", bit) : kind->labels[bit]);
    return Value::flags(std::move(labels));
  }
  static Value list(Parts elements) { return Value::list(std::move(elements)); }
  static Value map(Entries entries) { return Value::map(std::move(entries)); }
  static Value record(Fields fields) { return Value::record(std::move(fields)); }
  static Value tuple(Parts parts) { return Value::tuple(std::move(parts)); }
  static Value variant(const std::string& label, std::optional<Value> payload) {
    return Value::variant(label, payload ? ValuePayload(*std::move(payload)) : ValuePayload());
  }
  static Value any_variant(const std::string& label, std::uint32_t tag, Parts payload) {
    if (payload.empty()) return Value::variant(label, {}, tag);
    return Value::variant(
        label, payload.size() == 1 ? std::move(payload.front()) : Value::tuple(std::move(payload)),
        tag);
  }
  static Value enumerator(const std::string& label) { return Value::enumerator(label); }
  static Value none() { return Value::none(); }
  static Value some(Value value) { return Value::some(std::move(value)); }
  static Value result(ResultSide side, std::optional<Value> value) {
    ValuePayload payload = value ? ValuePayload(*std::move(value)) : ValuePayload();
    return side == ResultSide::Ok ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
  }
};

// Makes nothing of the values.
struct CheckSink {
  struct Made {};
  struct Ignored {
    template <class... Part>
    void emplace_back(Part&&... /*part*/) {}
  };
  using Parts = Ignored;
  using Fields = Ignored;
  using Entries = Ignored;
  static constexpr bool kKeeps = false;
  static constexpr const char* kTooMany = "it has too many values";

  static bool spend(std::uint64_t /*bytes*/) { return true; }
  static std::optional<Made> buffer(NodeView /*node*/) { return std::nullopt; }
  static std::optional<Made> packed(const ArrayView& /*array*/) { return Made(); }
  static Made scalar(NodeKind /*kind*/, std::uint64_t /*bits*/) { return {}; }
  static Made string(std::string_view /*text*/) { return {}; }
  static Made flags(std::uint64_t /*mask*/, const types::Flags* /*kind*/) { return {}; }
  static Made list(Parts /*elements*/) { return {}; }
  static Made map(Entries /*entries*/) { return {}; }
  static Made record(Fields /*fields*/) { return {}; }
  static Made tuple(Parts /*parts*/) { return {}; }
  static Made variant(std::string_view /*label*/, std::optional<Made> /*payload*/) { return {}; }
  static Made any_variant(std::string_view /*label*/, std::uint32_t /*tag*/, Parts /*payload*/) {
    return {};
  }
  static Made enumerator(std::string_view /*label*/) { return {}; }
  static Made none() { return {}; }
  static Made some(Made /*value*/) { return {}; }
  static Made result(ResultSide /*side*/, std::optional<Made> /*payload*/) { return {}; }
};

}  // namespace

Result<Value, ValueProblem> ValueReader::read(NodeView node, types::TypeId id) const {
  ValueSink sink{.left = budget_, .buffers = buffers_};
  return ValueWalk(types_, sink).run(node, id);
}

Result<std::vector<Value>, ValueProblem> ValueReader::read_arguments(
    NodeView node, const std::vector<types::Field>& params) const {
  ValueSink sink{.left = budget_, .buffers = buffers_};
  return ValueWalk(types_, sink).run_arguments(node, params);
}

Result<void, ValueProblem> check_value(const ValueTypes& types, NodeView node, types::TypeId id) {
  CheckSink sink;
  auto checked = ValueWalk(types, sink).run(node, id);
  if (!checked) return std::move(checked).error();
  return {};
}

Result<void, ValueProblem> check_arguments(const ValueTypes& types, NodeView node,
                                           const std::vector<types::Field>& params) {
  CheckSink sink;
  auto checked = ValueWalk(types, sink).run_arguments(node, params);
  if (!checked) return std::move(checked).error();
  return {};
}

}  // namespace tenon::packr
