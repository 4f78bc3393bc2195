// Which unit broke a rule of the Canonical ABI in a call from one unit of a domain to another.
//
// The engine checks values in an adapter, code of its own between the two units. When a check fails,
// the backtrace has the adapter and the caller, whichever of the two is to blame: the caller, by a
// parameter, or the callee, by its result or by a borrowed handle that it kept. The types of the
// functions that the caller imports say more: an invalid discriminant in a function without enums and
// variants among its parameters came from the callee. If several functions are possible, all units
// that can be to blame are named.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/failure.h"
#include "resolve/plan.h"
#include "tenon/result.h"

namespace tenon::link {

// The parts of values that an adapter checks, as a set of bits.
enum class ValueParts : std::uint8_t {
  None = 0,
  Discriminant = 1,  // of a variant, an enum, an option or a result
  Char = 2,
  String = 4,
  List = 8,
  Handle = 16,
  Borrow = 32,
  Address = 64,  // of values that do not fit in core values
};

// A function that a unit can call in another unit of its domain.
struct DirectCall {
  std::string consumer;
  std::string provider;
  std::string import;    // as the consumer imports it: an interface, or the function
  std::string function;  // of the interface; empty: `import` is the function
  bool is_async = false;
  ValueParts params = ValueParts::None;
  ValueParts result = ValueParts::None;
};

// "`a`, `b`".
[[nodiscard]] std::string name_units(const std::set<std::string_view>& units);

// The calls inside of all domains of a plan. Cost: linear in the functions that units import.
[[nodiscard]] std::vector<DirectCall> list_direct_calls(const resolve::LinkPlan& plan);

// Corrects `unit` and `message` of a failure that happened in an adapter, or in code that the engine inlined: an adapter,
// or a function of another unit, which has no frame then.
// described: with its backtrace; `unit` is that of the innermost frame that belongs to a unit, mostly the
//            caller. It stays if several units can be to blame, which the message names.
void blame_unit(CallFailure& described, const engine::Failure& failure,
                const std::vector<DirectCall>& calls);

}  // namespace tenon::link
