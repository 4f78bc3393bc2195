#include "tests/differential/program.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tenon/host.h"

namespace tenon::differential {
namespace {

// Answers with its arguments.
std::optional<Value> answer(bool has_result, bool is_one, std::span<const Value> arguments) {
  if (!has_result) return std::nullopt;
  return is_one ? arguments.back()
                : Value::tuple(std::vector<Value>(arguments.begin(), arguments.end()));
}

}  // namespace

void add_program(const World& world, CompositionBuilder& builder) {
  for (unsigned i = 0; i < world.interfaces.size(); ++i) {
    if (!world.interfaces[i].is_open) continue;
    for (const Function& function : world.interfaces[i].functions) {
      const bool has_result = function.type.result.has_value();
      const bool is_one =
          function.answer == Function::Answer::Last || function.type.params.size() == 1;
      const bool traps = function.fault != Function::Fault::None;
      builder.add_host_function(
          fmt::format("w:a/i{}", i), function.name,
          [=](std::span<const Value> arguments) -> HostResult<std::optional<Value>> {
            if (traps) return Trap{"a fault of the world"};
            return answer(has_result, is_one, arguments);
          });
    }
  }
}

}  // namespace tenon::differential
