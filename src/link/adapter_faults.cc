#include "link/adapter_faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "abi/flat_types.h"
#include "types/type.h"

namespace tenon::link {

namespace {

constexpr ValueParts operator|(ValueParts a, ValueParts b) {
  return static_cast<ValueParts>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has_any(ValueParts set, ValueParts parts) {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(parts)) != 0;
}

// A check of an adapter, by the message of its trap (wasmtime 48.0.8).
struct AdapterCheck {
  std::string_view message;
  ValueParts parts;  // what it looks at
  enum class Fault {
    OfSender,  // who passed the value
    OfEither,  // the sender's address is checked, and the one that the receiver's `realloc` returned
    OfCallee,  // whatever the direction
  } fault = Fault::OfSender;
};

constexpr ValueParts kAddressed = ValueParts::String | ValueParts::List | ValueParts::Address;
constexpr std::array kChecks = {
    AdapterCheck{"invalid variant discriminant", ValueParts::Discriminant},
    AdapterCheck{"invalid `char` bit pattern", ValueParts::Char},
    AdapterCheck{"invalid utf8 encoding", ValueParts::String},
    AdapterCheck{"invalid utf16 encoding", ValueParts::String},
    AdapterCheck{"string content out-of-bounds", ValueParts::String, AdapterCheck::Fault::OfEither},
    AdapterCheck{"list content out-of-bounds", ValueParts::List, AdapterCheck::Fault::OfEither},
    AdapterCheck{"unaligned pointer", kAddressed, AdapterCheck::Fault::OfEither},
    AdapterCheck{"out of bounds memory access", kAddressed, AdapterCheck::Fault::OfEither},
    AdapterCheck{"unknown handle index", ValueParts::Handle},
    AdapterCheck{"used with the wrong type", ValueParts::Handle},
    AdapterCheck{"is not a resource", ValueParts::Handle},
    AdapterCheck{"is not an own resource", ValueParts::Handle},
    AdapterCheck{"cannot remove owned resource while borrowed", ValueParts::Handle},
    AdapterCheck{"borrow handles still remain at the end of the call", ValueParts::Borrow,
                 AdapterCheck::Fault::OfCallee},
};

// The parameters of a function that is lowered `async` are spilled beyond this number.
constexpr std::size_t kMaxFlatAsyncParams = 4;

// The parts of types, each computed once.
class PartsOf final {
 public:
  explicit PartsOf(const types::Types& types) : types_(types) {}

  ValueParts find(types::TypeId id) {
    if (const auto known = known_.find(id); known != known_.end()) return known->second;
    const types::Type& type = types_.types[id];
    ValueParts parts = own_parts(type);
    // The items of a stream or future are passed later, by the engine itself.
    if (!std::holds_alternative<types::Stream>(type.kind) &&
        !std::holds_alternative<types::Future>(type.kind))
      for (const std::optional<types::TypeId>& part : types::parts_of(type))
        if (part) parts = parts | find(*part);
    known_.emplace(id, parts);
    return parts;
  }

 private:
  static ValueParts own_parts(const types::Type& type) {
    if (const auto* primitive = std::get_if<types::Primitive>(&type.kind)) {
      if (*primitive == types::Primitive::Char) return ValueParts::Char;
      return *primitive == types::Primitive::String ? ValueParts::String : ValueParts::None;
    }
    if (std::holds_alternative<types::Variant>(type.kind) ||
        std::holds_alternative<types::Enum>(type.kind) ||
        std::holds_alternative<types::Option>(type.kind) ||
        std::holds_alternative<types::ResultType>(type.kind))
      return ValueParts::Discriminant;
    if (std::holds_alternative<types::List>(type.kind) ||
        std::holds_alternative<types::Map>(type.kind))
      return ValueParts::List;
    if (std::holds_alternative<types::Borrow>(type.kind))
      return ValueParts::Handle | ValueParts::Borrow;
    if (std::holds_alternative<types::Own>(type.kind) ||
        std::holds_alternative<types::Stream>(type.kind) ||
        std::holds_alternative<types::Future>(type.kind))
      return ValueParts::Handle;
    return ValueParts::None;
  }

