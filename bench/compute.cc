// Two isolated units that compute at the same time, against one of them alone: with an event loop, and
// without async code. Real time; needs two processors.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pair_of_guests.h"

namespace tenon::bench {
namespace {

constexpr std::uint32_t kRounds = 400'000'000;

// `spin` counts down.
std::string unit(bool is_async) {
  return std::string(R"((component
  (core func $return (canon task.return (result u32)))
  (core module $code
    (import "" "return" (func $return (param i32)))
    (func $spin (export "spin") (param $left i32) (result i32)
      (loop $again
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (i32.const 7))
    (func (export "spin-async") (param i32) (call $return (call $spin (local.get 0)))))
  (core instance $i (instantiate $code (with "" (instance (export "return" (func $return))))))
  )") + (is_async ? R"((func (export "spin") async (param "rounds" u32) (result u32)
    (canon lift (core func $i "spin-async") async))))"
                  : R"((func (export "spin") (param "rounds" u32) (result u32)
    (canon lift (core func $i "spin")))))");
}

void compute(benchmark::State& state, bool is_async) {
  CompositionBuilder builder;
  builder.add_component("left", assemble(unit(is_async)), {.reachable = Reachable::Yes});
  builder.add_component("right", assemble(unit(is_async)), {.reachable = Reachable::Yes});
  builder.isolate_all();
  builder.set_root("left");
  builder.set_threads(2);
  const Result<Composition> built = builder.build();
  if (!built) return state.SkipWithError(built.error().front().message.c_str());
  std::vector<TypedFunction<std::uint32_t(std::uint32_t)>> spins;
  for (const char* const name : {"left", "right"})
    spins.push_back(*built->unit(name)->function<std::uint32_t(std::uint32_t)>("", "spin"));
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto run = [&](std::size_t units) {
    std::vector<Task<CallResult<std::uint32_t>>> tasks;
    for (std::size_t i = 0; i < units; ++i) tasks.push_back(spins[i].start(kRounds));
    for (auto& task : tasks) {
      const std::optional<CallResult<std::uint32_t>> result = task.wait();
      if (!result || !*result || **result != 7) return state.SkipWithError("a call failed");
    }
  };
  // After two calls, both are known as domains that compute.
  for (int i = 0; i < 2; ++i) run(spins.size());
  for (auto _ : state) run(count);
  count_calls(state, 1);
}

BENCHMARK_CAPTURE(compute, with_loop, true)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(compute, without_async_code, false)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace tenon::bench
