#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <random>
#include <system_error>

#include "support/check.h"
#include "tenon/trace.h"

namespace tenon {

namespace {

// The digits of a traceparent: "00-", trace, "-", span, "-", flags.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kParentSize = 55;

// Reads lower-case digits. Nothing if there are others.
template <class Number>
std::optional<Number> read_hex(std::string_view digits) {
  Number value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  const bool is_lower =
      std::ranges::none_of(digits, [](char digit) { return digit >= 'A' && digit <= 'F'; });
  if (error != std::errc() || end != digits.data() + digits.size() || !is_lower)
    return std::nullopt;
  return value;
}

// A seed from the system. std::random_device and std::seed_seq take 0.04 ms in a virtual machine,
// because the former executes CPUID.
std::uint64_t read_seed() {
  std::uint64_t seed = 0;
  TENON_CHECK(::getentropy(&seed, sizeof seed) == 0);
  return seed;
}

}  // namespace

TraceContext TraceContext::make(const std::array<std::uint8_t, 16>& trace) {
  static thread_local std::mt19937_64 numbers(read_seed());
  TraceContext context{.trace = trace};
  while (context.trace == TraceContext().trace) {
    const std::array<std::uint64_t, 2> words = {numbers(), numbers()};
    context.trace = std::bit_cast<decltype(context.trace)>(words);
  }
  while (context.span == 0) context.span = numbers();
  return context;
}

std::string print_traceparent(const TraceContext& context) {
  return fmt::format("00-{:02x}-{:016x}-01", fmt::join(context.trace, ""), context.span);
}

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < kParentSize) return std::nullopt;
  const auto version = read_hex<std::uint8_t>(text.substr(0, 2));
  // Later versions can be longer.
  const bool is_long = text.size() > kParentSize;
  if (!version || version == 0xff || (is_long && (version == 0 || text[kParentSize] != '-')))
    return std::nullopt;
  for (const std::size_t dash : {kTraceAt, kSpanAt, kFlagsAt})
    if (text[dash - 1] != '-') return std::nullopt;
  TraceContext context;
  for (std::size_t i = 0; i < context.trace.size(); ++i) {
    const auto byte = read_hex<std::uint8_t>(text.substr(kTraceAt + 2 * i, 2));
    if (!byte) return std::nullopt;
    context.trace[i] = *byte;
  }
  const auto span = read_hex<std::uint64_t>(text.substr(kSpanAt, 16));
  if (!span || *span == 0 || context.trace == TraceContext().trace ||
      !read_hex<std::uint8_t>(text.substr(kFlagsAt, 2)))
    return std::nullopt;
  context.span = *span;
  return context;
}

}  // namespace tenon
