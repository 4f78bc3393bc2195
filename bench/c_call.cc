// Calls of exports through the C API and by generated C++ (gen/sink.h), compared with typed calls from C++.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "gen/sink.h"
#include "pair_of_guests.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/tenon_c.h"

namespace tenon::bench {
namespace {

constexpr const char* kSink = "bench:lists/sink";

// The service of bench/guests, linked by both.
class Linked final {
 public:
  Linked() {
    const Bytes service = assemble_file("lists_service.wat");
    builder_.add_component("service", service);
    cpp_ = std::make_unique<Composition>(*builder_.build());
    tenon_builder* const builder = tenon_builder_new();
    tenon_builder_add_component_bytes(builder, "service", service.data(), service.size(), nullptr);
    check(tenon_builder_build(builder, &c_));
    tenon_builder_delete(builder);
  }
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;
  ~Linked() { tenon_composition_delete(c_); }

  static void check(tenon_error* error) {
    if (error == nullptr) return;
    std::fprintf(stderr, "%s\n", tenon_error_text(error));
    std::exit(1);
  }
  [[nodiscard]] tenon_function* find(const char* name) {
    tenon_function* found = nullptr;
    check(tenon_composition_function(c_, kSink, name, &found));
    return found;
  }
  [[nodiscard]] const Composition& cpp() const { return *cpp_; }

 private:
  CompositionBuilder builder_;
  std::unique_ptr<Composition> cpp_;
  tenon_composition* c_ = nullptr;
};

void cpp_add(benchmark::State& state) {
  const Linked linked;
  const auto add = linked.cpp().function<std::uint32_t(std::uint32_t, std::uint32_t)>(kSink, "add");
  std::uint32_t sum = 0;
  for (auto _ : state) sum = *(*add)(sum, 3);
  benchmark::DoNotOptimize(sum);
  count_calls(state, 1);
}

void generated_add(benchmark::State& state) {
  const Linked linked;
  const Result<sink::instance> found = sink::instance::find(linked.cpp());
  std::uint32_t sum = 0;
  for (auto _ : state) sum = *found->sink.add(sum, 3);
  benchmark::DoNotOptimize(sum);
  count_calls(state, 1);
}

void c_add_flat(benchmark::State& state) {
  Linked linked;
  tenon_function* const add = linked.find("add");
  std::uint64_t params[] = {0, 3};
  for (auto _ : state) Linked::check(tenon_function_call_flat(add, params, 2, &params[0]));
  count_calls(state, 1);
  tenon_function_delete(add);
}

void c_add(benchmark::State& state) {
  Linked linked;
  tenon_function* const add = linked.find("add");
  tenon_value args[] = {tenon_value_u32(0), tenon_value_u32(3)};
  for (auto _ : state) Linked::check(tenon_function_call(add, args, 2, nullptr, &args[0]));
  count_calls(state, 1);
  tenon_function_delete(add);
}

void cpp_bytes(benchmark::State& state) {
  const Linked linked;
  const auto count =
      linked.cpp().function<std::uint32_t(std::span<const std::uint8_t>)>(kSink, "bytes");
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(*(*count)(bytes));
  count_calls(state, 1);
}

void c_bytes(benchmark::State& state) {
  Linked linked;
  tenon_function* const count = linked.find("bytes");
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)));
  const tenon_value arg = tenon_value_packed(TENON_U8, bytes.data(), bytes.size());
  tenon_value result;
  for (auto _ : state) Linked::check(tenon_function_call(count, &arg, 1, nullptr, &result));
  benchmark::DoNotOptimize(result);
  count_calls(state, 1);
  tenon_function_delete(count);
}

BENCHMARK(cpp_add);
BENCHMARK(generated_add);
BENCHMARK(c_add_flat);
BENCHMARK(c_add);
BENCHMARK(cpp_bytes)->Arg(64)->Arg(1 << 20);
BENCHMARK(c_bytes)->Arg(64)->Arg(1 << 20);

}  // namespace
}  // namespace tenon::bench
