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
      same_same_bool;
  std::optional<tenon::TypedFunction<std::int8_t(std::int8_t)>>
      same_same_s8;
  std::optional<tenon::TypedFunction<std::uint8_t(std::uint8_t)>>
      same_same_u8;
  std::optional<tenon::TypedFunction<std::int16_t(std::int16_t)>>
      same_same_s16;
  std::optional<tenon::TypedFunction<std::uint16_t(std::uint16_t)>>
      same_same_u16;
  std::optional<tenon::TypedFunction<std::int32_t(std::int32_t)>>
      same_same_s32;
  std::optional<tenon::TypedFunction<std::uint32_t(std::uint32_t)>>
      same_same_u32;
  std::optional<tenon::TypedFunction<std::int64_t(std::int64_t)>>
      same_same_s64;
  std::optional<tenon::TypedFunction<std::uint64_t(std::uint64_t)>>
      same_same_u64;
  std::optional<tenon::TypedFunction<float(float)>>
      same_same_f32;
  std::optional<tenon::TypedFunction<double(double)>>
      same_same_f64;
  std::optional<tenon::TypedFunction<char32_t(char32_t)>>
      same_same_char;
  std::optional<tenon::TypedFunction<std::string(std::string_view)>>
      same_same_string;
  std::optional<tenon::TypedFunction<std::vector<bool>(std::vector<bool>)>>
      same_same_bools;
  std::optional<tenon::TypedFunction<std::vector<std::uint8_t>(std::span<const std::uint8_t>)>>
      same_same_bytes;
  std::optional<tenon::TypedFunction<std::vector<std::int8_t>(std::span<const std::int8_t>)>>
      same_same_signed;
  std::optional<tenon::TypedFunction<std::vector<std::int16_t>(std::span<const std::int16_t>)>>
      same_same_halves;
  std::optional<tenon::TypedFunction<std::vector<std::uint16_t>(std::span<const std::uint16_t>)>>
      same_same_words;
  std::optional<tenon::TypedFunction<std::vector<std::int32_t>(std::span<const std::int32_t>)>>
      same_same_integers;
  std::optional<tenon::TypedFunction<std::vector<std::uint32_t>(std::span<const std::uint32_t>)>>
      same_same_numbers;
  std::optional<tenon::TypedFunction<std::vector<std::int64_t>(std::span<const std::int64_t>)>>
      same_same_differences;
  std::optional<tenon::TypedFunction<std::vector<std::uint64_t>(std::span<const std::uint64_t>)>>
      same_same_longs;
  std::optional<tenon::TypedFunction<std::vector<float>(std::span<const float>)>>
      same_same_singles;
  std::optional<tenon::TypedFunction<std::vector<double>(std::span<const double>)>>
      same_same_doubles;
  std::optional<tenon::TypedFunction<std::vector<char32_t>(std::span<const char32_t>)>>
      same_same_chars;
  std::optional<tenon::TypedFunction<std::vector<std::string>(std::span<const std::string>)>>
      same_same_strings;
  std::optional<tenon::TypedFunction<std::vector<std::vector<std::vector<std::uint8_t>>>(std::span<const std::vector<std::vector<std::uint8_t>>>)>>
      same_same_deep;
  std::optional<tenon::TypedFunction<std::vector<::values::exports::same::item>(std::span<const ::values::exports::same::item>)>>
      same_same_items;
  std::optional<tenon::TypedFunction<std::vector<::values::exports::same::shape>(std::span<const ::values::exports::same::shape>)>>
      same_same_shapes;
  std::optional<tenon::TypedFunction<std::vector<::values::exports::same::color>(std::span<const ::values::exports::same::color>)>>
      same_same_colors;
  std::optional<tenon::TypedFunction<std::vector<std::optional<std::uint32_t>>(std::span<const std::optional<std::uint32_t>>)>>
      same_same_options;
  std::optional<tenon::TypedFunction<std::vector<tenon::Expected<std::uint32_t, std::string>>(std::span<const tenon::Expected<std::uint32_t, std::string>>)>>
      same_same_outcomes;
  std::optional<tenon::TypedFunction<std::vector<tenon::Expected<void, void>>(std::span<const tenon::Expected<void, void>>)>>
      same_same_silent;
  std::optional<tenon::TypedFunction<std::tuple<std::uint8_t, std::string>(std::tuple<std::uint8_t, std::string>)>>
      same_same_pair;
  std::optional<tenon::TypedFunction<std::tuple<std::int64_t>(std::tuple<std::int64_t>)>>
      same_same_single;
  std::optional<tenon::TypedFunction<std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>(std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>)>>
      same_same_tuple;
  std::optional<tenon::TypedFunction<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>(std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>)>>
      same_same_spilled;
  std::optional<tenon::TypedFunction<std::optional<std::string>(std::optional<std::string>)>>
      same_same_option;
  std::optional<tenon::TypedFunction<std::optional<std::uint64_t>(std::optional<std::uint64_t>)>>
      same_same_number;
  std::optional<tenon::TypedFunction<std::optional<std::optional<std::optional<std::uint8_t>>>(std::optional<std::optional<std::optional<std::uint8_t>>>)>>
      same_same_nested;
  std::optional<tenon::TypedFunction<tenon::Expected<std::uint32_t, std::string>(tenon::Expected<std::uint32_t, std::string>)>>
      same_same_result;
  std::optional<tenon::TypedFunction<tenon::Expected<std::string, void>(tenon::Expected<std::string, void>)>>
      same_same_fine;
  std::optional<tenon::TypedFunction<tenon::Expected<void, ::values::exports::same::color>(tenon::Expected<void, ::values::exports::same::color>)>>
      same_same_bad;
  std::optional<tenon::TypedFunction<tenon::Expected<void, void>(tenon::Expected<void, void>)>>
      same_same_outcome;
  std::optional<tenon::TypedFunction<tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>(tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>)>>
      same_same_results;
  std::optional<tenon::TypedFunction<::values::exports::same::item(::values::exports::same::item)>>
      same_same_item;
  std::optional<tenon::TypedFunction<::values::exports::same::wide(::values::exports::same::wide)>>
      same_same_wide;
  std::optional<tenon::TypedFunction<::values::exports::same::meters(::values::exports::same::meters)>>
      same_same_meters;
  std::optional<tenon::TypedFunction<::values::exports::same::keywords(::values::exports::same::keywords)>>
      same_same_keywords;
  std::optional<tenon::TypedFunction<::values::exports::same::shape(::values::exports::same::shape)>>
      same_same_shape;
  std::optional<tenon::TypedFunction<::values::exports::same::joined(::values::exports::same::joined)>>
      same_same_joined;
  std::optional<tenon::TypedFunction<::values::exports::same::color(::values::exports::same::color)>>
      same_same_color;
  std::optional<tenon::TypedFunction<::values::exports::same::rights(::values::exports::same::rights)>>
      same_same_rights;
  std::optional<tenon::TypedFunction<::values::exports::same::many(::values::exports::same::many)>>
      same_same_many;
  std::optional<tenon::TypedFunction<::values::exports::same::node(::values::exports::same::node)>>
      same_same_node;
  std::optional<tenon::TypedFunction<std::vector<std::optional<::values::exports::same::node>>(std::span<const std::optional<::values::exports::same::node>>)>>
      same_same_nodes;
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
  find(all->same_same_bool, "demo:values/same@1.0.0", "same-bool");
  find(all->same_same_s8, "demo:values/same@1.0.0", "same-s8");
  find(all->same_same_u8, "demo:values/same@1.0.0", "same-u8");
  find(all->same_same_s16, "demo:values/same@1.0.0", "same-s16");
  find(all->same_same_u16, "demo:values/same@1.0.0", "same-u16");
  find(all->same_same_s32, "demo:values/same@1.0.0", "same-s32");
  find(all->same_same_u32, "demo:values/same@1.0.0", "same-u32");
  find(all->same_same_s64, "demo:values/same@1.0.0", "same-s64");
  find(all->same_same_u64, "demo:values/same@1.0.0", "same-u64");
  find(all->same_same_f32, "demo:values/same@1.0.0", "same-f32");
  find(all->same_same_f64, "demo:values/same@1.0.0", "same-f64");
  find(all->same_same_char, "demo:values/same@1.0.0", "same-char");
  find(all->same_same_string, "demo:values/same@1.0.0", "same-string");
  find(all->same_same_bools, "demo:values/same@1.0.0", "same-bools");
  find(all->same_same_bytes, "demo:values/same@1.0.0", "same-bytes");
  find(all->same_same_signed, "demo:values/same@1.0.0", "same-signed");
  find(all->same_same_halves, "demo:values/same@1.0.0", "same-halves");
  find(all->same_same_words, "demo:values/same@1.0.0", "same-words");
  find(all->same_same_integers, "demo:values/same@1.0.0", "same-integers");
  find(all->same_same_numbers, "demo:values/same@1.0.0", "same-numbers");
  find(all->same_same_differences, "demo:values/same@1.0.0", "same-differences");
  find(all->same_same_longs, "demo:values/same@1.0.0", "same-longs");
  find(all->same_same_singles, "demo:values/same@1.0.0", "same-singles");
  find(all->same_same_doubles, "demo:values/same@1.0.0", "same-doubles");
  find(all->same_same_chars, "demo:values/same@1.0.0", "same-chars");
  find(all->same_same_strings, "demo:values/same@1.0.0", "same-strings");
  find(all->same_same_deep, "demo:values/same@1.0.0", "same-deep");
  find(all->same_same_items, "demo:values/same@1.0.0", "same-items");
  find(all->same_same_shapes, "demo:values/same@1.0.0", "same-shapes");
  find(all->same_same_colors, "demo:values/same@1.0.0", "same-colors");
  find(all->same_same_options, "demo:values/same@1.0.0", "same-options");
  find(all->same_same_outcomes, "demo:values/same@1.0.0", "same-outcomes");
  find(all->same_same_silent, "demo:values/same@1.0.0", "same-silent");
  find(all->same_same_pair, "demo:values/same@1.0.0", "same-pair");
  find(all->same_same_single, "demo:values/same@1.0.0", "same-single");
  find(all->same_same_tuple, "demo:values/same@1.0.0", "same-tuple");
  find(all->same_same_spilled, "demo:values/same@1.0.0", "same-spilled");
  find(all->same_same_option, "demo:values/same@1.0.0", "same-option");
  find(all->same_same_number, "demo:values/same@1.0.0", "same-number");
  find(all->same_same_nested, "demo:values/same@1.0.0", "same-nested");
  find(all->same_same_result, "demo:values/same@1.0.0", "same-result");
  find(all->same_same_fine, "demo:values/same@1.0.0", "same-fine");
  find(all->same_same_bad, "demo:values/same@1.0.0", "same-bad");
  find(all->same_same_outcome, "demo:values/same@1.0.0", "same-outcome");
  find(all->same_same_results, "demo:values/same@1.0.0", "same-results");
  find(all->same_same_item, "demo:values/same@1.0.0", "same-item");
  find(all->same_same_wide, "demo:values/same@1.0.0", "same-wide");
  find(all->same_same_meters, "demo:values/same@1.0.0", "same-meters");
  find(all->same_same_keywords, "demo:values/same@1.0.0", "same-keywords");
  find(all->same_same_shape, "demo:values/same@1.0.0", "same-shape");
  find(all->same_same_joined, "demo:values/same@1.0.0", "same-joined");
  find(all->same_same_color, "demo:values/same@1.0.0", "same-color");
  find(all->same_same_rights, "demo:values/same@1.0.0", "same-rights");
  find(all->same_same_many, "demo:values/same@1.0.0", "same-many");
  find(all->same_same_node, "demo:values/same@1.0.0", "same-node");
  find(all->same_same_nodes, "demo:values/same@1.0.0", "same-nodes");
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

