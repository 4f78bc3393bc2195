// Times of calls as text; what repeated calls took, in one line.
//
//   1000 calls: median 412 ns, p99 1.3 us, min 398 ns, max 23.1 us
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::cli {

// "412ns", "1.8us". gap: stands before the unit.
[[nodiscard]] std::string format_time(std::chrono::nanoseconds time, std::string_view gap = "");

// nanoseconds: of each call, in any order; at least one. Percentiles are times of calls that were
// made (nearest rank).
[[nodiscard]] std::string render_call_times(std::vector<std::uint64_t> nanoseconds);

}  // namespace tenon::cli
