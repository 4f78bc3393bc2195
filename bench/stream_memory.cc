// Passes 1 GiB through a stream<u8> between two domains, in writes of 64 KiB, and prints by how many
// bytes the resident memory of the process grew at most, compared with that after 16 MiB.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"

namespace tenon::bench {
namespace {

constexpr std::uint32_t kWrite = 1 << 16;

// A line of /proc/self/status, such as "VmHWM:", in bytes.
std::uint64_t memory_of(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == name && status >> kib) return kib << 10;
  }
  std::exit(1);
}

void pass(const Composition& pair, std::uint32_t writes) {
  const auto run =
      pair.function<std::uint32_t(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t)>(
          "", "run");
  const CallResult<std::uint32_t> count = (*run)(writes, kWrite, 1, kWrite);
  if (count && *count == writes * kWrite) return;
  std::fprintf(stderr, "%s\n", count ? "bytes were lost" : count.error().message.c_str());
  std::exit(1);
}

int measure() {
  CompositionBuilder builder;
  builder.add_component("reader", TENON_SOURCE_DIR "/bench/guests/stream_reader.wat");
  builder.add_component("writer", TENON_SOURCE_DIR "/bench/guests/stream_writer.wat");
  builder.set_root("reader");
  builder.isolate_all();
  const Result<Composition> pair = builder.build();
  if (!pair) {
    std::fprintf(stderr, "%s\n", pair.error().front().message.c_str());
    return 1;
  }
  pass(*pair, 256);
  std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
  const std::uint64_t before = memory_of("VmRSS:");
  pass(*pair, 1 << 14);
  const std::uint64_t peak = memory_of("VmHWM:");
  std::printf("%lld\n", static_cast<long long>(peak) - static_cast<long long>(before));
  return 0;
}

}  // namespace
}  // namespace tenon::bench

int main() { return tenon::bench::measure(); }
