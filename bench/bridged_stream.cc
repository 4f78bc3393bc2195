// The cost of a stream between two domains of a composition (`bridged`), and in the same run between
// the same two components in one store (`one_store`), where the engine copies the items alone. The
// writer writes batches, and the reader reads them to the end of the stream without using them. An
// iteration opens one stream.
//
// items_per_second counts items.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "pair_of_guests.h"

namespace tenon::bench {
namespace {

using Run = std::uint32_t(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t);

struct Stream {
  const char* items;   // their type
  std::uint32_t size;  // bytes of an item
  std::uint32_t writes;
  std::uint32_t batch;  // items of a write
  std::uint32_t most;   // items of a read
};

constexpr std::uint32_t kKiB = 1 << 10;
constexpr std::uint32_t kMiB = 1 << 20;

constexpr Stream kBytes64KiB = {"u8", 1, 2048, 64 * kKiB, 64 * kKiB};
constexpr Stream kBytes1MiB = {"u8", 1, 256, kMiB, kMiB};
constexpr Stream kBytes64 = {"u8", 1, 32 * kKiB, 64, 64 * kKiB};
constexpr Stream kSingles = {"u32", 4, 50'000, 1, 1024};
// A reader with room for one write: inside one store, each of them then waits for the other.
constexpr Stream kBytes64By64 = {"u8", 1, 32 * kKiB, 64, 64};
constexpr Stream kRecordsByOne = {"(tuple u32 u64 f64)", 24, 50'000, 1, 1};
constexpr Stream kRecords = {"(tuple u32 u64 f64)", 24, 200, 1000, 1000};
constexpr Stream kStrings = {"string", 8, 50, 1000, 1000};

void measure(benchmark::State& state, const Stream& stream, Isolated isolated) {
  const Result<Composition> pair =
      build_pair(assemble_file("stream_reader.wat", "u8", stream.items),
                 assemble_file("stream_writer.wat", "u8", stream.items), isolated);
  if (!pair) return state.SkipWithError(pair.error().front().message.c_str());
  const auto run = pair->function<Run>("", "run");
  for (auto _ : state) {
    const CallResult<std::uint32_t> count =
        (*run)(stream.writes, stream.batch, stream.size, stream.most);
    if (!count) return state.SkipWithError(count.error().message.c_str());
    if (*count != stream.writes * stream.batch) return state.SkipWithError("items were lost");
  }
  count_calls(state, stream.writes * stream.batch);
}

void bridged(benchmark::State& state, const Stream& stream) {
  measure(state, stream, Isolated::Yes);
}
void one_store(benchmark::State& state, const Stream& stream) {
  measure(state, stream, Isolated::No);
}

BENCHMARK_CAPTURE(bridged, bytes_64KiB, kBytes64KiB);
BENCHMARK_CAPTURE(one_store, bytes_64KiB, kBytes64KiB);
BENCHMARK_CAPTURE(bridged, bytes_1MiB, kBytes1MiB);
BENCHMARK_CAPTURE(one_store, bytes_1MiB, kBytes1MiB);
BENCHMARK_CAPTURE(bridged, bytes_64, kBytes64);
BENCHMARK_CAPTURE(one_store, bytes_64, kBytes64);
BENCHMARK_CAPTURE(bridged, bytes_64_by_64, kBytes64By64);
BENCHMARK_CAPTURE(one_store, bytes_64_by_64, kBytes64By64);
BENCHMARK_CAPTURE(bridged, records_by_one, kRecordsByOne);
BENCHMARK_CAPTURE(one_store, records_by_one, kRecordsByOne);
BENCHMARK_CAPTURE(bridged, singles, kSingles);
BENCHMARK_CAPTURE(one_store, singles, kSingles);
BENCHMARK_CAPTURE(bridged, records, kRecords);
BENCHMARK_CAPTURE(one_store, records, kRecords);
BENCHMARK_CAPTURE(bridged, strings, kStrings);
BENCHMARK_CAPTURE(one_store, strings, kStrings);

}  // namespace
}  // namespace tenon::bench
