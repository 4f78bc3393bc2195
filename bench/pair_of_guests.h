// Two components, one of which calls the other in a loop: its functions
// `func(n: u32, size: u32) -> u32` make `n` calls. The components run as two domains of a
// composition, and connected through the engine's own values.
//
// items_per_second counts calls; `answer` is the caller's checksum of the results.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tree_peer.h"

namespace tenon::bench {

using Bytes = std::vector<std::uint8_t>;

inline Bytes assemble(const std::string& text) {
  Result<Bytes> wasm = engine::wat_to_wasm("bench.wat", text);
  if (wasm) return *std::move(wasm);
  std::fprintf(stderr, "%s\n", wasm.error().front().message.c_str());
  std::exit(1);
}

inline void count_calls(benchmark::State& state, std::uint32_t calls) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * calls);
}

// Whether the two components are two domains, or share one store.
enum class Isolated { No, Yes };

inline Result<Composition> build_pair(const Bytes& caller, const Bytes& callee, Isolated isolated) {
  CompositionBuilder builder;
  builder.add_component("caller", caller);
  builder.add_component("callee", callee);
  builder.set_root("caller");
  if (isolated == Isolated::Yes) builder.isolate_all();
  return builder.build();
}

inline Result<Composition> isolate_pair(const Bytes& caller, const Bytes& callee) {
  return build_pair(caller, callee, Isolated::Yes);
}

// A guest of bench/guests, with a word replaced.
inline Bytes assemble_file(const std::string& name, const std::string& word = "",
                           const std::string& replacement = "") {
  std::ifstream file(TENON_SOURCE_DIR "/bench/guests/" + name);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::size_t at = word.empty() ? std::string::npos : text.find(word);
  if (at != std::string::npos) text.replace(at, word.size(), replacement);
  return assemble(text);
}

inline void run_bridged(benchmark::State& state, const Result<Composition>& made,
                        const char* function, std::uint32_t calls) {
  if (!made) {
    state.SkipWithError(made.error().front().message.c_str());
    return;
  }
  const auto run = made->function<std::uint32_t(std::uint32_t, std::uint32_t)>("", function);
  for (auto _ : state) {
    const auto called = (*run)(calls, static_cast<std::uint32_t>(state.range(0)));
    if (!called) {
      state.SkipWithError(called.error().message.c_str());
      return;
    }
    state.counters["answer"] = *called;
  }
  count_calls(state, calls);
}

inline void run_bridged(benchmark::State& state, const Bytes& caller, const Bytes& callee,
                        const char* function, std::uint32_t calls) {
  run_bridged(state, isolate_pair(caller, callee), function, calls);
}

inline void run_tree(benchmark::State& state, TreePeer& caller, const char* function,
                     std::uint32_t calls) {
  const wasmtime_component_func_t run = caller.find(function);
  for (auto _ : state)
    state.counters["answer"] = caller.call(run, calls, static_cast<std::uint32_t>(state.range(0)));
  count_calls(state, calls);
}

}  // namespace tenon::bench
