#include "cli/call_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace tenon::cli {

namespace {

std::string format_time(std::uint64_t nanoseconds) {
  const auto in = [&](double unit) { return static_cast<double>(nanoseconds) / unit; };
  if (nanoseconds < 1000) return fmt::format("{} ns", nanoseconds);
  if (nanoseconds < 1'000'000) return fmt::format("{:.1f} us", in(1e3));
  if (nanoseconds < 1'000'000'000) return fmt::format("{:.1f} ms", in(1e6));
  return fmt::format("{:.1f} s", in(1e9));
}

}  // namespace

std::string render_call_times(std::vector<std::uint64_t> nanoseconds) {
  std::ranges::sort(nanoseconds);
  const std::size_t count = nanoseconds.size();
  const auto at_percent = [&](std::size_t percent) {
    return format_time(nanoseconds[(count * percent + 99) / 100 - 1]);
  };
  return fmt::format("{} call{}: median {}, p99 {}, min {}, max {}", count, count == 1 ? "" : "s",
                     at_percent(50), at_percent(99), format_time(nanoseconds.front()),
                     format_time(nanoseconds.back()));
}

}  // namespace tenon::cli
