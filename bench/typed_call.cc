// The cost of a call from a C++ program into a composition, with C++ types, and with `Value`s.
//
// `allocations` counts those of the program and the library for one call.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace {

std::size_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* freed) noexcept { std::free(freed); }
[[gnu::noinline]] void operator delete(void* freed, std::size_t /*size*/) noexcept {
  std::free(freed);
}

namespace tenon::bench {

struct Point {
  double x = 0;
  double y = 0;
};
TENON_RECORD(Point, x, y)

namespace {

constexpr const char* kShop = R"((component
  (core module $code
    (memory (export "memory") 64)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x20000))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "echo") (param $at i32) (param $count i32) (result i32)
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $count))
      (i32.const 16)))
  (core instance $core (instantiate $code))
  (type $point' (record (field "x" f64) (field "y" f64)))
  (export $point "point" (type $point'))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $core "add")))
  (func (export "bytes") (param "bytes" (list u8)) (result (list u8))
    (canon lift (core func $core "echo") (memory $core "memory")
      (realloc (func $core "realloc"))))
  (func (export "points") (param "points" (list $point)) (result (list $point))
    (canon lift (core func $core "echo") (memory $core "memory")
      (realloc (func $core "realloc"))))
))";

Composition& shop() {
  static Composition made = [] {
    CompositionBuilder builder;
    Result<std::vector<std::uint8_t>> bytes = engine::wat_to_wasm("shop.wat", kShop);
    if (bytes) builder.add_component("shop", *bytes);
    Result<Composition> built = builder.build();
    if (bytes && built) return *std::move(built);
    const Diagnostics& problems = bytes ? built.error() : bytes.error();
    std::fprintf(stderr, "%s\n", problems[0].message.c_str());
    std::exit(1);
  }();
  return made;
}

template <class T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error()[0].message.c_str());
  std::exit(1);
}

// Makes calls in the loop of the benchmark, and counts the allocations of one call.
template <class Call>
void measure(benchmark::State& state, Call&& call) {
  call();
  const std::size_t before = allocations;
  call();
  state.counters["allocations"] = static_cast<double>(allocations - before);
  for (auto _ : state) call();
}

void add_typed(benchmark::State& state) {
  const auto add = need(shop().function<std::uint32_t(std::uint32_t, std::uint32_t)>("", "add"));
  measure(state, [&] { benchmark::DoNotOptimize(*add(2, 3)); });
}
BENCHMARK(add_typed);

void add_values(benchmark::State& state) {
  const Function add = need(shop().find_function("", "add"));
  const std::vector<Value> arguments = {Value::u32(2), Value::u32(3)};
  measure(state, [&] { benchmark::DoNotOptimize(*add.call(arguments)); });
}
BENCHMARK(add_values);

void bytes_typed(benchmark::State& state) {
  using Bytes = std::vector<std::uint8_t>;
  const auto echo = need(shop().function<Bytes(const Bytes&)>("", "bytes"));
  const Bytes bytes(static_cast<std::size_t>(state.range(0)), 7);
  measure(state, [&] { benchmark::DoNotOptimize(*echo(bytes)); });
}
BENCHMARK(bytes_typed)->Arg(16)->Arg(1 << 20);

void bytes_values(benchmark::State& state) {
  const Function echo = need(shop().find_function("", "bytes"));
  const std::vector<Value> arguments = {
      Value::list(std::vector<std::uint8_t>(static_cast<std::size_t>(state.range(0)), 7))};
  measure(state, [&] { benchmark::DoNotOptimize(*echo.call(arguments)); });
}
BENCHMARK(bytes_values)->Arg(16)->Arg(1 << 20);

void points_typed(benchmark::State& state) {
  using Points = std::vector<Point>;
  const auto echo = need(shop().function<Points(const Points&)>("", "points"));
  const Points points(1000, Point{1, 2});
  measure(state, [&] { benchmark::DoNotOptimize(*echo(points)); });
}
BENCHMARK(points_typed);

void points_values(benchmark::State& state) {
  const Function echo = need(shop().find_function("", "points"));
  const Value point = Value::record({{"x", Value::f64(1)}, {"y", Value::f64(2)}});
  const std::vector<Value> arguments = {Value::list(std::vector<Value>(1000, point))};
  measure(state, [&] { benchmark::DoNotOptimize(*echo.call(arguments)); });
}
BENCHMARK(points_values);

}  // namespace
}  // namespace tenon::bench
