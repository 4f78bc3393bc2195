// The cost of copying values from guest to guest, compared with a `memcpy` of the same bytes. No
// engine is involved: there are two memories, and a realloc that only advances a pointer.
//
// "ratio" is the time of a copy divided by the time of the `memcpy`, both measured in this process.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "support/check.h"

namespace tenon::bench {
namespace {

using abi::FlatValue;
using abi::From;
using abi::To;
using types::Primitive;

constexpr std::uint32_t kMemory = 8 << 20;
constexpr std::uint32_t kHeap = 64;

// A guest whose realloc never frees memory.
class BumpGuest final : public abi::Guest {
 public:
  std::span<std::uint8_t> memory() override { return bytes_; }
  [[nodiscard]] abi::Encoding encoding() const override { return abi::Encoding::Utf8; }
  Result<std::uint32_t, abi::AbiError> reallocate(std::uint32_t /*old*/, std::uint32_t /*old_size*/,
                                                  std::uint32_t align,
                                                  std::uint32_t size) override {
    next_ = ((next_ + align - 1) & ~(align - 1)) + size;
    TENON_CHECK(next_ <= kMemory);
    return next_ - size;
  }
  Result<abi::ResourceToken, abi::AbiError> lift_handle(abi::HandlePart /*part*/,
                                                        std::uint32_t handle) override {
    return abi::ResourceToken{handle};
  }
  Result<void, abi::AbiError> lower_handle(abi::HandlePart /*part*/,
                                           abi::ResourceToken /*resource*/,
                                           abi::HandlePlace /*place*/) override {
    return {};
  }

  void free_all() { next_ = kHeap; }
  template <class T>
  void put(std::uint32_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
  }

 private:
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kMemory);
  std::uint32_t next_ = kHeap;
};

// A copy program for one parameter, and its values in a guest.
struct Case {
  abi::CopyProgram program;
  BumpGuest from;
  std::vector<FlatValue> values;
  std::uint32_t bytes;  // total size of strings and lists
};

abi::CopyProgram make_program(types::Types& types, std::vector<types::TypeId> params) {
  types::Function function;
  for (const types::TypeId param : params) function.params.push_back({"p", param});
  Result<abi::FunctionLayout> layout = abi::lay_out_function(types, function);
  TENON_CHECK(layout.has_value());
  return abi::CopyProgram::make(*std::move(layout));
}

types::TypeId list_of(types::Types& types, std::vector<types::TypeId> parts) {
  const types::TypeId element =
      parts.size() == 1 ? parts[0] : types.types.add({types::Tuple{std::move(parts)}});
  return types.types.add({types::List{element, {}}});
}

// The minimum of several runs, which has the least noise from other work of the machine.
template <class Work>
double best_seconds(Work&& work) {
  double best = std::numeric_limits<double>::max();
  for (int run = 0; run < 200; ++run) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

void run(benchmark::State& state, Case& one) {
  BumpGuest to;
  std::vector<FlatValue> flat(one.values.size());
  const auto copy = [&] {
    to.free_all();
    TENON_CHECK(
        one.program.copy_params(From::flat(one.from, one.values), To::flat(to, flat)).has_value());
    benchmark::DoNotOptimize(flat.data());
    benchmark::ClobberMemory();
  };
  for (auto _ : state) copy();
  if (one.bytes == 0) return;
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * one.bytes);
  const double floor = best_seconds([&] {
    std::memcpy(to.memory().data() + kHeap, one.from.memory().data() + kHeap, one.bytes);
    benchmark::ClobberMemory();
  });
  state.counters["ratio"] = best_seconds(copy) / floor;
}

void scalars(benchmark::State& state) {
  types::Types types;
  const types::TypeId u32 = types.primitive(Primitive::U32);
  Case one{.program = make_program(types, {u32, u32}), .from = {}, .values = {1, 2}, .bytes = 0};
  run(state, one);
}

void list_of_bytes(benchmark::State& state) {
  types::Types types;
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const types::TypeId list = list_of(types, {types.primitive(Primitive::U8)});
  Case one{
      .program = make_program(types, {list}), .from = {}, .values = {kHeap, size}, .bytes = size};
  run(state, one);
}

void text(benchmark::State& state) {
  types::Types types;
  const auto size = static_cast<std::uint32_t>(state.range(0));
  Case one{.program = make_program(types, {types.primitive(Primitive::String)}),
           .from = {},
           .values = {kHeap, size},
           .bytes = size};
  std::memset(one.from.memory().data() + kHeap, 'x', size);
  run(state, one);
}

constexpr std::uint32_t kRecords = 1000;
constexpr std::uint32_t kRecordBytes = 24;

// record { u32, u64, f64 }
void flat_records(benchmark::State& state) {
  types::Types types;
  const types::TypeId list =
      list_of(types, {types.primitive(Primitive::U32), types.primitive(Primitive::U64),
                      types.primitive(Primitive::F64)});
  Case one{.program = make_program(types, {list}),
           .from = {},
           .values = {kHeap, kRecords},
           .bytes = kRecords * kRecordBytes};
  run(state, one);
}

// record { u32, string of eight bytes, f64 }
void records_with_strings(benchmark::State& state) {
  types::Types types;
  const types::TypeId list =
      list_of(types, {types.primitive(Primitive::U32), types.primitive(Primitive::String),
                      types.primitive(Primitive::F64)});
  Case one{.program = make_program(types, {list}),
           .from = {},
           .values = {kHeap, kRecords},
           .bytes = kRecords * (kRecordBytes + 8)};
  const std::uint32_t strings = kHeap + kRecords * kRecordBytes;
  for (std::uint32_t i = 0; i < kRecords; ++i) {
    const std::uint32_t at = kHeap + i * kRecordBytes;
    one.from.put(at + 4, strings + 8 * i);
    one.from.put(at + 8, std::uint32_t{8});
    std::memcpy(one.from.memory().data() + strings + std::size_t{8} * i, "a string", 8);
  }
  run(state, one);
}

BENCHMARK(scalars);
BENCHMARK(list_of_bytes)->Arg(64)->Arg(4096)->Arg(1 << 20);
BENCHMARK(text)->Arg(64)->Arg(1 << 20);
BENCHMARK(flat_records);
BENCHMARK(records_with_strings);

}  // namespace
}  // namespace tenon::bench
