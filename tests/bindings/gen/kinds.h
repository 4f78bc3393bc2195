// Made by `tenon bindgen cpp` from the WIT of demo:kinds/host@1.0.0. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace tenon {
class Composition;
class CompositionBuilder;
class Unit;
}  // namespace tenon
namespace tenon::detail {
struct ResourceFunctions;
}
namespace kinds::detail {
struct functions;
}

// demo:kinds/all@1.0.0
namespace kinds::exports::all {
struct item;
struct shape;
enum class color : std::uint32_t;
struct access;
struct pair;
using words = std::vector<std::string>;
using id = std::uint64_t;
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  std::vector<std::uint8_t> blob = {};
  std::vector<bool> flags = {};
  bool operator==(const item&) const = default;
};
TENON_RECORD(item, name, price, tags, blob, flags)
struct shape {
  struct empty {
    bool operator==(const empty&) const = default;
  };
  struct number {
    double value;
    bool operator==(const number&) const = default;
  };
  struct text {
    std::string value;
    bool operator==(const text&) const = default;
  };
  struct other_text {
    std::string value;
    bool operator==(const other_text&) const = default;
  };
  struct items {
    std::vector<item> value;
    bool operator==(const items&) const = default;
  };
  struct letter {
    char32_t value;
    bool operator==(const letter&) const = default;
  };
  enum class cases { empty, number, text, other_text, items, letter };
  shape() = default;
  shape(empty init_) : which(std::move(init_)) {}
  shape(number init_) : which(std::move(init_)) {}
  shape(text init_) : which(std::move(init_)) {}
  shape(other_text init_) : which(std::move(init_)) {}
  shape(items init_) : which(std::move(init_)) {}
  shape(letter init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const shape&) const = default;
  std::variant<empty, number, text, other_text, items, letter> which;
};
TENON_VARIANT(shape, empty, number, text, other_text, items, letter)
enum class color : std::uint32_t {
  red,
  green,
  blue,
};
TENON_ENUM(color, red, green, blue)
struct access {
  bool read = false;
  bool write = false;
  bool execute = false;
  bool a4 = false;
  bool a5 = false;
  bool a6 = false;
  bool a7 = false;
  bool a8 = false;
  bool a9 = false;
  bool a10 = false;
  bool a11 = false;
  bool a12 = false;
  bool a13 = false;
  bool a14 = false;
  bool a15 = false;
  bool a16 = false;
  bool a17 = false;
  bool a18 = false;
  bool a19 = false;
  bool a20 = false;
  bool a21 = false;
  bool a22 = false;
  bool a23 = false;
  bool a24 = false;
  bool a25 = false;
  bool a26 = false;
  bool a27 = false;
  bool a28 = false;
  bool a29 = false;
  bool a30 = false;
  bool a31 = false;
  bool last = false;
  bool operator==(const access&) const = default;
};
TENON_FLAGS(access, read, write, execute, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, last)
struct pair {
  shape left = {};
  std::tuple<color, access> right = {};
  bool operator==(const pair&) const = default;
};
TENON_RECORD(pair, left, right)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // same-bool: func(value: bool) -> bool;
  [[nodiscard]] tenon::CallResult<bool> same_bool(bool value) const;

  // same-s8: func(value: s8) -> s8;
  [[nodiscard]] tenon::CallResult<std::int8_t> same_s8(std::int8_t value) const;

  // same-u8: func(value: u8) -> u8;
  [[nodiscard]] tenon::CallResult<std::uint8_t> same_u8(std::uint8_t value) const;

  // same-s16: func(value: s16) -> s16;
  [[nodiscard]] tenon::CallResult<std::int16_t> same_s16(std::int16_t value) const;

  // same-u16: func(value: u16) -> u16;
  [[nodiscard]] tenon::CallResult<std::uint16_t> same_u16(std::uint16_t value) const;

  // same-s32: func(value: s32) -> s32;
  [[nodiscard]] tenon::CallResult<std::int32_t> same_s32(std::int32_t value) const;

  // same-u32: func(value: u32) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> same_u32(std::uint32_t value) const;

  // same-s64: func(value: s64) -> s64;
  [[nodiscard]] tenon::CallResult<std::int64_t> same_s64(std::int64_t value) const;

  // same-u64: func(value: u64) -> u64;
  [[nodiscard]] tenon::CallResult<std::uint64_t> same_u64(std::uint64_t value) const;

  // same-f32: func(value: f32) -> f32;
  [[nodiscard]] tenon::CallResult<float> same_f32(float value) const;

  // same-f64: func(value: f64) -> f64;
  [[nodiscard]] tenon::CallResult<double> same_f64(double value) const;

  // same-char: func(value: char) -> char;
  [[nodiscard]] tenon::CallResult<char32_t> same_char(char32_t value) const;

  // same-string: func(value: string) -> string;
  [[nodiscard]] tenon::CallResult<std::string> same_string(std::string_view value) const;

  // same-id: func(value: id) -> id;
  [[nodiscard]] tenon::CallResult<id> same_id(id value) const;

  // same-bools: func(value: list<bool>) -> list<bool>;
  [[nodiscard]] tenon::CallResult<std::vector<bool>> same_bools(
      const std::vector<bool>& value) const;

  // same-bytes: func(value: list<u8>) -> list<u8>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint8_t>> same_bytes(
      std::span<const std::uint8_t> value) const;

  // same-shorts: func(value: list<s16>) -> list<s16>;
  [[nodiscard]] tenon::CallResult<std::vector<std::int16_t>> same_shorts(
      std::span<const std::int16_t> value) const;

  // same-longs: func(value: list<u64>) -> list<u64>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint64_t>> same_longs(
      std::span<const std::uint64_t> value) const;

  // same-floats: func(value: list<f32>) -> list<f32>;
  [[nodiscard]] tenon::CallResult<std::vector<float>> same_floats(
      std::span<const float> value) const;

  // same-doubles: func(value: list<f64>) -> list<f64>;
  [[nodiscard]] tenon::CallResult<std::vector<double>> same_doubles(
      std::span<const double> value) const;

  // same-chars: func(value: list<char>) -> list<char>;
  [[nodiscard]] tenon::CallResult<std::vector<char32_t>> same_chars(
      std::span<const char32_t> value) const;

  // same-strings: func(value: list<string>) -> list<string>;
  [[nodiscard]] tenon::CallResult<std::vector<std::string>> same_strings(
      std::span<const std::string> value) const;

  // same-words: func(value: words) -> words;
  [[nodiscard]] tenon::CallResult<words> same_words(std::span<const std::string> value) const;

  // same-deep: func(value: list<list<string>>) -> list<list<string>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::vector<std::string>>> same_deep(
      std::span<const std::vector<std::string>> value) const;

  // same-blobs: func(value: list<list<u8>>) -> list<list<u8>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::vector<std::uint8_t>>> same_blobs(
      std::span<const std::vector<std::uint8_t>> value) const;

  // same-quad: func(value: list<u8, 4>) -> list<u8, 4>;
  [[nodiscard]] tenon::CallResult<std::array<std::uint8_t, 4>> same_quad(
      const std::array<std::uint8_t, 4>& value) const;

  // same-twins: func(value: list<string, 2>) -> list<string, 2>;
  [[nodiscard]] tenon::CallResult<std::array<std::string, 2>> same_twins(
      const std::array<std::string, 2>& value) const;

  // same-map: func(value: map<string, u32>) -> map<string, u32>;
  [[nodiscard]] tenon::CallResult<std::vector<std::pair<std::string, std::uint32_t>>> same_map(
      const std::vector<std::pair<std::string, std::uint32_t>>& value) const;

  // same-option: func(value: option<string>) -> option<string>;
  [[nodiscard]] tenon::CallResult<std::optional<std::string>> same_option(
      const std::optional<std::string>& value) const;

  // same-options: func(value: option<option<u32>>) -> option<option<u32>>;
  [[nodiscard]] tenon::CallResult<std::optional<std::optional<std::uint32_t>>> same_options(
      const std::optional<std::optional<std::uint32_t>>& value) const;

  // same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::vector<std::uint8_t>, std::string>> same_result(
      const tenon::Expected<std::vector<std::uint8_t>, std::string>& value) const;

  // same-fine: func(value: result<string>) -> result<string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::string, void>> same_fine(
      const tenon::Expected<std::string, void>& value) const;

  // same-bad: func(value: result<_, color>) -> result<_, color>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<void, color>> same_bad(
      const tenon::Expected<void, color>& value) const;

  // same-outcome: func(value: result) -> result;
  [[nodiscard]] tenon::CallResult<tenon::Expected<void, void>> same_outcome(
      const tenon::Expected<void, void>& value) const;

  // same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>> same_tuple(
      const std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>& value) const;

  // same-item: func(value: item) -> item;
  [[nodiscard]] tenon::CallResult<item> same_item(const item& value) const;

  // same-shape: func(value: shape) -> shape;
  [[nodiscard]] tenon::CallResult<shape> same_shape(const shape& value) const;

  // same-color: func(value: color) -> color;
  [[nodiscard]] tenon::CallResult<color> same_color(color value) const;

  // same-colors: func(value: list<color>) -> list<color>;
  [[nodiscard]] tenon::CallResult<std::vector<color>> same_colors(
      std::span<const color> value) const;

  // same-access: func(value: access) -> access;
  [[nodiscard]] tenon::CallResult<access> same_access(const access& value) const;

  // same-pair: func(value: pair) -> pair;
  [[nodiscard]] tenon::CallResult<pair> same_pair(const pair& value) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace kinds::exports::all

