#include "value/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace tenon::value {

namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// Rounds a decimal number that std::from_chars reports as out of range: to infinity, or to zero.
//
// std::from_chars does not say which. The power of ten of the first digit that is not zero decides:
// a number out of range is far from 1, because every range ends beyond 1e30 and below 1e-30.
template <class Float>
Float round_far(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t mark = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, mark);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = std::min(digits.find_first_of("123456789"), digits.size());
  if (first == digits.size()) return is_negative ? -Float(0) : Float(0);
  std::string_view power_text = mark == text.npos ? "0" : text.substr(mark + 1);
  if (power_text.starts_with('+')) power_text.remove_prefix(1);
  // A text has at most 2^31 digits, so an exponent far beyond them decides alone.
  constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t power = 0;
  const auto end = power_text.data() + power_text.size();
  if (std::from_chars(power_text.data(), end, power).ec != std::errc())
    power = power_text.starts_with('-') ? -kFar : kFar;
  power = std::clamp(power, -kFar, kFar);
  power += static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  const Float far = power > 0 ? std::numeric_limits<Float>::infinity() : Float(0);
  return is_negative ? -far : far;
}

template <class Float>
Float read_float(std::string_view text) {
  Float number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return round_far<Float>(text);
  if (number != number) return std::numeric_limits<Float>::quiet_NaN();
  return number;
}

template <class Float>
std::string print_any_float(Float number) {
  if (number != number) return "nan";
  return fmt::format("{}", number);
}

}  // namespace

bool is_integer_text(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return std::all_of(text.begin(), text.end(), is_decimal);
}

template <class T>
std::optional<T> read_number(std::string_view text) {
  if constexpr (std::is_floating_point_v<T>) {
    return read_float<T>(text);
  } else {
    if (!is_integer_text(text)) return std::nullopt;
    if (text == "-0") return T(0);
    T number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }
}

template std::optional<std::int8_t> read_number(std::string_view);
template std::optional<std::uint8_t> read_number(std::string_view);
template std::optional<std::int16_t> read_number(std::string_view);
template std::optional<std::uint16_t> read_number(std::string_view);
template std::optional<std::int32_t> read_number(std::string_view);
template std::optional<std::uint32_t> read_number(std::string_view);
template std::optional<std::int64_t> read_number(std::string_view);
template std::optional<std::uint64_t> read_number(std::string_view);
template std::optional<float> read_number(std::string_view);
template std::optional<double> read_number(std::string_view);

std::string print_float(float number) { return print_any_float(number); }
std::string print_float(double number) { return print_any_float(number); }

std::string range_text(types::Primitive kind) {
  std::string range;
  visit_number(kind, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_integral_v<T>)
      range = fmt::format("{} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
  });
  return range;
}

}  // namespace tenon::value
