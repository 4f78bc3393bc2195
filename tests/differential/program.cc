#include "tests/differential/program.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <memory>
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

// An object of a resource of the program. Each resource has a class of its own.
template <unsigned>
struct Numbered {
  std::uint32_t number;
  std::shared_ptr<std::uint32_t> dropped;

  Numbered(std::uint32_t made_number, std::shared_ptr<std::uint32_t> count)
      : number(made_number), dropped(std::move(count)) {}
  Numbered(const Numbered&) = delete;
  Numbered& operator=(const Numbered&) = delete;
  ~Numbered() { ++*dropped; }
};

template <unsigned Number>
void add_resource(const World& world, CompositionBuilder& builder) {
  using Object = Numbered<Number>;
  const unsigned owner = world.resource_owner(Number);
  HostResource<Object> resource(fmt::format("w:a/i{}", owner), fmt::format("r{}", Number));
  if (world.interfaces[owner].makes_resources()) {
    auto dropped = std::make_shared<std::uint32_t>(0);
    resource
        .constructor([dropped](std::uint32_t id) { return std::make_unique<Object>(id, dropped); })
        .method("get", [](const Object& self) { return self.number; })
        .static_function("dropped", [dropped] { return *dropped; });
  }
  builder.add_host_resource(resource);
}

}  // namespace

void add_program(const World& world, CompositionBuilder& builder) {
  constexpr std::array<void (*)(const World&, CompositionBuilder&), 6> kAddResource = {
      add_resource<0>, add_resource<1>, add_resource<2>,
      add_resource<3>, add_resource<4>, add_resource<5>};
  for (unsigned i = 0; i < world.interfaces.size(); ++i) {
    const Interface& interface = world.interfaces[i];
    if (!interface.is_open) continue;
    for (const unsigned resource : interface.resources) kAddResource.at(resource)(world, builder);
    for (const Function& function : interface.functions) {
      if (function.role != Function::Role::Echo && function.role != Function::Role::Which) continue;
      const bool is_which = function.role == Function::Role::Which;
      const bool has_result = function.type.result.has_value();
      const bool is_one =
          function.answer == Function::Answer::Last || function.type.params.size() == 1;
      const bool traps = function.fault != Function::Fault::None;
      builder.add_host_function(
          fmt::format("w:a/i{}", i), function.name,
          [=](std::span<const Value> arguments) -> HostResult<std::optional<Value>> {
            if (traps) return Trap{"a fault of the world"};
            return is_which ? Value::u32(1) : answer(has_result, is_one, arguments);
          });
    }
  }
}

}  // namespace tenon::differential
