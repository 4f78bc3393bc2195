#include "packr/value_checker.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "packr/value_walk.h"

namespace tenon::packr {

namespace {

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