// demo:values/same@1.0.0
namespace values::same {
void provide(tenon::CompositionBuilder& builder, [[maybe_unused]] std::shared_ptr<host> to,
             const std::vector<std::string>& consumers) {
  [[maybe_unused]] const auto add = [&](std::vector<tenon::HostFunction>* methods,
                                        std::string_view name, auto function) {
    tenon::HostFunction made = tenon::host_function("demo:values/same@1.0.0", name, std::move(function));
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
  add(nullptr, "same-bools",
      [to](std::vector<bool> value) { return to->same_bools(std::move(value)); });
  add(nullptr, "same-bytes",
      [to](std::span<const std::uint8_t> value) { return to->same_bytes(value); });
  add(nullptr, "same-signed",
      [to](std::span<const std::int8_t> value) { return to->same_signed(value); });
  add(nullptr, "same-halves",
      [to](std::span<const std::int16_t> value) { return to->same_halves(value); });
  add(nullptr, "same-words",
      [to](std::span<const std::uint16_t> value) { return to->same_words(value); });
  add(nullptr, "same-integers",
      [to](std::span<const std::int32_t> value) { return to->same_integers(value); });
  add(nullptr, "same-numbers",
      [to](std::span<const std::uint32_t> value) { return to->same_numbers(value); });
  add(nullptr, "same-differences",
      [to](std::span<const std::int64_t> value) { return to->same_differences(value); });
  add(nullptr, "same-longs",
      [to](std::span<const std::uint64_t> value) { return to->same_longs(value); });
  add(nullptr, "same-singles",
      [to](std::span<const float> value) { return to->same_singles(value); });
  add(nullptr, "same-doubles",
      [to](std::span<const double> value) { return to->same_doubles(value); });
  add(nullptr, "same-chars",
      [to](std::span<const char32_t> value) { return to->same_chars(value); });
  add(nullptr, "same-strings",
      [to](std::vector<std::string> value) { return to->same_strings(std::move(value)); });
  add(nullptr, "same-deep",
      [to](std::vector<std::vector<std::vector<std::uint8_t>>> value) { return to->same_deep(std::move(value)); });
  add(nullptr, "same-items",
      [to](std::vector<::values::same::item> value) { return to->same_items(std::move(value)); });
  add(nullptr, "same-shapes",
      [to](std::vector<::values::same::shape> value) { return to->same_shapes(std::move(value)); });
  add(nullptr, "same-colors",
      [to](std::vector<::values::same::color> value) { return to->same_colors(std::move(value)); });
  add(nullptr, "same-options",
      [to](std::vector<std::optional<std::uint32_t>> value) { return to->same_options(std::move(value)); });
  add(nullptr, "same-outcomes",
      [to](std::vector<tenon::Expected<std::uint32_t, std::string>> value) { return to->same_outcomes(std::move(value)); });
  add(nullptr, "same-silent",
      [to](std::vector<tenon::Expected<void, void>> value) { return to->same_silent(std::move(value)); });
  add(nullptr, "same-pair",
      [to](std::tuple<std::uint8_t, std::string> value) { return to->same_pair(std::move(value)); });
  add(nullptr, "same-single",
      [to](std::tuple<std::int64_t> value) { return to->same_single(std::move(value)); });
  add(nullptr, "same-tuple",
      [to](std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>> value) { return to->same_tuple(std::move(value)); });
  add(nullptr, "same-spilled",
      [to](std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string> value) { return to->same_spilled(std::move(value)); });
  add(nullptr, "same-option",
      [to](std::optional<std::string> value) { return to->same_option(std::move(value)); });
  add(nullptr, "same-number",
      [to](std::optional<std::uint64_t> value) { return to->same_number(std::move(value)); });
  add(nullptr, "same-nested",
      [to](std::optional<std::optional<std::optional<std::uint8_t>>> value) { return to->same_nested(std::move(value)); });
  add(nullptr, "same-result",
      [to](tenon::Expected<std::uint32_t, std::string> value) { return to->same_result(std::move(value)); });
  add(nullptr, "same-fine",
      [to](tenon::Expected<std::string, void> value) { return to->same_fine(std::move(value)); });
  add(nullptr, "same-bad",
      [to](tenon::Expected<void, ::values::same::color> value) { return to->same_bad(std::move(value)); });
  add(nullptr, "same-outcome",
      [to](tenon::Expected<void, void> value) { return to->same_outcome(std::move(value)); });
  add(nullptr, "same-results",
      [to](tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>> value) { return to->same_results(std::move(value)); });
  add(nullptr, "same-item",
      [to](::values::same::item value) { return to->same_item(std::move(value)); });
  add(nullptr, "same-wide",
      [to](::values::same::wide value) { return to->same_wide(std::move(value)); });
  add(nullptr, "same-meters",
      [to](::values::same::meters value) { return to->same_meters(std::move(value)); });
  add(nullptr, "same-keywords",
      [to](::values::same::keywords value) { return to->same_keywords(std::move(value)); });
  add(nullptr, "same-shape",
      [to](::values::same::shape value) { return to->same_shape(std::move(value)); });
  add(nullptr, "same-joined",
      [to](::values::same::joined value) { return to->same_joined(std::move(value)); });
  add(nullptr, "same-color",
      [to](::values::same::color value) { return to->same_color(value); });
  add(nullptr, "same-rights",
      [to](::values::same::rights value) { return to->same_rights(std::move(value)); });
  add(nullptr, "same-many",
      [to](::values::same::many value) { return to->same_many(std::move(value)); });
  add(nullptr, "same-node",
      [to](::values::same::node value) { return to->same_node(std::move(value)); });
  add(nullptr, "same-nodes",
      [to](std::vector<std::optional<::values::same::node>> value) { return to->same_nodes(std::move(value)); });
}
}  // namespace values::same

// demo:values/same@1.0.0
namespace values::exports::same {

tenon::CallResult<bool> functions::same_bool(bool value) const {
  return (*all_->same_same_bool)(value);
}

tenon::CallResult<std::int8_t> functions::same_s8(std::int8_t value) const {
  return (*all_->same_same_s8)(value);
}

tenon::CallResult<std::uint8_t> functions::same_u8(std::uint8_t value) const {
  return (*all_->same_same_u8)(value);
}

tenon::CallResult<std::int16_t> functions::same_s16(std::int16_t value) const {
  return (*all_->same_same_s16)(value);
}

tenon::CallResult<std::uint16_t> functions::same_u16(std::uint16_t value) const {
  return (*all_->same_same_u16)(value);
}

tenon::CallResult<std::int32_t> functions::same_s32(std::int32_t value) const {
  return (*all_->same_same_s32)(value);
}

tenon::CallResult<std::uint32_t> functions::same_u32(std::uint32_t value) const {
  return (*all_->same_same_u32)(value);
}

tenon::CallResult<std::int64_t> functions::same_s64(std::int64_t value) const {
  return (*all_->same_same_s64)(value);
}

tenon::CallResult<std::uint64_t> functions::same_u64(std::uint64_t value) const {
  return (*all_->same_same_u64)(value);
}

tenon::CallResult<float> functions::same_f32(float value) const {
  return (*all_->same_same_f32)(value);
}

tenon::CallResult<double> functions::same_f64(double value) const {
  return (*all_->same_same_f64)(value);
}

tenon::CallResult<char32_t> functions::same_char(char32_t value) const {
  return (*all_->same_same_char)(value);
}

tenon::CallResult<std::string> functions::same_string(std::string_view value) const {
  return (*all_->same_same_string)(value);
}

tenon::CallResult<std::vector<bool>> functions::same_bools(const std::vector<bool>& value) const {
  return (*all_->same_same_bools)(value);
}

tenon::CallResult<std::vector<std::uint8_t>> functions::same_bytes(
      std::span<const std::uint8_t> value) const {
  return (*all_->same_same_bytes)(value);
}

tenon::CallResult<std::vector<std::int8_t>> functions::same_signed(
      std::span<const std::int8_t> value) const {
  return (*all_->same_same_signed)(value);
}

tenon::CallResult<std::vector<std::int16_t>> functions::same_halves(
      std::span<const std::int16_t> value) const {
  return (*all_->same_same_halves)(value);
}

tenon::CallResult<std::vector<std::uint16_t>> functions::same_words(
      std::span<const std::uint16_t> value) const {
  return (*all_->same_same_words)(value);
}

tenon::CallResult<std::vector<std::int32_t>> functions::same_integers(
      std::span<const std::int32_t> value) const {
  return (*all_->same_same_integers)(value);
}

tenon::CallResult<std::vector<std::uint32_t>> functions::same_numbers(
      std::span<const std::uint32_t> value) const {
  return (*all_->same_same_numbers)(value);
}

tenon::CallResult<std::vector<std::int64_t>> functions::same_differences(
      std::span<const std::int64_t> value) const {
  return (*all_->same_same_differences)(value);
}

tenon::CallResult<std::vector<std::uint64_t>> functions::same_longs(
      std::span<const std::uint64_t> value) const {
  return (*all_->same_same_longs)(value);
}

tenon::CallResult<std::vector<float>> functions::same_singles(
      std::span<const float> value) const {
  return (*all_->same_same_singles)(value);
}

tenon::CallResult<std::vector<double>> functions::same_doubles(
      std::span<const double> value) const {
  return (*all_->same_same_doubles)(value);
}

tenon::CallResult<std::vector<char32_t>> functions::same_chars(
      std::span<const char32_t> value) const {
  return (*all_->same_same_chars)(value);
}

tenon::CallResult<std::vector<std::string>> functions::same_strings(
      std::span<const std::string> value) const {
  return (*all_->same_same_strings)(value);
}

tenon::CallResult<std::vector<std::vector<std::vector<std::uint8_t>>>> functions::same_deep(
      std::span<const std::vector<std::vector<std::uint8_t>>> value) const {
  return (*all_->same_same_deep)(value);
}

tenon::CallResult<std::vector<::values::exports::same::item>> functions::same_items(
      std::span<const ::values::exports::same::item> value) const {
  return (*all_->same_same_items)(value);
}

tenon::CallResult<std::vector<::values::exports::same::shape>> functions::same_shapes(
      std::span<const ::values::exports::same::shape> value) const {
  return (*all_->same_same_shapes)(value);
}

tenon::CallResult<std::vector<::values::exports::same::color>> functions::same_colors(
      std::span<const ::values::exports::same::color> value) const {
  return (*all_->same_same_colors)(value);
}

tenon::CallResult<std::vector<std::optional<std::uint32_t>>> functions::same_options(
      std::span<const std::optional<std::uint32_t>> value) const {
  return (*all_->same_same_options)(value);
}

tenon::CallResult<std::vector<tenon::Expected<std::uint32_t, std::string>>> functions::same_outcomes(
      std::span<const tenon::Expected<std::uint32_t, std::string>> value) const {
  return (*all_->same_same_outcomes)(value);
}

tenon::CallResult<std::vector<tenon::Expected<void, void>>> functions::same_silent(
      std::span<const tenon::Expected<void, void>> value) const {
  return (*all_->same_same_silent)(value);
}

tenon::CallResult<std::tuple<std::uint8_t, std::string>> functions::same_pair(
      const std::tuple<std::uint8_t, std::string>& value) const {
  return (*all_->same_same_pair)(value);
}

tenon::CallResult<std::tuple<std::int64_t>> functions::same_single(
      const std::tuple<std::int64_t>& value) const {
  return (*all_->same_same_single)(value);
}

tenon::CallResult<std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>> functions::same_tuple(
      const std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>& value) const {
  return (*all_->same_same_tuple)(value);
}

tenon::CallResult<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>> functions::same_spilled(
      const std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>& value) const {
  return (*all_->same_same_spilled)(value);
}

tenon::CallResult<std::optional<std::string>> functions::same_option(
      const std::optional<std::string>& value) const {
  return (*all_->same_same_option)(value);
}

tenon::CallResult<std::optional<std::uint64_t>> functions::same_number(
      const std::optional<std::uint64_t>& value) const {
  return (*all_->same_same_number)(value);
}

tenon::CallResult<std::optional<std::optional<std::optional<std::uint8_t>>>> functions::same_nested(
      const std::optional<std::optional<std::optional<std::uint8_t>>>& value) const {
  return (*all_->same_same_nested)(value);
}

tenon::CallResult<tenon::Expected<std::uint32_t, std::string>> functions::same_result(
      const tenon::Expected<std::uint32_t, std::string>& value) const {
  return (*all_->same_same_result)(value);
}

tenon::CallResult<tenon::Expected<std::string, void>> functions::same_fine(
      const tenon::Expected<std::string, void>& value) const {
  return (*all_->same_same_fine)(value);
}

tenon::CallResult<tenon::Expected<void, ::values::exports::same::color>> functions::same_bad(
      const tenon::Expected<void, ::values::exports::same::color>& value) const {
  return (*all_->same_same_bad)(value);
}

tenon::CallResult<tenon::Expected<void, void>> functions::same_outcome(
      const tenon::Expected<void, void>& value) const {
  return (*all_->same_same_outcome)(value);
}

tenon::CallResult<tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>> functions::same_results(
      const tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>& value) const {
  return (*all_->same_same_results)(value);
}

tenon::CallResult<::values::exports::same::item> functions::same_item(
      const ::values::exports::same::item& value) const {
  return (*all_->same_same_item)(value);
}

tenon::CallResult<::values::exports::same::wide> functions::same_wide(
      const ::values::exports::same::wide& value) const {
  return (*all_->same_same_wide)(value);
}

tenon::CallResult<::values::exports::same::meters> functions::same_meters(
      const ::values::exports::same::meters& value) const {
  return (*all_->same_same_meters)(value);
}

tenon::CallResult<::values::exports::same::keywords> functions::same_keywords(
      const ::values::exports::same::keywords& value) const {
  return (*all_->same_same_keywords)(value);
}

tenon::CallResult<::values::exports::same::shape> functions::same_shape(
      const ::values::exports::same::shape& value) const {
  return (*all_->same_same_shape)(value);
}

tenon::CallResult<::values::exports::same::joined> functions::same_joined(
      const ::values::exports::same::joined& value) const {
  return (*all_->same_same_joined)(value);
}

tenon::CallResult<::values::exports::same::color> functions::same_color(
      ::values::exports::same::color value) const {
  return (*all_->same_same_color)(value);
}

tenon::CallResult<::values::exports::same::rights> functions::same_rights(
      const ::values::exports::same::rights& value) const {
  return (*all_->same_same_rights)(value);
}

tenon::CallResult<::values::exports::same::many> functions::same_many(
      const ::values::exports::same::many& value) const {
  return (*all_->same_same_many)(value);
}

tenon::CallResult<::values::exports::same::node> functions::same_node(
      const ::values::exports::same::node& value) const {
  return (*all_->same_same_node)(value);
}

tenon::CallResult<std::vector<std::optional<::values::exports::same::node>>> functions::same_nodes(
      std::span<const std::optional<::values::exports::same::node>> value) const {
  return (*all_->same_same_nodes)(value);
}
}  // namespace values::exports::same

namespace values {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : same(all_) {}

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
