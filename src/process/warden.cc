// The thread sleeps until the deadline of the call that it saw last. A later call usually has a later
// deadline, so most calls with a deadline wake nobody: they store a number.
#include "process/warden.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "support/start_thread.h"

namespace tenon::process {

namespace {

using Clock = std::chrono::steady_clock;

// From the deadline of a call until the process ends, in which native code can notice the deadline.
constexpr std::chrono::seconds kGrace{1};
// From the end of the parent until the process ends, in which native code can return.
constexpr std::chrono::seconds kEndGrace{3};
// Between looks at the descriptors. The system reports no close of a descriptor to others.
constexpr std::chrono::milliseconds kLookPause{1000};

std::int64_t nanoseconds(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

[[noreturn]] void end_without_descriptors(int control) {
  send_last_words(control, "was ended: its library closed descriptors that it did not open");
  ::_exit(1);
}

}  // namespace

void send_last_words(int control, std::string_view words) {
  (void)::send(control, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Warden::Warden(int control) : control_(control) {
  std::array<int, 2> pipe = {-1, -1};
  (void)::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK);
  woken_ = Descriptor(pipe[0]);
  wake_ = Descriptor(pipe[1]);
}

Warden::~Warden() {
  is_stopped_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

Result<void> Warden::start() {
  if (!wake_.is_open())
    return make_diagnostic(Code::RunEngine, "no descriptor is left for a pipe of the process");
  auto started = start_thread([this] { run(); });
  if (!started) return thread_problem("deadlines", started.error());
  thread_ = *std::move(started);
  return {};
}

void Warden::wake() const {
  const char one = 1;
  (void)!::write(wake_.number(), &one, sizeof(one));
}

void Warden::enter(const std::string& function, const std::optional<Clock::time_point>& deadline) {
  if (!deadline) return;
  function_.store(&function, std::memory_order_relaxed);
  const std::int64_t at = nanoseconds(*deadline + kGrace);
  deadline_.store(at);
  if (at < wakes_at_.load()) wake();
}

void Warden::watch_descriptors() {
  descriptors_.emplace(control_);
  is_watching_ = true;
  wake();
}

void Warden::check_descriptors() {
  if (!descriptors_->are_open()) end_without_descriptors(control_);
}

void Warden::note_end() {
  const std::lock_guard lock(mutex_);
  is_ending_.store(true, std::memory_order_relaxed);
  is_watching_ = false;
}

bool Warden::has_descriptors() {
  const std::lock_guard lock(mutex_);
  return !is_watching_ || descriptors_->are_the_same();
}

void Warden::run() {
  bool has_parent = true;
  std::int64_t end = kNone;
  while (!is_stopped_) {
    const std::int64_t deadline = deadline_.load();
    const std::int64_t next = std::min(deadline, end);
    wakes_at_.store(next);
    // A call that began in between may have seen another time.
    if (deadline_.load() != deadline) continue;
    const std::int64_t now = nanoseconds(Clock::now());
    if (deadline <= now) {
      // There may be no memory for them.
      std::array<char, 1024> words;
      const auto written = fmt::format_to_n(
          words.data(), words.size(),
          "was ended: `{:.512}` did not return within {} s after the deadline of its call",
          *function_.load(), kGrace.count());
      send_last_words(control_, {words.data(), std::min(written.size, words.size())});
      ::_exit(1);
    }
    if (end <= now) {
      if (!is_ending_) ::_exit(1);
      end = kNone;
      continue;
    }
    constexpr std::int64_t kMillisecond = 1'000'000;
    const std::int64_t longest = is_watching_ ? kLookPause.count() : INT32_MAX;
    const auto time = static_cast<int>(std::min((next - now) / kMillisecond + 1, longest));
    std::array<pollfd, 2> polled = {pollfd{has_parent ? control_ : -1, POLLRDHUP, 0},
                                    pollfd{woken_.number(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), time) < 0) continue;
    const bool has_all = (polled[0].revents & POLLNVAL) == 0 &&
                         (polled[1].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0 &&
                         has_descriptors();
    if (!has_all) end_without_descriptors(control_);
    std::array<char, 64> wakes;
    (void)!::read(woken_.number(), wakes.data(), wakes.size());
    if ((polled[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0) continue;
    // The other thread notices it as well, unless it is in native code.
    has_parent = false;
    end = nanoseconds(Clock::now() + kEndGrace);
  }
}

}  // namespace tenon::process
