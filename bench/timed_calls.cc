// Starts calls that each wait for a timer of the program, and prints the bytes of memory that each of
// them takes while all are in flight, and the time from the first start to the last result in
// nanoseconds: `memory 1234` and `time 1e9`. engine/examples/async_peer.rs does the same in Rust.
//
// Usage: timed_calls COUNT
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include "resident_memory.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tenon/function.h"
#include "tenon/host.h"

namespace tenon::bench {
namespace {

using Clock = std::chrono::steady_clock;

// The timers of the calls are spread over this time.
constexpr std::uint32_t kLongest = 1000;  // ms

class Timers final {
 public:
  // Suspends a coroutine.
  struct Sleep {
    Timers& timers;
    std::chrono::milliseconds time;

    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const {
      timers.waiting_.push({Clock::now() + time, waiter});
    }
    void await_resume() const {}
  };

  // Resumes what is due, after it has waited for something to be.
  void run() {
    if (waiting_.empty()) return;
    std::this_thread::sleep_until(waiting_.top().due);
    const Clock::time_point now = Clock::now();
    while (!waiting_.empty() && waiting_.top().due <= now) {
      const std::coroutine_handle<> waiter = waiting_.top().waiter;
      waiting_.pop();
      waiter.resume();
    }
  }

 private:
  struct Waiting {
    Clock::time_point due;
    std::coroutine_handle<> waiter;

    bool operator<(const Waiting& other) const { return due > other.due; }  // the first is the top
  };

  std::priority_queue<Waiting> waiting_;
};

template <class T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().front().message.c_str());
  std::exit(1);
}

void measure(std::uint32_t count) {
  Timers timers;
  CompositionBuilder builder;
  builder.add_component("sleeper", TENON_SOURCE_DIR "/bench/guests/sleeper.wat");
  builder.add_host_function("", "sleep", [&timers](std::uint32_t ms) -> Task<void> {
    co_await Timers::Sleep{timers, std::chrono::milliseconds(ms)};
  });
  Composition sleeper = need(builder.build());
  const auto nap = need(sleeper.function<std::uint32_t(std::uint32_t)>("", "nap"));
  std::uint32_t ended = 0;
  const auto start = [&](std::uint32_t ms) {
    nap.start_then(
        [&ended](const CallResult<std::uint32_t>& result) {
          if (!result) std::exit(1);
          ++ended;
        },
        ms);
  };
  const auto wait_for = [&](std::uint32_t ends) {
    while (true) {
      sleeper.poll();
      if (ended == ends) return;
      timers.run();
    }
  };
  // The first call makes what all of them share.
  start(1);
  wait_for(1);
  const std::size_t before = resident_bytes();
  const Clock::time_point begin = Clock::now();
  for (std::uint32_t i = 0; i < count; ++i) start(kLongest / 2 + i % (kLongest / 2) + 1);
  sleeper.poll();
  const std::size_t all = resident_bytes();
  wait_for(count + 1);
  const std::chrono::duration<double, std::nano> time = Clock::now() - begin;
  std::printf("memory %zu\ntime %.0f\n", all > before ? (all - before) / count : 0, time.count());
}

}  // namespace
}  // namespace tenon::bench

int main(int argc, char** argv) {
  const unsigned long count = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (count == 0) return 2;
  tenon::bench::measure(static_cast<std::uint32_t>(count));
}
