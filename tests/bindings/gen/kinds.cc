// Made by `tenon bindgen cpp`. Do not edit.
#include "kinds.h"

#include <tenon/builder.h>
#include <tenon/composition.h>
#include <tenon/function.h>
#include <tenon/host.h>

// A parameter can have the name of a type.
#pragma GCC diagnostic ignored "-Wshadow"

namespace kinds::detail {

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
  std::optional<tenon::TypedFunction<::kinds::exports::all::id(::kinds::exports::all::id)>>
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
  std::optional<tenon::TypedFunction<::kinds::exports::all::words(std::span<const std::string>)>>
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
  std::optional<tenon::TypedFunction<tenon::Expected<void, ::kinds::exports::all::color>(tenon::Expected<void, ::kinds::exports::all::color>)>>
      all_same_bad;
  std::optional<tenon::TypedFunction<tenon::Expected<void, void>(tenon::Expected<void, void>)>>
      all_same_outcome;
  std::optional<tenon::TypedFunction<std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>(std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>)>>
      all_same_tuple;
  std::optional<tenon::TypedFunction<::kinds::exports::all::item(::kinds::exports::all::item)>>
      all_same_item;
  std::optional<tenon::TypedFunction<::kinds::exports::all::shape(::kinds::exports::all::shape)>>
      all_same_shape;
  std::optional<tenon::TypedFunction<::kinds::exports::all::color(::kinds::exports::all::color)>>
      all_same_color;
  std::optional<tenon::TypedFunction<std::vector<::kinds::exports::all::color>(std::span<const ::kinds::exports::all::color>)>>
      all_same_colors;
  std::optional<tenon::TypedFunction<::kinds::exports::all::access(::kinds::exports::all::access)>>
      all_same_access;
  std::optional<tenon::TypedFunction<::kinds::exports::all::pair(::kinds::exports::all::pair)>>
      all_same_pair;
  std::optional<tenon::TypedFunction<::kinds::exports::nodes::node(std::uint32_t)>>
      nodes_make_node;
  std::optional<tenon::TypedFunction<tenon::Expected<::kinds::exports::nodes::node, std::string>(std::uint32_t)>>
      nodes_node_try_make;
  std::optional<tenon::TypedFunction<std::vector<::kinds::exports::nodes::node>(std::vector<::kinds::exports::nodes::node>)>>
      nodes_turn;
  std::optional<tenon::TypedFunction<tenon::Expected<std::tuple<std::string, ::kinds::exports::nodes::node>, ::kinds::exports::nodes::holder>(::kinds::exports::nodes::holder)>>
      nodes_unwrap;
  std::optional<tenon::TypedFunction<std::uint32_t()>>
      nodes_alive;
  std::optional<tenon::TypedFunction<void(tenon::Borrow, ::kinds::exports::all::color)>>
      nodes_node_paint;
  std::optional<tenon::TypedFunction<::kinds::exports::all::color(tenon::Borrow)>>
      nodes_node_color;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow)>>
      nodes_node_value;
  std::optional<tenon::TypedFunction<std::uint32_t(tenon::Borrow, std::vector<tenon::Borrow>)>>
      nodes_node_join;
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
  find(all->nodes_make_node, "demo:kinds/nodes@1.0.0", "[constructor]node");
  find(all->nodes_node_try_make, "demo:kinds/nodes@1.0.0", "[static]node.try-make");
  find(all->nodes_turn, "demo:kinds/nodes@1.0.0", "turn");
  find(all->nodes_unwrap, "demo:kinds/nodes@1.0.0", "unwrap");
  find(all->nodes_alive, "demo:kinds/nodes@1.0.0", "alive");
  find(all->nodes_node_paint, "demo:kinds/nodes@1.0.0", "[method]node.paint");
  find(all->nodes_node_color, "demo:kinds/nodes@1.0.0", "[method]node.color");
  find(all->nodes_node_value, "demo:kinds/nodes@1.0.0", "[method]node.value");
  find(all->nodes_node_join, "demo:kinds/nodes@1.0.0", "[method]node.join");
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
}  // namespace kinds::detail

