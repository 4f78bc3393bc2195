// Made by `tenon bindgen cpp`. Do not edit.
#include "values.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace values::detail {

struct functions final : tenon::detail::ResourceFunctions {
  std::optional<tenon::TypedFunction<bool(bool)>>
      all_same_bool;
  std::optional<tenon::TypedFunction<std::int8_t(std::int8_t)>>
      all_same_s8;
  std::optional<tenon::TypedFunction<std::uint8_t(std::uint8_t)>>
      all_same_u8;
  std::optional<tenon::TypedFunction<std::int16_t(std::int16_t)>>
      all_same_s16;
  std::optional<tenon::TypedFunction<std::uint16_t(std::uint16_t)>>
      all_same_u16;
  std::optional<tenon::TypedFunction<std::int32_t(std::int32_t)>>
      all_same_s32;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t)>>
      all_same_u32;
  std::optional<tenon::TypedFunction<std::int64_t(std::int64_t)>>
      all_same_s64;
  std::optional<tenon::TypedFunction<std::uint64_t(std::uint64_t)>>
      all_same_u64;
  std::optional<tenon::TypedFunction<float(float)>>
      all_same_f32;
  std::optional<tenon::TypedFunction<double(double)>>
      all_same_f64;
  std::optional<tenon::TypedFunction<char32_t(char32_t)>>
      all_same_char;
  std::optional<tenon::TypedFunction<std::string(std::string_view)>>
      all_same_string;
  std::optional<tenon::TypedFunction<::values::exports::all::id(::values::exports::all::id)>>
      all_same_id;
  std::optional<tenon::TypedFunction<std::vector<bool>(std::vector<bool>)>>
      all_same_bools;
  std::optional<tenon::TypedFunction<std::vector<std::uint8_t>(std::span<const std::uint8_t>)>>
      all_same_bytes;
  std::optional<tenon::TypedFunction<std::vector<std::int16_t>(std::span<const std::int16_t>)>>
      all_same_shorts;
  std::optional<tenon::TypedFunction<std::vector<std::uint64_t>(std::span<const std::uint64_t>)>>
      all_same_longs;
  std::optional<tenon::TypedFunction<std::vector<float>(std::span<const float>)>>
      all_same_floats;
  std::optional<tenon::TypedFunction<std::vector<double>(std::span<const double>)>>
      all_same_doubles;
  std::optional<tenon::TypedFunction<std::vector<char32_t>(std::span<const char32_t>)>>
      all_same_chars;
  std::optional<tenon::TypedFunction<std::vector<std::string>(std::span<const std::string>)>>
      all_same_strings;
  std::optional<tenon::TypedFunction<::values::exports::all::words(std::span<const std::string>)>>
      all_same_words;
  std::optional<tenon::TypedFunction<std::vector<std::vector<std::string>>(std::span<const std::vector<std::string>>)>>
      all_same_deep;
  std::optional<tenon::TypedFunction<std::vector<std::vector<std::uint8_t>>(std::span<const std::vector<std::uint8_t>>)>>
      all_same_blobs;
  std::optional<tenon::TypedFunction<std::array<std::uint8_t, 4>(std::array<std::uint8_t, 4>)>>
      all_same_quad;
  std::optional<tenon::TypedFunction<std::array<std::string, 2>(std::array<std::string, 2>)>>
      all_same_twins;
  std::optional<tenon::TypedFunction<std::vector<std::pair<std::string, std::uint32_t>>(std::vector<std::pair<std::string, std::uint32_t>>)>>
      all_same_map;
  std::optional<tenon::TypedFunction<std::optional<std::string>(std::optional<std::string>)>>
      all_same_option;
  std::optional<tenon::TypedFunction<std::optional<std::optional<std::uint32_t>>(std::optional<std::optional<std::uint32_t>>)>>
      all_same_options;
  std::optional<tenon::TypedFunction<tenon::Expected<std::vector<std::uint8_t>, std::string>(tenon::Expected<std::vector<std::uint8_t>, std::string>)>>
      all_same_result;
  std::optional<tenon::TypedFunction<tenon::Expected<std::string, void>(tenon::Expected<std::string, void>)>>
      all_same_fine;
  std::optional<tenon::TypedFunction<tenon::Expected<void, ::values::exports::all::color>(tenon::Expected<void, ::values::exports::all::color>)>>
      all_same_bad;
  std::optional<tenon::TypedFunction<tenon::Expected<void, void>(tenon::Expected<void, void>)>>
      all_same_outcome;
  std::optional<tenon::TypedFunction<std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>(std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>)>>
      all_same_tuple;
  std::optional<tenon::TypedFunction<::values::exports::all::item(::values::exports::all::item)>>
      all_same_item;
  std::optional<tenon::TypedFunction<::values::exports::all::shape(::values::exports::all::shape)>>
      all_same_shape;
  std::optional<tenon::TypedFunction<::values::exports::all::color(::values::exports::all::color)>>
      all_same_color;
  std::optional<tenon::TypedFunction<std::vector<::values::exports::all::color>(std::span<const ::values::exports::all::color>)>>
      all_same_colors;
  std::optional<tenon::TypedFunction<::values::exports::all::access(::values::exports::all::access)>>
      all_same_access;
  std::optional<tenon::TypedFunction<::values::exports::all::pair(::values::exports::all::pair)>>
      all_same_pair;
};

