#include "support/measures.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace tenon {

namespace {

struct Measure {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Measure, 4> kSizes{
    {{"B", 1}, {"KiB", 1ULL << 10U}, {"MiB", 1ULL << 20U}, {"GiB", 1ULL << 30U}}};
constexpr std::array<Measure, 4> kDurations{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};

// A whole number and the name of one of the units.
template <std::size_t kCount>
std::optional<std::uint64_t> parse_measure(std::string_view text,
                                           const std::array<Measure, kCount>& units) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == text.data()) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  for (const Measure& measure : units) {
    if (measure.name != unit) continue;
    // Signed, as durations are.
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (number > kMost / measure.factor) return std::nullopt;
    return number * measure.factor;
  }
  return std::nullopt;
}

template <std::size_t kCount>
bool has_form(std::string_view text, const std::array<Measure, kCount>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return digits > 0 && std::ranges::find(units, text.substr(digits), &Measure::name) != units.end();
}

template <std::size_t kCount>
std::string print_measure(std::uint64_t number, const std::array<Measure, kCount>& units) {
  const Measure* unit = &units.front();
  for (const Measure& measure : units)
    if (number != 0 && number % measure.factor == 0) unit = &measure;
  return fmt::format("{}{}", number / unit->factor, unit->name);
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_measure(text, kSizes);
}

bool has_size_form(std::string_view text) { return has_form(text, kSizes); }
bool has_duration_form(std::string_view text) { return has_form(text, kDurations); }

std::string print_size(std::uint64_t bytes) { return print_measure(bytes, kSizes); }

std::string print_duration(std::chrono::milliseconds duration) {
  return print_measure(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::optional<std::uint64_t> parsed = parse_measure(text, kDurations);
  if (!parsed || *parsed > static_cast<std::uint64_t>(kLongestDuration.count()))
    return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*parsed));
}

}  // namespace tenon
