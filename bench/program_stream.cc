// The cost of a stream between the C++ program and a guest: written (`to_guest`) and read
// (`from_guest`) in batches of C++ values, read as dynamic values (`values_from_guest`), and compared in
// the same run with a copy of the same batches by memcpy. An iteration opens one stream.
//
// items_per_second counts items, bytes_per_second their bytes.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "pair_of_guests.h"
#include "tenon/host.h"
#include "tenon/stream.h"

namespace tenon::bench {
namespace {

constexpr std::uint32_t kBytes = 1 << 26;

struct Batch {
  const char* items;    // their type
  std::uint32_t count;  // items of a batch
};
constexpr Batch kBytes64KiB = {"u8", 1 << 16};
constexpr Batch kBytes64 = {"u8", 64};
constexpr Batch kNumbers16KiB = {"u32", 1 << 14};

template <class T>
void set_counts(benchmark::State& state, std::size_t items) {
  const auto total = state.iterations() * static_cast<std::int64_t>(items);
  state.SetItemsProcessed(total);
  state.SetBytesProcessed(total * static_cast<std::int64_t>(sizeof(T)));
}

// Batches of `kBytes` together, but not more than 100,000.
template <class T>
std::uint32_t batches_of(const Batch& batch) {
  return std::min(kBytes / (batch.count * static_cast<std::uint32_t>(sizeof(T))), 100'000U);
}

template <class T>
Task<void> write_batches(StreamWriter<T> writer, std::uint32_t batches, std::uint32_t count) {
  const std::vector<T> items(count, T{1});
  for (std::uint32_t i = 0; i < batches; ++i) {
    const CallResult<bool> written = co_await writer.write(items);
    if (!written || !*written) co_return;
  }
}

template <class T>
void to_guest(benchmark::State& state, const Batch& batch) {
  CompositionBuilder builder;
  builder.add_component("reader", assemble_file("stream_reader.wat", "u8", batch.items));
  builder.add_host_function("", "produce",
                            [](std::uint32_t batches, std::uint32_t count, std::uint32_t) {
                              auto [writer, items] = make_stream<T>();
                              write_batches(std::move(writer), batches, count).then([] {});
                              return std::move(items);
                            });
  const Result<Composition> reader = builder.build();
  if (!reader) return state.SkipWithError(reader.error().front().message.c_str());
  const auto run =
      reader->function<std::uint32_t(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t)>(
          "", "run");
  const std::uint32_t batches = batches_of<T>(batch);
  for (auto _ : state) {
    const CallResult<std::uint32_t> count =
        (*run)(batches, batch.count, sizeof(T), std::max(batch.count, 1U << 10));
    if (!count) return state.SkipWithError(count.error().message.c_str());
    if (*count != batches * batch.count) return state.SkipWithError("items were lost");
  }
  set_counts<T>(state, std::size_t{batches} * batch.count);
}

Result<Composition> build_writer(const Batch& batch) {
  CompositionBuilder builder;
  builder.add_component("writer", assemble_file("stream_writer.wat", "u8", batch.items));
  return builder.build();
}

template <class T>
void from_guest(benchmark::State& state, const Batch& batch) {
  const Result<Composition> writer = build_writer(batch);
  if (!writer) return state.SkipWithError(writer.error().front().message.c_str());
  const auto produce =
      writer->function<Stream<T>(std::uint32_t, std::uint32_t, std::uint32_t)>("", "produce");
  if (!produce) return state.SkipWithError(produce.error().front().message.c_str());
  const std::uint32_t batches = batches_of<T>(batch);
  std::vector<T> items(std::max(batch.count, 1U << 10));
  for (auto _ : state) {
    CallResult<Stream<T>> stream = (*produce)(batches, batch.count, sizeof(T));
    if (!stream) return state.SkipWithError(stream.error().message.c_str());
    std::size_t total = 0;
    while (true) {
      const auto count = stream->read(items).wait();
      if (!count || !*count) return state.SkipWithError("the stream broke");
      if (**count == 0) break;
      total += **count;
    }
    if (total != std::size_t{batches} * batch.count) return state.SkipWithError("items were lost");
  }
  set_counts<T>(state, std::size_t{batches} * batch.count);
}

template <class T>
void values_from_guest(benchmark::State& state, const Batch& batch) {
  const Result<Composition> writer = build_writer(batch);
  if (!writer) return state.SkipWithError(writer.error().front().message.c_str());
  const std::uint32_t batches = 16;
  const std::vector<Value> arguments = {Value::u32(batches), Value::u32(batch.count),
                                        Value::u32(sizeof(T))};
  for (auto _ : state) {
    const CallResult<std::optional<Value>> result = writer->call("", "produce", arguments);
    if (!result) return state.SkipWithError(result.error().message.c_str());
    Result<ValueStream> stream = ValueStream::open(**result);
    std::size_t total = 0;
    while (true) {
      const auto items = stream->read(batch.count).wait();
      if (!items || !*items) return state.SkipWithError("the stream broke");
      if ((*items)->empty()) break;
      total += (*items)->size();
    }
    if (total != std::size_t{batches} * batch.count) return state.SkipWithError("items were lost");
  }
  set_counts<T>(state, std::size_t{batches} * batch.count);
}

template <class T>
void copies(benchmark::State& state, const Batch& batch) {
  const std::vector<T> from(batch.count, T{1});
  std::vector<T> to(batch.count);
  const std::uint32_t batches = batches_of<T>(batch);
  for (auto _ : state)
    for (std::uint32_t i = 0; i < batches; ++i) {
      std::memcpy(to.data(), from.data(), from.size() * sizeof(T));
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
  set_counts<T>(state, std::size_t{batches} * batch.count);
}

void to_guest_bytes(benchmark::State& state, const Batch& batch) {
  to_guest<std::uint8_t>(state, batch);
}
void from_guest_bytes(benchmark::State& state, const Batch& batch) {
  from_guest<std::uint8_t>(state, batch);
}
void copies_bytes(benchmark::State& state, const Batch& batch) {
  copies<std::uint8_t>(state, batch);
}
void to_guest_numbers(benchmark::State& state, const Batch& batch) {
  to_guest<std::uint32_t>(state, batch);
}
void from_guest_numbers(benchmark::State& state, const Batch& batch) {
  from_guest<std::uint32_t>(state, batch);
}
void values_from_guest_numbers(benchmark::State& state, const Batch& batch) {
  values_from_guest<std::uint32_t>(state, batch);
}

BENCHMARK_CAPTURE(to_guest_bytes, 64KiB, kBytes64KiB);
BENCHMARK_CAPTURE(from_guest_bytes, 64KiB, kBytes64KiB);
BENCHMARK_CAPTURE(copies_bytes, 64KiB, kBytes64KiB);
BENCHMARK_CAPTURE(to_guest_bytes, 64, kBytes64);
BENCHMARK_CAPTURE(from_guest_bytes, 64, kBytes64);
BENCHMARK_CAPTURE(to_guest_numbers, 64KiB, kNumbers16KiB);
BENCHMARK_CAPTURE(from_guest_numbers, 64KiB, kNumbers16KiB);
BENCHMARK_CAPTURE(values_from_guest_numbers, 64KiB, kNumbers16KiB);

}  // namespace
}  // namespace tenon::bench
