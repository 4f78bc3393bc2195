// What is to be done with a world: calls, and the answers that the world itself predicts.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tenon/value.h"
#include "tests/differential/world.h"
#include "value/type_graph.h"

namespace tenon::differential {

// A call of an export of the root, or of another unit that is exported. The arguments have a handle wherever the type has one; it becomes a new resource
// with the next number. For a stream they have a list of its items, and for a future a tuple with its value.
struct Call {
  std::size_t unit = 0;
  unsigned interface = 0;
  std::size_t function = 0;
  std::vector<Value> arguments = {};
  bool drops_result = false;  // a resource, whose destructor traps
};

// A line for each call, for the resources that were dropped after all of them, and for the end.
struct Script {
  value::TypeGraphPtr graph;
  std::vector<Call> calls = {};
  std::vector<std::string> answers = {};
  // The unit that the trap at the end is of, and those that pass its interface on: a result that tenon refuses is that of
  // the unit that exports the function. Empty: there is no trap, or it is of the program.
  std::vector<std::size_t> trapping_units = {};
};
[[nodiscard]] Script make_script(const World& world);
// Whether the call traps. There is one, at the end of a script, or none.
[[nodiscard]] bool is_trapping(const World& world, const Call& call);
[[nodiscard]] Script without_trap(const World& world, Script script);

[[nodiscard]] const Function& function_of(const World& world, const Call& call);
// Where a unit exports the function of a call; without an interface, if it can be called so.
struct ExportedFunction {
  std::string interface;
  std::string name;
};
[[nodiscard]] ExportedFunction exported_function(const World& world, const Call& call);
[[nodiscard]] std::string print_answer(const std::optional<Value>& answer);
[[nodiscard]] std::string drop_line(unsigned resource, unsigned count);
inline constexpr std::string_view kTrap = "trap";

// The text of a call for the command line, which has no handles.
[[nodiscard]] std::string call_text(const World& world, const Call& call);

// Replaces the handles in a value, and its streams and futures.
class Replacement final {
 public:
  using OnHandle = std::function<Value(unsigned resource, const Value& handle)>;
  // stream: a stream or future. Replaces what is in its items, too.
  using OnStream = std::function<Value(types::TypeId stream, const Value& value)>;

  // on_stream: absent: they are lists and tuples, and stay so.
  Replacement(const types::Types& types, OnHandle on_handle, OnStream on_stream = {})
      : types_(types), on_handle_(std::move(on_handle)), on_stream_(std::move(on_stream)) {}

  [[nodiscard]] Value operator()(types::TypeId id, const Value& value) const;
  [[nodiscard]] Value replace_item(types::TypeId stream, const Value& item) const;

 private:
  // The items of a stream, as a list, or the value of a future, as a tuple.
  [[nodiscard]] Value replace_items(types::TypeId stream, const Value& value) const;
  [[nodiscard]] ValuePayload payload(const std::optional<types::TypeId>& id,
                                     const ValuePayload& held) const;
  [[nodiscard]] Value replace(const types::Own& own, const Value& value) const;
  [[nodiscard]] Value replace(const types::Borrow& borrow, const Value& value) const;
  [[nodiscard]] Value replace(const types::List& list, const Value& value) const;
  [[nodiscard]] Value replace(const types::Tuple& tuple, const Value& value) const;
  [[nodiscard]] Value replace(const types::Record& record, const Value& value) const;
  [[nodiscard]] Value replace(const types::Variant& variant, const Value& value) const;
  [[nodiscard]] Value replace(const types::Option& option, const Value& value) const;
  [[nodiscard]] Value replace(const types::ResultType& result, const Value& value) const;
  template <class Other>
  Value replace(const Other& /*other*/, const Value& value) const {
    return value;
  }

  const types::Types& types_;
  OnHandle on_handle_;
  OnStream on_stream_;
};

}  // namespace tenon::differential
