#include "cli/call_times.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace tenon::cli {

std::string format_time(std::chrono::nanoseconds time, std::string_view gap) {
  const auto in = [&](double unit) { return static_cast<double>(time.count()) / unit; };
  if (time.count() < 1000) return fmt::format("{}{}ns", time.count(), gap);
  if (time.count() < 1'000'000) return fmt::format("{:.1f}{}us", in(1e3), gap);
  if (time.count() < 1'000'000'000) return fmt::format("{:.1f}{}ms", in(1e6), gap);
  return fmt::format("{:.1f}{}s", in(1e9), gap);
}

std::string render_call_times(std::vector<std::uint64_t> nanoseconds) {
  std::ranges::sort(nanoseconds);
  const std::size_t count = nanoseconds.size();
  const auto show = [](std::uint64_t time) {
    return format_time(std::chrono::nanoseconds(time), " ");
  };
  const auto at_percent = [&](std::size_t percent) {
    return show(nanoseconds[(count * percent + 99) / 100 - 1]);
  };
  return fmt::format("{} call{}: median {}, p99 {}, min {}, max {}", count, count == 1 ? "" : "s",
                     at_percent(50), at_percent(99), show(nanoseconds.front()),
                     show(nanoseconds.back()));
}

}  // namespace tenon::cli