  const types::Types& types_;
  std::unordered_map<types::TypeId, ValueParts> known_;
};

// The unit that makes an export, which other units of its domain can pass on.
resolve::UnitIndex find_callee(const resolve::LinkPlan& plan, resolve::UnitExport from) {
  for (std::size_t left = plan.units.size(); left > 0; --left) {
    const auto& passed = plan.units[from.unit].type.exports[from.index].passed_imports;
    if (!passed || (*passed).size() != 1) break;
    const auto* next =
        std::get_if<resolve::FromUnit>(&plan.arguments[from.unit][(*passed).front()]);
    if (next == nullptr || plan.units[next->from.unit].domain != plan.units[from.unit].domain)
      break;
    from = next->from;
  }
  return from.unit;
}

// A value on its way from one unit to another.
struct Passage {
  std::string_view from;
  std::string_view to;

  auto operator<=>(const Passage&) const = default;
};

// wit-component names the function by which a core module calls an import with a memory.
bool is_shim_of(std::string_view frame, const DirectCall& call) {
  return frame == (call.function.empty()
                       ? fmt::format("indirect-$root-{}", call.import)
                       : fmt::format("indirect-{}-{}", call.import, call.function));
}

// A call that a failure can belong to.
struct PossibleCall {
  const DirectCall* call;
  bool returns;  // it is known to be at its result
};

// The calls that the caller can have made, and those of its own functions by which an `async` function returns its
// result. Adapters of async functions can run when no unit is below them: each of their callers is possible.
std::vector<PossibleCall> list_possible_calls(const CallFailure& described,
                                              const std::vector<DirectCall>& calls) {
  std::vector<PossibleCall> possible;
  std::vector<PossibleCall> named;
  const auto caller =
      std::ranges::find(described.backtrace, described.unit, &CallFailure::Frame::unit);
  for (const DirectCall& call : calls) {
    const bool is_made = described.unit.empty() ? call.is_async : call.consumer == described.unit;
    if (!is_made && !(call.is_async && call.provider == described.unit)) continue;
    possible.push_back({.call = &call, .returns = !is_made});
    if (caller != described.backtrace.end() && is_shim_of(caller->function, call))
      named.push_back(possible.back());
  }
  return named.empty() ? possible : named;
}

// Whether inlined code of a unit, which has no frame, may have failed or may have called what failed.
bool has_inlined_code(const CallFailure& described, const engine::Failure& failure) {
  const std::size_t left_out = failure.frames.size() - described.backtrace.size();
  for (std::size_t i = 0; i < described.backtrace.size(); ++i) {
    if (failure.frames[left_out + i].inlined == engine::Inlined::Yes) return true;
    if (!described.backtrace[i].unit.empty()) break;
  }
  return false;
}

// Inlined code has no frames: it can be that of a callee, or of what this calls.
void add_calls_of_callees(std::vector<PossibleCall>& possible,
                          const std::vector<DirectCall>& calls) {
  std::set<std::string_view> callees;
  for (std::size_t i = 0; i < possible.size(); ++i) {
    const std::string_view callee = possible[i].call->provider;
    if (possible[i].returns || !callees.insert(callee).second) continue;
    for (const DirectCall& call : calls)
      if (call.consumer == callee) possible.push_back({.call = &call, .returns = false});
  }
}

void blame_callees(CallFailure& described, const std::vector<PossibleCall>& possible) {
  std::set<std::string_view> keepers;
  for (const auto& [call, returns] : possible)
    if (!returns && has_any(call->params, ValueParts::Borrow)) keepers.insert(call->provider);
  if (keepers.empty()) return;
  if (keepers.size() == 1 && described.unit.empty()) {
    described.unit = *keepers.begin();
  } else if (keepers.size() == 1) {
    described.message += fmt::format(", which `{}` made", described.unit);
    described.unit = *keepers.begin();
  } else {
    described.message += fmt::format(" of one of {}", name_units(keepers));
  }
}

void blame_senders(CallFailure& described, const AdapterCheck& check,
                   const std::vector<PossibleCall>& possible) {
  std::set<Passage> passages;
  for (const auto& [call, returns] : possible) {
    if (!returns && has_any(call->params, check.parts))
      passages.insert({call->consumer, call->provider});
    if (has_any(call->result, check.parts)) passages.insert({call->provider, call->consumer});
  }
  if (passages.empty()) return;
  std::set<std::string_view> senders;
  std::set<std::string_view> receivers;
  for (const Passage& passage : passages) {
    senders.insert(passage.from);
    receivers.insert(passage.to);
  }
  std::string text;
  if (senders.size() == 1)
    text = fmt::format(", in a value that {} passed to {}", name_units(senders),
                       name_units(receivers));
  else
    text = fmt::format(", in a value that one of {} passed to another", name_units([&] {
                         std::set<std::string_view> all = senders;
                         all.insert(receivers.begin(), receivers.end());
                         return all;
                       }()));
  if (check.fault == AdapterCheck::Fault::OfEither)
    text +=
        ": the sender's address or length is wrong, or an address of the receiver: the one that "
        "its "
        "`realloc` returned, or the one for the result";
  if (senders.size() == 1) described.unit = *senders.begin();
  described.message += text;
}

// Names the units that inlined code can be of: the one that it was inlined into, and its callees.
void name_inlined_units(CallFailure& described, const std::vector<PossibleCall>& possible) {
  std::set<std::string_view> units = {described.unit};
  for (const auto& [call, returns] : possible)
    if (!returns) units.insert(call->provider);
  if (units.size() > 1)
    described.message += fmt::format(", in inlined code of one of {}", name_units(units));
}

}  // namespace

std::string name_units(const std::set<std::string_view>& units) {
  return fmt::format("`{}`", fmt::join(units, "`, `"));
}

std::vector<DirectCall> list_direct_calls(const resolve::LinkPlan& plan) {
  std::vector<DirectCall> calls;
  PartsOf parts(*plan.types);
  abi::Flattener flattener(*plan.types);
  for (resolve::UnitIndex unit = 0; unit < plan.arguments.size(); ++unit) {
    for (std::size_t import = 0; import < plan.arguments[unit].size(); ++import) {
      const auto* passed = std::get_if<resolve::FromUnit>(&plan.arguments[unit][import]);
      if (passed == nullptr || plan.units[passed->from.unit].domain != plan.units[unit].domain)
        continue;
      const std::string& provider = plan.units[find_callee(plan, passed->from)].name;
      const types::RootItem& item = plan.units[unit].type.imports[import];
      const auto add = [&](const std::string& name, types::FunctionId id) {
        const types::Function& function = plan.types->functions[id];
        DirectCall call{.consumer = plan.units[unit].name,
                        .provider = provider,
                        .import = item.name,
                        .function = name,
                        .is_async = function.is_async};
        std::size_t flat = 0;
        for (const types::Field& param : function.params) {
          call.params = call.params | parts.find(param.type);
          flat += flattener.flatten(param.type).count();
        }
        if (flat > (function.is_async ? kMaxFlatAsyncParams : abi::kMaxFlatParams))
          call.params = call.params | ValueParts::Address;
        if (function.result) call.result = parts.find(*function.result);
        if (function.result && !flattener.flatten(*function.result).fits(abi::kMaxFlatResults))
          call.result = call.result | ValueParts::Address;
        calls.push_back(std::move(call));
      };
      if (const auto* function = std::get_if<types::FunctionId>(&item.item))
        add({}, *function);
      else if (const auto* instance = std::get_if<types::InstanceId>(&item.item))
        for (const types::NamedItem& part : plan.types->instances[*instance].exports)
          if (const auto* inner = std::get_if<types::FunctionId>(&part.item))
            add(part.name, *inner);
    }
  }
  return calls;
}

void blame_unit(CallFailure& described, const engine::Failure& failure,
                const std::vector<DirectCall>& calls) {
  const auto check = std::ranges::find_if(kChecks, [&](const AdapterCheck& known) {
    return failure.message.find(known.message) != std::string::npos;
  });
  std::vector<PossibleCall> possible = list_possible_calls(described, calls);
  if (has_inlined_code(described, failure)) add_calls_of_callees(possible, calls);
  if (check == kChecks.end()) {
    if (failure.frames.front().inlined == engine::Inlined::Yes && !described.unit.empty())
      name_inlined_units(described, possible);
  } else if (check->fault == AdapterCheck::Fault::OfCallee) {
    blame_callees(described, possible);
  } else {
    blame_senders(described, *check, possible);
  }
}

}  // namespace tenon::link
