// The cost of a guest's call of native code: through a table, as plain C, and in a process of its own. The peer
// is a function of the program. The loop is inside the guest.
//
// items_per_second counts calls; `answer` is the guest's checksum of the results.
#include <cstdint>
#include <string>
#include <vector>

#include "pair_of_guests.h"
#include "tenon/builder.h"
#include "tenon/host.h"

namespace tenon::bench {
namespace {

using Run = std::uint32_t(std::uint32_t, std::uint32_t);

constexpr std::uint32_t kCalls = 10'000;
constexpr const char* kOps = "bench:native/ops";

CompositionBuilder guest() {
  CompositionBuilder builder;
  builder.add_component("guest", TENON_SOURCE_DIR "/bench/guests/bundle.wat");
  builder.set_root("guest");
  return builder;
}

CompositionBuilder guest_of_bundle(const char* name) {
  CompositionBuilder builder = guest();
  builder.add_host_bundle("native", std::string(TENON_BINARY_DIR "/bench/bundles/") + name);
  return builder;
}

Result<Composition> with_bundle(const char* name) { return guest_of_bundle(name).build(); }

Result<Composition> with_process(const HostProcess& process = {}) {
  CompositionBuilder builder = guest_of_bundle("table");
  builder.run_in_process("native", process);
  return builder.build();
}

Result<Composition> with_program() {
  CompositionBuilder builder = guest();
  builder.add_host_function(kOps, "add", [](std::uint32_t a, std::uint32_t b) { return a + b; });
  builder.add_host_function(kOps, "count", [](const std::vector<std::uint8_t>& data) {
    return static_cast<std::uint32_t>(data.size());
  });
  return builder.build();
}

void run(benchmark::State& state, const Result<Composition>& made, const char* function,
         std::uint32_t calls = kCalls) {
  if (!made) {
    state.SkipWithError(made.error().front().message.c_str());
    return;
  }
  const auto loop = made->function<Run>("", function);
  if (!loop) {
    state.SkipWithError(loop.error().front().message.c_str());
    return;
  }
  for (auto _ : state) {
    const auto called = (*loop)(calls, static_cast<std::uint32_t>(state.range(0)));
    if (!called) {
      state.SkipWithError(called.error().message.c_str());
      return;
    }
    state.counters["answer"] = *called;
  }
  count_calls(state, calls);
}

void bundle_table_add(benchmark::State& state) { run(state, with_bundle("table"), "run-add"); }
BENCHMARK(bundle_table_add)->Arg(0);

void bundle_plain_add(benchmark::State& state) { run(state, with_bundle("plain"), "run-add"); }
BENCHMARK(bundle_plain_add)->Arg(0);

void bundle_program_add(benchmark::State& state) { run(state, with_program(), "run-add"); }
BENCHMARK(bundle_program_add)->Arg(0);

void bundle_table_count(benchmark::State& state) { run(state, with_bundle("table"), "run-count"); }
BENCHMARK(bundle_table_count)->Arg(0)->Arg(1 << 20);

// The time in which a caller waits, because the work is done by two processes.
void bundle_process_add(benchmark::State& state) { run(state, with_process(), "run-add"); }
BENCHMARK(bundle_process_add)->Arg(0)->UseRealTime();

void bundle_filtered_add(benchmark::State& state) {
  run(state, with_process({.files = false, .network = false}), "run-add");
}
BENCHMARK(bundle_filtered_add)->Arg(0)->UseRealTime();

void bundle_process_count(benchmark::State& state) { run(state, with_process(), "run-count", 100); }
BENCHMARK(bundle_process_count)->Arg(1 << 20)->UseRealTime();

// From the start of a composition until its first call has returned, and its end.
void start(benchmark::State& state, Result<Composition> (*build)()) {
  for (auto _ : state) {
    const Result<Composition> made = build();
    const auto loop =
        made ? made->function<Run>("", "run-add") : Result<TypedFunction<Run>>(made.error());
    if (!loop || !(*loop)(1, 0)) {
      state.SkipWithError("the call failed");
      return;
    }
  }
  count_calls(state, 1);
}

void bundle_table_start(benchmark::State& state) {
  start(state, [] { return with_bundle("table"); });
}
BENCHMARK(bundle_table_start)->UseRealTime()->Unit(benchmark::kMillisecond);

void bundle_process_start(benchmark::State& state) {
  start(state, [] { return with_process(); });
}
BENCHMARK(bundle_process_start)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tenon::bench
