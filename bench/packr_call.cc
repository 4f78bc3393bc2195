// A call from a C++ program that crosses two packr packages: `process(5)` of the guest `adder`,
// which asks `doubler`. bench/packr_peer makes the same call with packr's own host.
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <array>
#include <optional>
#include <string>

#include "tenon/composition.h"

namespace tenon::bench {
namespace {

std::string guest(const char* name) {
  return std::string(TENON_SOURCE_DIR "/tests/guests/packr/wasm/0.5.4/") + name + ".wasm";
}

Result<Composition> build_pair() {
  CompositionBuilder builder;
  builder.add_package("doubler", guest("doubler")).add_package("adder", guest("adder"));
  builder.wire({.consumer = "adder",
                .import = "math.double",
                .provider = "doubler",
                .export_name = "double"});
  return builder.build();
}

// call: of `process` with 5, in any way.
template <class Call>
void run(benchmark::State& state, const Call& call) {
  for (auto _ : state) {
    const CallResult<std::optional<Value>> eleven = call();
    if (!eleven || *eleven != Value::s64(11)) {
      state.SkipWithError(eleven ? "not 11" : eleven.error().message.c_str());
      return;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void process(benchmark::State& state) {
  const Result<Composition> made = build_pair();
  if (!made) {
    state.SkipWithError(made.error().front().message.c_str());
    return;
  }
  const Result<Unit> adder = made->unit("adder");
  run(state, [&] { return adder->call("process", Value::s64(5)); });
}
BENCHMARK(process);

// The function is found once.
void process_found(benchmark::State& state) {
  const Result<Composition> made = build_pair();
  if (!made) {
    state.SkipWithError(made.error().front().message.c_str());
    return;
  }
  const Result<Function> found = made->unit("adder")->find_function("", "process");
  const std::array<Value, 1> five = {Value::s64(5)};
  run(state, [&] { return found->call(five); });
}
BENCHMARK(process_found);

}  // namespace
}  // namespace tenon::bench
