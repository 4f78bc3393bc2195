// Sizes and durations as text: a whole number and a unit, as in manifests and flags.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenon {

// "256MiB": a whole number and B, KiB, MiB or GiB. Nothing if the text has another form or is too
// large.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

// Whether the text has the form of a size; parse_size fails then if it is too large.
[[nodiscard]] bool has_size_form(std::string_view text);

// The same text for a number of bytes, with the largest unit of which it is a multiple.
[[nodiscard]] std::string print_size(std::uint64_t bytes);

// "500ms", "30s", "5m", "1h": a whole number and a unit. Nothing if the text has another form or is
// longer than kLongestDuration.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

[[nodiscard]] bool has_duration_form(std::string_view text);

// The same text for a duration, with the largest unit of which it is a multiple.
[[nodiscard]] std::string print_duration(std::chrono::milliseconds duration);

// The longest time limit, with which points in time stay within the range of the clock.
inline constexpr std::chrono::milliseconds kLongestDuration = std::chrono::hours(24 * 365 * 100);

}  // namespace tenon