namespace {

template <class From>
tenon::Result<std::shared_ptr<const functions>> find_functions(const From& from) {
  auto all = std::make_shared<functions>();
  tenon::Diagnostics problems;
  const auto find = [&]<class F>(std::optional<tenon::TypedFunction<F>>& to,
                                 std::string_view interface, std::string_view name) {
    auto found = from.template function<F>(interface, name);
    if (!found)
      return void(problems.insert(problems.end(), found.error().begin(), found.error().end()));
    (*found).set_functions(all);
    to.emplace(*std::move(found));
  };
  find(all->all_same_bool, "demo:kinds/all@1.0.0", "same-bool");
  find(all->all_same_s8, "demo:kinds/all@1.0.0", "same-s8");
  find(all->all_same_u8, "demo:kinds/all@1.0.0", "same-u8");
  find(all->all_same_s16, "demo:kinds/all@1.0.0", "same-s16");
  find(all->all_same_u16, "demo:kinds/all@1.0.0", "same-u16");
  find(all->all_same_s32, "demo:kinds/all@1.0.0", "same-s32");
  find(all->all_same_u32, "demo:kinds/all@1.0.0", "same-u32");
  find(all->all_same_s64, "demo:kinds/all@1.0.0", "same-s64");
  find(all->all_same_u64, "demo:kinds/all@1.0.0", "same-u64");
  find(all->all_same_f32, "demo:kinds/all@1.0.0", "same-f32");
  find(all->all_same_f64, "demo:kinds/all@1.0.0", "same-f64");
  find(all->all_same_char, "demo:kinds/all@1.0.0", "same-char");
  find(all->all_same_string, "demo:kinds/all@1.0.0", "same-string");
  find(all->all_same_id, "demo:kinds/all@1.0.0", "same-id");
  find(all->all_same_bools, "demo:kinds/all@1.0.0", "same-bools");
  find(all->all_same_bytes, "demo:kinds/all@1.0.0", "same-bytes");
  find(all->all_same_shorts, "demo:kinds/all@1.0.0", "same-shorts");
  find(all->all_same_longs, "demo:kinds/all@1.0.0", "same-longs");
  find(all->all_same_floats, "demo:kinds/all@1.0.0", "same-floats");
  find(all->all_same_doubles, "demo:kinds/all@1.0.0", "same-doubles");
  find(all->all_same_chars, "demo:kinds/all@1.0.0", "same-chars");
  find(all->all_same_strings, "demo:kinds/all@1.0.0", "same-strings");
  find(all->all_same_words, "demo:kinds/all@1.0.0", "same-words");
  find(all->all_same_deep, "demo:kinds/all@1.0.0", "same-deep");
  find(all->all_same_blobs, "demo:kinds/all@1.0.0", "same-blobs");
  find(all->all_same_quad, "demo:kinds/all@1.0.0", "same-quad");
  find(all->all_same_twins, "demo:kinds/all@1.0.0", "same-twins");
  find(all->all_same_map, "demo:kinds/all@1.0.0", "same-map");
  find(all->all_same_option, "demo:kinds/all@1.0.0", "same-option");
  find(all->all_same_options, "demo:kinds/all@1.0.0", "same-options");
  find(all->all_same_result, "demo:kinds/all@1.0.0", "same-result");
  find(all->all_same_fine, "demo:kinds/all@1.0.0", "same-fine");
  find(all->all_same_bad, "demo:kinds/all@1.0.0", "same-bad");
  find(all->all_same_outcome, "demo:kinds/all@1.0.0", "same-outcome");
  find(all->all_same_tuple, "demo:kinds/all@1.0.0", "same-tuple");
  find(all->all_same_item, "demo:kinds/all@1.0.0", "same-item");
  find(all->all_same_shape, "demo:kinds/all@1.0.0", "same-shape");
  find(all->all_same_color, "demo:kinds/all@1.0.0", "same-color");
  find(all->all_same_colors, "demo:kinds/all@1.0.0", "same-colors");
  find(all->all_same_access, "demo:kinds/all@1.0.0", "same-access");
  find(all->all_same_pair, "demo:kinds/all@1.0.0", "same-pair");
  if (!problems.empty()) return problems;
  return std::shared_ptr<const functions>(std::move(all));
}

// The failure of a method of a resource without functions.
template <class R>
tenon::CallResult<R> refuse(const char* method) {
  tenon::CallFailure failure;
  failure.kind = tenon::CallFailure::Kind::BadCall;
  failure.function = method;
  failure.message = "the resource is empty, or its functions are unknown";
  return failure;
}
template <class R>
[[maybe_unused]] tenon::Task<tenon::CallResult<R>> refuse_task(const char* method) {
  co_return refuse<R>(method);
}

}  // namespace
}  // namespace values::detail

