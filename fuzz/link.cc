// Property: a successful plan can be composed, is valid for the engine, and can be started.
//
// The input chooses which of four interfaces each unit imports and exports, which types these
// share, the wires, which imports are open or stubs, and which units have a domain of their own.
#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/wat.h"
#include "require.h"
#include "tenon/builder.h"
#include "unit_text.h"

namespace {

using namespace tenon;

std::string unit_name(unsigned unit) { return fmt::format("u{}", unit); }

// Sets of interfaces, as bits.
struct Sides {
  unsigned imports = 0;
  unsigned exports = 0;
};

// Wires an import to an earlier unit, so that no plan has a cycle. If no earlier unit exports it,
// the import is left open or becomes a stub.
Wire make_wire(Choices& choices, const std::vector<Sides>& units, unsigned unit,
               unsigned interface) {
  Wire wire{.consumer = unit_name(unit), .import = interface_name(interface)};
  wire.target = choices.below(2) == 0 ? Wire::Target::Trap : Wire::Target::Open;
  std::vector<unsigned> providers;
  for (unsigned before = 0; before < unit; ++before)
    if ((units[before].exports >> interface & 1) != 0) providers.push_back(before);
  if (!providers.empty() && choices.below(8) != 0) {
    wire.provider = unit_name(providers[choices.below(providers.size())]);
    wire.target = Wire::Target::Provider;
  }
  return wire;
}

template <class T>
void demand(const char* what, const Result<T>& result) {
  if (result) return;
  for (const Diagnostic& problem : result.error())
    fmt::print(stderr, "{}: {}: {}\n", what, problem.code, problem.message);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  Shapes shapes(kInterfaces);
  for (Shape& shape : shapes) shape = {choices.below(2) == 0, choices.below(2) == 0};
  CompositionBuilder builder;
  builder.allow_unresolved();
  std::vector<Sides> units(1 + choices.below(5));
  bool is_isolated = false;
  for (unsigned unit = 0; unit < units.size(); ++unit) {
    UnitText text(shapes);
    Sides& sides = units[unit];
    sides.exports = choices.below(1U << kInterfaces);
    sides.imports = text.add_used(choices.below(1U << kInterfaces), sides.exports);
    const auto bytes = *engine::wat_to_wasm("unit.wat", text.text(sides.imports, sides.exports));
    builder.add_component(unit_name(unit), bytes);
    for (unsigned i = 0; i < kInterfaces; ++i)
      if ((sides.imports >> i & 1) != 0) builder.wire(make_wire(choices, units, unit, i));
    if (choices.below(2) == 0) continue;
    builder.isolate(unit_name(unit));
    is_isolated = true;
  }
  builder.set_root(unit_name(static_cast<unsigned>(units.size()) - 1));
  if (choices.below(4) == 1) builder.export_all();
  if (const Result<Plan> plan = builder.plan(); !plan) {
    require(!plan.error().empty());
    return 0;
  }
  // Only plans with one domain can be composed.
  if (!is_isolated) demand("compose", builder.compose());
  demand("build", builder.build());
  return 0;
}
