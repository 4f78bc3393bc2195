// Plans an application that is spread over many served compositions, one after the other in this process.
//
// A part is a chain of 100 components, which together export one interface. The first of them imports the interfaces of three
// other parts, which are remote units at the prefix that all parts would be served at. Nothing is shared between parts, and
// all plans are kept.
//
// Usage: plan_parts PARTS     prints the seconds that planning a part took, the least of the first 100 and of the last 100
//                             parts, and the bytes by which memory grew
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/chain_unit.h"
#include "bench/resident_memory.h"
#include "engine/wat.h"
#include "support/check.h"
#include "tenon/tenon.h"

namespace tenon::bench {
namespace {

constexpr std::size_t kUnits = 100;
constexpr std::size_t kFew = 100;  // parts at the beginning and at the end
// A part calls those this far behind it.
constexpr std::array<std::size_t, 3> kDistances = {1, 3, 7};

using Clock = std::chrono::steady_clock;

std::string interface_of(std::size_t part) { return fmt::format("scale:parts/p{}@1.0.0", part); }

// Every unit has names and thus bytes of its own, so that nothing can be computed once for several parts.
std::vector<std::vector<std::uint8_t>> make_units(std::size_t part,
                                                  std::span<const std::string> remote) {
  std::vector<std::vector<std::uint8_t>> units;
  std::vector<std::string> imports(remote.begin(), remote.end());
  for (std::size_t k = 0; k < kUnits; ++k) {
    const std::string exported =
        k + 1 == kUnits ? interface_of(part) : fmt::format("scale:part{}/i{}@1.0.0", part, k);
    auto wasm = engine::wat_to_wasm("unit.wat", chain_unit(imports, exported));
    TENON_CHECK(wasm.has_value());
    units.push_back(*std::move(wasm));
    imports = {exported};
  }
  return units;
}

Plan plan_part(std::span<const std::vector<std::uint8_t>> units,
               std::span<const std::string> remote) {
  CompositionBuilder builder;
  for (std::size_t k = 0; k < units.size(); ++k)
    builder.add_component(fmt::format("u{}", k), units[k]);
  for (std::size_t k = 0; k < remote.size(); ++k)
    builder.add_remote(fmt::format("r{}", k), "nats://localhost/scale",
                       {.interfaces = {remote[k]}});
  Result<Plan> plan = builder.plan();
  TENON_CHECK(plan.has_value());
  return *std::move(plan);
}

int run(std::size_t parts) {
  std::vector<Plan> plans;
  std::vector<double> taken;
  const std::size_t before = resident_bytes();
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<std::string> remote;
    for (const std::size_t distance : kDistances)
      remote.push_back(interface_of((part + distance) % parts));
    const auto units = make_units(part, remote);
    const Clock::time_point start = Clock::now();
    plans.push_back(plan_part(units, remote));
    taken.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    const Plan& plan = plans.back();
    TENON_CHECK(plan.units.size() == kUnits + remote.size());
    TENON_CHECK(plan.edges.size() == kUnits - 1 + remote.size());
    TENON_CHECK(plan.exports.size() == 1 && plan.exports[0].name == interface_of(part));
  }
  const std::size_t grown = resident_bytes() - before;
  fmt::print("{} {} {}\n", std::ranges::min(std::span(taken).first(kFew)),
             std::ranges::min(std::span(taken).last(kFew)), grown);
  return 0;
}

}  // namespace
}  // namespace tenon::bench

int main(int argc, char** argv) {
  const int parts = argc == 2 ? std::atoi(argv[1]) : 0;
  if (parts < static_cast<int>(tenon::bench::kFew)) {
    fmt::print(stderr, "usage: plan_parts PARTS     (at least 100)\n");
    return 2;
  }
  return tenon::bench::run(static_cast<std::size_t>(parts));
}