// demo:kinds/all@1.0.0
namespace values::all {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:kinds/all@1.0.0", name, std::move(function));
    made.consumers = consumers;
    if (methods != nullptr)
      methods->push_back(std::move(made));
    else
      builder.add_host_function(std::move(made));
  };
  add(nullptr, "same-bool",
      [to](bool value) { return to->same_bool(value); });
  add(nullptr, "same-s8",
      [to](std::int8_t value) { return to->same_s8(value); });
  add(nullptr, "same-u8",
      [to](std::uint8_t value) { return to->same_u8(value); });
  add(nullptr, "same-s16",
      [to](std::int16_t value) { return to->same_s16(value); });
  add(nullptr, "same-u16",
      [to](std::uint16_t value) { return to->same_u16(value); });
  add(nullptr, "same-s32",
      [to](std::int32_t value) { return to->same_s32(value); });
  add(nullptr, "same-u32",
      [to](std::uint32_t value) { return to->same_u32(value); });
  add(nullptr, "same-s64",
      [to](std::int64_t value) { return to->same_s64(value); });
  add(nullptr, "same-u64",
      [to](std::uint64_t value) { return to->same_u64(value); });
  add(nullptr, "same-f32",
      [to](float value) { return to->same_f32(value); });
  add(nullptr, "same-f64",
      [to](double value) { return to->same_f64(value); });
  add(nullptr, "same-char",
      [to](char32_t value) { return to->same_char(value); });
  add(nullptr, "same-string",
      [to](std::string_view value) { return to->same_string(value); });
  add(nullptr, "same-id",
      [to](::values::all::id value) { return to->same_id(value); });
  add(nullptr, "same-bools",
      [to](std::vector<bool> value) { return to->same_bools(std::move(value)); });
  add(nullptr, "same-bytes",
      [to](std::span<const std::uint8_t> value) { return to->same_bytes(value); });
  add(nullptr, "same-shorts",
      [to](std::span<const std::int16_t> value) { return to->same_shorts(value); });
  add(nullptr, "same-longs",
      [to](std::span<const std::uint64_t> value) { return to->same_longs(value); });
  add(nullptr, "same-floats",
      [to](std::span<const float> value) { return to->same_floats(value); });
  add(nullptr, "same-doubles",
      [to](std::span<const double> value) { return to->same_doubles(value); });
  add(nullptr, "same-chars",
      [to](std::span<const char32_t> value) { return to->same_chars(value); });
  add(nullptr, "same-strings",
      [to](std::vector<std::string> value) { return to->same_strings(std::move(value)); });
  add(nullptr, "same-words",
      [to](::values::all::words value) { return to->same_words(std::move(value)); });
  add(nullptr, "same-deep",
      [to](std::vector<std::vector<std::string>> value) { return to->same_deep(std::move(value)); });
  add(nullptr, "same-blobs",
      [to](std::vector<std::vector<std::uint8_t>> value) { return to->same_blobs(std::move(value)); });
  add(nullptr, "same-quad",
      [to](std::array<std::uint8_t, 4> value) { return to->same_quad(std::move(value)); });
  add(nullptr, "same-twins",
      [to](std::array<std::string, 2> value) { return to->same_twins(std::move(value)); });
  add(nullptr, "same-map",
      [to](std::vector<std::pair<std::string, std::uint32_t>> value) { return to->same_map(std::move(value)); });
  add(nullptr, "same-option",
      [to](std::optional<std::string> value) { return to->same_option(std::move(value)); });
  add(nullptr, "same-options",
      [to](std::optional<std::optional<std::uint32_t>> value) { return to->same_options(std::move(value)); });
  add(nullptr, "same-result",
      [to](tenon::Expected<std::vector<std::uint8_t>, std::string> value) { return to->same_result(std::move(value)); });
  add(nullptr, "same-fine",
      [to](tenon::Expected<std::string, void> value) { return to->same_fine(std::move(value)); });
  add(nullptr, "same-bad",
      [to](tenon::Expected<void, ::values::all::color> value) { return to->same_bad(std::move(value)); });
  add(nullptr, "same-outcome",
      [to](tenon::Expected<void, void> value) { return to->same_outcome(std::move(value)); });
  add(nullptr, "same-tuple",
      [to](std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>> value) { return to->same_tuple(std::move(value)); });
  add(nullptr, "same-item",
      [to](::values::all::item value) { return to->same_item(std::move(value)); });
  add(nullptr, "same-shape",
      [to](::values::all::shape value) { return to->same_shape(std::move(value)); });
  add(nullptr, "same-color",
      [to](::values::all::color value) { return to->same_color(value); });
  add(nullptr, "same-colors",
      [to](std::vector<::values::all::color> value) { return to->same_colors(std::move(value)); });
  add(nullptr, "same-access",
      [to](::values::all::access value) { return to->same_access(std::move(value)); });
  add(nullptr, "same-pair",
      [to](::values::all::pair value) { return to->same_pair(std::move(value)); });
}
}  // namespace values::all

