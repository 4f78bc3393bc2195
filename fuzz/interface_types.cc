// Property: a plan of two units that share an interface is written as valid components, for any
// types of the interface, including types that it uses from other interfaces.
//
// The input chooses the number of interfaces, the kind, the part and the place of each type, and
// which types are used.
#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compose/test_interfaces.h"
#include "engine/code.h"
#include "engine/wat.h"
#include "require.h"

namespace {

using tenon::compose::InterfacePair;
using tenon::compose::TestInterface;
using tenon::compose::TestType;
using tenon::compose::TypeKind;

constexpr unsigned kMaxTypes = 5;

// Names of its own types begin with `letter`. used: types of the previous interface, in any order.
TestInterface draw(Choices& choices, char letter, const std::vector<TestType>& before) {
  TestInterface made{fmt::format("t:c/{}", letter), {}, false};
  for (const TestType& type : before) {
    if (choices.below(2) == 0) continue;
    const auto place =
        made.types.begin() + choices.below(static_cast<unsigned>(made.types.size()) + 1);
    made.types.insert(place, {type.name, TypeKind::Use});
  }
  const unsigned count = choices.below(kMaxTypes + 1);
  for (unsigned i = 0; i < count || made.types.empty(); ++i) {
    TestType type{fmt::format("{}{}", letter, i), static_cast<TypeKind>(choices.below(10))};
    if (!made.types.empty() && (choices.below(4) != 0 || type.kind == TypeKind::Alias))
      type.part = made.types[choices.below(static_cast<unsigned>(made.types.size()))].name;
    if (type.kind == TypeKind::Alias && type.part.empty()) type.kind = TypeKind::Enum;
    made.types.push_back(std::move(type));
  }
  return made;
}

tenon::compose::PairEngine make_engine() {
  return {[](std::string_view text) { return tenon::engine::wat_to_wasm("unit.wat", text); },
          [](std::span<const std::uint8_t> component) {
            return tenon::engine::validate_component(component);
          }};
}

void require_valid(const std::string& problem, const InterfacePair& pair) {
  if (problem.empty()) return;
  std::fprintf(stderr, "%s\n%s\n", problem.c_str(), pair.consumer().c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  std::vector<TestInterface> interfaces;
  const unsigned count = 1 + choices.below(4);
  for (unsigned i = 0; i < count; ++i)
    interfaces.push_back(
        draw(choices, static_cast<char>('a' + i),
             interfaces.empty() ? std::vector<TestType>() : interfaces.back().types));
  interfaces.back().has_functions = true;
  const InterfacePair pair(make_engine(), interfaces);
  require_valid(pair.find_native_problem(), pair);
  require_valid(pair.find_stub_problem(), pair);
  // The generator cannot export a resource, because its constructor must be wrapped in a component.
  for (const TestInterface& interface : interfaces)
    for (const TestType& type : interface.types)
      if (type.kind == TypeKind::Resource) return 0;
  require_valid(pair.find_bridged_problem(), pair);
  return 0;
}