// demo:kinds/nodes@1.0.0
namespace kinds::exports::nodes {
class node;
struct holder;
using color = ::kinds::exports::all::color;

// A resource of a unit. Destroying it drops the resource.
class node final : public tenon::Resource {
 public:
  static constexpr std::string_view resource_name = "node";
  node() = default;
  // functions: those of the unit; null for an item of a stream, whose methods then fail.
  node(tenon::Resource resource, std::shared_ptr<const tenon::detail::ResourceFunctions> functions);

  // paint: func(color: color);
  [[nodiscard]] tenon::CallResult<void> paint(::kinds::exports::all::color color) const;

  // color: func() -> color;
  [[nodiscard]] tenon::CallResult<::kinds::exports::all::color> color() const;

  // value: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> value() const;

  // join: func(others: list<borrow<node>>) -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> join(std::vector<tenon::Borrow> others) const;

 private:
  std::shared_ptr<const detail::functions> functions_;
};
struct holder {
  std::string label = {};
  std::optional<node> held = {};
};
TENON_RECORD(holder, label, held)

// The functions of a unit. Copies refer to the same ones.
class functions final {
 public:
  explicit functions(std::shared_ptr<const detail::functions> all) : all_(std::move(all)) {}

  // constructor(value: u32);
  [[nodiscard]] tenon::CallResult<node> make_node(std::uint32_t value) const;

  // try-make: static func(value: u32) -> result<node, string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<node, std::string>> node_try_make(
      std::uint32_t value) const;

  // turn: func(all: list<node>) -> list<node>;
  [[nodiscard]] tenon::CallResult<std::vector<node>> turn(std::vector<node> all) const;

  // unwrap: func(holder: holder) -> result<tuple<string, node>, holder>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::tuple<std::string, node>, ::kinds::exports::nodes::holder>> unwrap(
      ::kinds::exports::nodes::holder holder) const;

  // alive: func() -> u32;
  [[nodiscard]] tenon::CallResult<std::uint32_t> alive() const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace kinds::exports::nodes

namespace kinds {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::all::functions all;
  exports::nodes::functions nodes;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace kinds