// demo:kinds/all@1.0.0
namespace values::exports::all {

tenon::CallResult<bool> functions::same_bool(bool value) const {
  return (*all_->all_same_bool)(value);
}

tenon::CallResult<std::int8_t> functions::same_s8(std::int8_t value) const {
  return (*all_->all_same_s8)(value);
}

tenon::CallResult<std::uint8_t> functions::same_u8(std::uint8_t value) const {
  return (*all_->all_same_u8)(value);
}

tenon::CallResult<std::int16_t> functions::same_s16(std::int16_t value) const {
  return (*all_->all_same_s16)(value);
}

tenon::CallResult<std::uint16_t> functions::same_u16(std::uint16_t value) const {
  return (*all_->all_same_u16)(value);
}

tenon::CallResult<std::int32_t> functions::same_s32(std::int32_t value) const {
  return (*all_->all_same_s32)(value);
}

tenon::CallResult<std::uint32_t> functions::same_u32(std::uint32_t value) const {
  return (*all_->all_same_u32)(value);
}

tenon::CallResult<std::int64_t> functions::same_s64(std::int64_t value) const {
  return (*all_->all_same_s64)(value);
}

tenon::CallResult<std::uint64_t> functions::same_u64(std::uint64_t value) const {
  return (*all_->all_same_u64)(value);
}

tenon::CallResult<float> functions::same_f32(float value) const {
  return (*all_->all_same_f32)(value);
}

tenon::CallResult<double> functions::same_f64(double value) const {
  return (*all_->all_same_f64)(value);
}

tenon::CallResult<char32_t> functions::same_char(char32_t value) const {
  return (*all_->all_same_char)(value);
}

tenon::CallResult<std::string> functions::same_string(std::string_view value) const {
  return (*all_->all_same_string)(value);
}

tenon::CallResult<::values::exports::all::id> functions::same_id(
      ::values::exports::all::id value) const {
  return (*all_->all_same_id)(value);
}

tenon::CallResult<std::vector<bool>> functions::same_bools(const std::vector<bool>& value) const {
  return (*all_->all_same_bools)(value);
}

tenon::CallResult<std::vector<std::uint8_t>> functions::same_bytes(
      std::span<const std::uint8_t> value) const {
  return (*all_->all_same_bytes)(value);
}

tenon::CallResult<std::vector<std::int16_t>> functions::same_shorts(
      std::span<const std::int16_t> value) const {
  return (*all_->all_same_shorts)(value);
}

tenon::CallResult<std::vector<std::uint64_t>> functions::same_longs(
      std::span<const std::uint64_t> value) const {
  return (*all_->all_same_longs)(value);
}

tenon::CallResult<std::vector<float>> functions::same_floats(std::span<const float> value) const {
  return (*all_->all_same_floats)(value);
}

tenon::CallResult<std::vector<double>> functions::same_doubles(
      std::span<const double> value) const {
  return (*all_->all_same_doubles)(value);
}

tenon::CallResult<std::vector<char32_t>> functions::same_chars(
      std::span<const char32_t> value) const {
  return (*all_->all_same_chars)(value);
}

tenon::CallResult<std::vector<std::string>> functions::same_strings(
      std::span<const std::string> value) const {
  return (*all_->all_same_strings)(value);
}

tenon::CallResult<::values::exports::all::words> functions::same_words(
      std::span<const std::string> value) const {
  return (*all_->all_same_words)(value);
}

tenon::CallResult<std::vector<std::vector<std::string>>> functions::same_deep(
      std::span<const std::vector<std::string>> value) const {
  return (*all_->all_same_deep)(value);
}

tenon::CallResult<std::vector<std::vector<std::uint8_t>>> functions::same_blobs(
      std::span<const std::vector<std::uint8_t>> value) const {
  return (*all_->all_same_blobs)(value);
}

tenon::CallResult<std::array<std::uint8_t, 4>> functions::same_quad(
      const std::array<std::uint8_t, 4>& value) const {
  return (*all_->all_same_quad)(value);
}

tenon::CallResult<std::array<std::string, 2>> functions::same_twins(
      const std::array<std::string, 2>& value) const {
  return (*all_->all_same_twins)(value);
}

tenon::CallResult<std::vector<std::pair<std::string, std::uint32_t>>> functions::same_map(
      const std::vector<std::pair<std::string, std::uint32_t>>& value) const {
  return (*all_->all_same_map)(value);
}

tenon::CallResult<std::optional<std::string>> functions::same_option(
      const std::optional<std::string>& value) const {
  return (*all_->all_same_option)(value);
}

tenon::CallResult<std::optional<std::optional<std::uint32_t>>> functions::same_options(
      const std::optional<std::optional<std::uint32_t>>& value) const {
  return (*all_->all_same_options)(value);
}

tenon::CallResult<tenon::Expected<std::vector<std::uint8_t>, std::string>> functions::same_result(
      const tenon::Expected<std::vector<std::uint8_t>, std::string>& value) const {
  return (*all_->all_same_result)(value);
}

tenon::CallResult<tenon::Expected<std::string, void>> functions::same_fine(
      const tenon::Expected<std::string, void>& value) const {
  return (*all_->all_same_fine)(value);
}

tenon::CallResult<tenon::Expected<void, ::values::exports::all::color>> functions::same_bad(
      const tenon::Expected<void, ::values::exports::all::color>& value) const {
  return (*all_->all_same_bad)(value);
}

tenon::CallResult<tenon::Expected<void, void>> functions::same_outcome(
      const tenon::Expected<void, void>& value) const {
  return (*all_->all_same_outcome)(value);
}

tenon::CallResult<std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>> functions::same_tuple(
      const std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>& value) const {
  return (*all_->all_same_tuple)(value);
}

tenon::CallResult<::values::exports::all::item> functions::same_item(
      const ::values::exports::all::item& value) const {
  return (*all_->all_same_item)(value);
}

tenon::CallResult<::values::exports::all::shape> functions::same_shape(
      const ::values::exports::all::shape& value) const {
  return (*all_->all_same_shape)(value);
}

tenon::CallResult<::values::exports::all::color> functions::same_color(
      ::values::exports::all::color value) const {
  return (*all_->all_same_color)(value);
}

tenon::CallResult<std::vector<::values::exports::all::color>> functions::same_colors(
      std::span<const ::values::exports::all::color> value) const {
  return (*all_->all_same_colors)(value);
}

tenon::CallResult<::values::exports::all::access> functions::same_access(
      const ::values::exports::all::access& value) const {
  return (*all_->all_same_access)(value);
}

tenon::CallResult<::values::exports::all::pair> functions::same_pair(
      const ::values::exports::all::pair& value) const {
  return (*all_->all_same_pair)(value);
}
}  // namespace values::exports::all

namespace values {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : all(all_) {}

tenon::Result<instance> instance::find(const tenon::Composition& from) {
  auto found = detail::find_functions(from);
  if (!found) return std::move(found).error();
  return instance(*std::move(found));
}
tenon::Result<instance> instance::find(const tenon::Unit& from) {
  auto found = detail::find_functions(from);
  if (!found) return std::move(found).error();
  return instance(*std::move(found));
}

}  // namespace values