// demo:kinds/all@1.0.0
namespace kinds::exports::all {

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

tenon::CallResult<::kinds::exports::all::id> functions::same_id(
      ::kinds::exports::all::id value) const {
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

tenon::CallResult<::kinds::exports::all::words> functions::same_words(
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

tenon::CallResult<tenon::Expected<void, ::kinds::exports::all::color>> functions::same_bad(
      const tenon::Expected<void, ::kinds::exports::all::color>& value) const {
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

tenon::CallResult<::kinds::exports::all::item> functions::same_item(
      const ::kinds::exports::all::item& value) const {
  return (*all_->all_same_item)(value);
}

tenon::CallResult<::kinds::exports::all::shape> functions::same_shape(
      const ::kinds::exports::all::shape& value) const {
  return (*all_->all_same_shape)(value);
}

tenon::CallResult<::kinds::exports::all::color> functions::same_color(
      ::kinds::exports::all::color value) const {
  return (*all_->all_same_color)(value);
}

tenon::CallResult<std::vector<::kinds::exports::all::color>> functions::same_colors(
      std::span<const ::kinds::exports::all::color> value) const {
  return (*all_->all_same_colors)(value);
}

tenon::CallResult<::kinds::exports::all::access> functions::same_access(
      const ::kinds::exports::all::access& value) const {
  return (*all_->all_same_access)(value);
}

tenon::CallResult<::kinds::exports::all::pair> functions::same_pair(
      const ::kinds::exports::all::pair& value) const {
  return (*all_->all_same_pair)(value);
}
}  // namespace kinds::exports::all

// demo:kinds/nodes@1.0.0
namespace kinds::exports::nodes {

tenon::CallResult<::kinds::exports::nodes::node> functions::make_node(std::uint32_t value) const {
  return (*all_->nodes_make_node)(value);
}

tenon::CallResult<tenon::Expected<::kinds::exports::nodes::node, std::string>> functions::node_try_make(
      std::uint32_t value) const {
  return (*all_->nodes_node_try_make)(value);
}

tenon::CallResult<std::vector<::kinds::exports::nodes::node>> functions::turn(
      std::vector<::kinds::exports::nodes::node> all) const {
  return (*all_->nodes_turn)(std::move(all));
}

tenon::CallResult<tenon::Expected<std::tuple<std::string, ::kinds::exports::nodes::node>, ::kinds::exports::nodes::holder>> functions::unwrap(
      ::kinds::exports::nodes::holder holder) const {
  return (*all_->nodes_unwrap)(std::move(holder));
}

tenon::CallResult<std::uint32_t> functions::alive() const {
  return (*all_->nodes_alive)();
}

node::node(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions)
    : tenon::Resource(std::move(resource)),
      functions_(std::static_pointer_cast<const detail::functions>(std::move(functions))) {}

tenon::CallResult<void> node::paint(::kinds::exports::all::color color) const {
  if (functions_ == nullptr) return detail::refuse<void>("demo:kinds/nodes@1.0.0#[method]node.paint");
  return (*functions_->nodes_node_paint)(*this, color);
}

tenon::CallResult<::kinds::exports::all::color> node::color() const {
  if (functions_ == nullptr) return detail::refuse<::kinds::exports::all::color>("demo:kinds/nodes@1.0.0#[method]node.color");
  return (*functions_->nodes_node_color)(*this);
}

tenon::CallResult<std::uint32_t> node::value() const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("demo:kinds/nodes@1.0.0#[method]node.value");
  return (*functions_->nodes_node_value)(*this);
}

tenon::CallResult<std::uint32_t> node::join(std::vector<tenon::Borrow> others) const {
  if (functions_ == nullptr) return detail::refuse<std::uint32_t>("demo:kinds/nodes@1.0.0#[method]node.join");
  return (*functions_->nodes_node_join)(*this, std::move(others));
}
}  // namespace kinds::exports::nodes

namespace kinds {

instance::instance(const std::shared_ptr<const detail::functions>& all_)
    : all(all_), nodes(all_) {}

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

}  // namespace kinds
