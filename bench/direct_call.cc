// The cost of calls between units of one domain, with the loop in a guest: how tenon joins them, embedded
// and by reference. engine/examples/direct_peer.rs makes the same calls on the engine's defaults.
//
// items_per_second counts calls.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "pair_of_guests.h"
#include "tenon/builder.h"
#include "tenon/composition.h"

namespace tenon::bench {
namespace {

enum class Domains { One, OneForEach };

// Makes so many calls at once that entering the guest costs nothing beside them.
void run_built(benchmark::State& state, CompositionBuilder builder, LinkForm form,
               const std::string& function) {
  BuildOptions options;
  options.link_form = form;
  const Result<Composition> made = builder.build(options);
  const auto size = static_cast<std::uint32_t>(state.range(0));
  run_bridged(state, made, ("run-" + function).c_str(),
              size == 0 ? 100'000 : std::max(1U, (1U << 22) / (64 + size)));
}

void lists(benchmark::State& state, LinkForm form, const std::string& function) {
  CompositionBuilder builder;
  const std::string folder = TENON_SOURCE_DIR "/bench/guests/";
  builder.add_component("caller", folder + "lists_caller.wat");
  builder.add_component("service", folder + "lists_service.wat");
  builder.set_root("caller");
  run_built(state, std::move(builder), form, function);
}

// A page of 1 MiB through four middlewares to the site of the press.
void page(benchmark::State& state, Domains domains) {
  CompositionBuilder builder;
  const Result<void> read = builder.read_manifest(TENON_SOURCE_DIR "/bench/page_chain/tenon.toml");
  if (!read) return state.SkipWithError(read.error().front().message.c_str());
  builder.trust();
  if (domains == Domains::OneForEach) builder.isolate_all();
  run_built(state, std::move(builder), LinkForm::Embedded, "put");
}

// A list in the memory of a guest is copied to that of another.
void memory_copy(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::vector<char> from(size);
  std::vector<char> to(size);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), size);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  count_calls(state, 1);
}

BENCHMARK(memory_copy)->Name("memcpy")->Arg(16'000)->Arg(1 << 20);
BENCHMARK_CAPTURE(page, direct, Domains::One)->Name("direct/put")->Arg(1 << 20);
BENCHMARK_CAPTURE(page, isolated, Domains::OneForEach)->Name("isolated/put")->Arg(1 << 20);

// `direct/NAME/SIZE` and `by_reference/NAME/SIZE`.
const bool kAreRegistered = [] {
  const std::pair<std::string, std::vector<std::int64_t>> functions[] = {
      {"add", {0}},      {"bytes", {64, 1 << 10, 1 << 16, 1 << 20}},
      {"words", {1000}}, {"flags", {1000}},
      {"texts", {1000}}, {"samples", {1000}},
      {"text", {64}}};
  for (const auto& [name, sizes] : functions)
    for (const std::int64_t size : sizes) {
      const auto add = [&](const std::string& prefix, LinkForm form) {
        benchmark::RegisterBenchmark((prefix + name).c_str(), lists, form, name)->Arg(size);
      };
      add("direct/", LinkForm::Embedded);
      add("by_reference/", LinkForm::Reference);
    }
  return true;
}();

}  // namespace
}  // namespace tenon::bench
