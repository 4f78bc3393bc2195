// Made by `tenon bindgen cpp` from the WIT of demo:bindings/values@1.0.0. Do not edit.
#pragma once

#include <tenon/record.h>
#include <tenon/result.h>
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
namespace values::detail {
struct functions;
}

// demo:values/same@1.0.0
namespace values::same {
struct item;
struct shape;
enum class color : std::uint32_t;
struct wide;
struct meters;
struct keywords;
struct joined;
struct rights;
struct many;
struct node;
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  bool operator==(const item&) const = default;
};
TENON_RECORD(item, name, price, tags)
struct shape {
  struct none {
    bool operator==(const none&) const = default;
  };
  struct circle {
    double value;
    bool operator==(const circle&) const = default;
  };
  struct named {
    std::tuple<std::string, item> value;
    bool operator==(const named&) const = default;
  };
  struct def {
    std::vector<std::uint16_t> value;
    bool operator==(const def&) const = default;
  };
  enum class cases { none, circle, named, def };
  shape() = default;
  shape(none init_) : which(std::move(init_)) {}
  shape(circle init_) : which(std::move(init_)) {}
  shape(named init_) : which(std::move(init_)) {}
  shape(def init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const shape&) const = default;
  std::variant<none, circle, named, def> which;
};
TENON_VARIANT(shape, none, circle, named, def)
enum class color : std::uint32_t {
  red,
  hot_pink,
  none,
  lambda,
  default_,
  nil,
};
TENON_ENUM(color, red, hot_pink, none, lambda, default_, nil)
struct wide {
  std::int8_t a = 0;
  std::uint64_t b = 0;
  bool c = false;
  float d = 0;
  char32_t e = 0;
  std::int16_t f = 0;
  bool operator==(const wide&) const = default;
};
TENON_RECORD(wide, a, b, c, d, e, f)
struct meters {
  float length = 0;
  bool operator==(const meters&) const = default;
};
TENON_RECORD(meters, length)
struct keywords {
  std::uint8_t from = 0;
  std::uint8_t import = 0;
  std::uint8_t pass = 0;
  std::uint8_t is = 0;
  std::uint8_t match = 0;
  std::uint8_t self = 0;
  std::uint8_t type = 0;
  std::uint8_t func = 0;
  std::uint8_t range = 0;
  std::uint8_t chan = 0;
  std::uint8_t int_ = 0;
  std::uint8_t delete_ = 0;
  std::uint8_t this_ = 0;
  std::uint8_t class_ = 0;
  std::uint8_t typeof_ = 0;
  std::uint8_t fn = 0;
  std::uint8_t record = 0;
  std::uint8_t x_y = 0;
  bool operator==(const keywords&) const = default;
};
TENON_RECORD(keywords, from, import, pass, is, match, self, type, func, range, chan, int_, delete_, this_, class_, typeof_, fn, record, x_y)
struct joined {
  struct float_ {
    float value;
    bool operator==(const float_&) const = default;
  };
  struct long_ {
    std::int64_t value;
    bool operator==(const long_&) const = default;
  };
  struct double_ {
    double value;
    bool operator==(const double_&) const = default;
  };
  struct string {
    std::string value;
    bool operator==(const string&) const = default;
  };
  struct byte {
    std::uint8_t value;
    bool operator==(const byte&) const = default;
  };
  struct nothing {
    bool operator==(const nothing&) const = default;
  };
  struct pair {
    std::tuple<float, double> value;
    bool operator==(const pair&) const = default;
  };
  struct chan {
    std::optional<std::uint64_t> value;
    bool operator==(const chan&) const = default;
  };
  enum class cases { float_, long_, double_, string, byte, nothing, pair, chan };
  joined() = default;
  joined(float_ init_) : which(std::move(init_)) {}
  joined(long_ init_) : which(std::move(init_)) {}
  joined(double_ init_) : which(std::move(init_)) {}
  joined(string init_) : which(std::move(init_)) {}
  joined(byte init_) : which(std::move(init_)) {}
  joined(nothing init_) : which(std::move(init_)) {}
  joined(pair init_) : which(std::move(init_)) {}
  joined(chan init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const joined&) const = default;
  std::variant<float_, long_, double_, string, byte, nothing, pair, chan> which;
};
TENON_VARIANT(joined, float_, long_, double_, string, byte, nothing, pair, chan)
struct rights {
  bool read = false;
  bool write = false;
  bool async = false;
  bool static_ = false;
  bool none = false;
  bool operator==(const rights&) const = default;
};
TENON_FLAGS(rights, read, write, async, static_, none)
struct many {
  bool f0 = false;
  bool f1 = false;
  bool f2 = false;
  bool f3 = false;
  bool f4 = false;
  bool f5 = false;
  bool f6 = false;
  bool f7 = false;
  bool f8 = false;
  bool f9 = false;
  bool f10 = false;
  bool f11 = false;
  bool f12 = false;
  bool f13 = false;
  bool f14 = false;
  bool f15 = false;
  bool f16 = false;
  bool f17 = false;
  bool f18 = false;
  bool f19 = false;
  bool f20 = false;
  bool f21 = false;
  bool f22 = false;
  bool f23 = false;
  bool f24 = false;
  bool f25 = false;
  bool f26 = false;
  bool f27 = false;
  bool f28 = false;
  bool f29 = false;
  bool f30 = false;
  bool f31 = false;
  bool operator==(const many&) const = default;
};
TENON_FLAGS(many, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31)
struct node {
  ::values::same::shape shape = {};
  std::vector<color> colors = {};
  ::values::same::rights rights = {};
  std::vector<std::optional<tenon::Expected<item, color>>> kids = {};
  bool operator==(const node&) const = default;
};
TENON_RECORD(node, shape, colors, rights, kids)

// The functions that the program provides. An exception is a trap in the unit that called.
class host {
 public:
  host() = default;
  host(const host&) = delete;
  host& operator=(const host&) = delete;
  virtual ~host() = default;

  // same-bool: func(value: bool) -> bool;
  virtual bool same_bool(bool value) = 0;

  // same-s8: func(value: s8) -> s8;
  virtual std::int8_t same_s8(std::int8_t value) = 0;

  // same-u8: func(value: u8) -> u8;
  virtual std::uint8_t same_u8(std::uint8_t value) = 0;

  // same-s16: func(value: s16) -> s16;
  virtual std::int16_t same_s16(std::int16_t value) = 0;

  // same-u16: func(value: u16) -> u16;
  virtual std::uint16_t same_u16(std::uint16_t value) = 0;

  // same-s32: func(value: s32) -> s32;
  virtual std::int32_t same_s32(std::int32_t value) = 0;

  // same-u32: func(value: u32) -> u32;
  virtual std::uint32_t same_u32(std::uint32_t value) = 0;

  // same-s64: func(value: s64) -> s64;
  virtual std::int64_t same_s64(std::int64_t value) = 0;

  // same-u64: func(value: u64) -> u64;
  virtual std::uint64_t same_u64(std::uint64_t value) = 0;

  // same-f32: func(value: f32) -> f32;
  virtual float same_f32(float value) = 0;

  // same-f64: func(value: f64) -> f64;
  virtual double same_f64(double value) = 0;

  // same-char: func(value: char) -> char;
  virtual char32_t same_char(char32_t value) = 0;

  // same-string: func(value: string) -> string;
  virtual std::string same_string(std::string_view value) = 0;

  // same-bools: func(value: list<bool>) -> list<bool>;
  virtual std::vector<bool> same_bools(std::vector<bool> value) = 0;

  // same-bytes: func(value: list<u8>) -> list<u8>;
  virtual std::vector<std::uint8_t> same_bytes(std::span<const std::uint8_t> value) = 0;

  // same-signed: func(value: list<s8>) -> list<s8>;
  virtual std::vector<std::int8_t> same_signed(std::span<const std::int8_t> value) = 0;

  // same-halves: func(value: list<s16>) -> list<s16>;
  virtual std::vector<std::int16_t> same_halves(std::span<const std::int16_t> value) = 0;

  // same-words: func(value: list<u16>) -> list<u16>;
  virtual std::vector<std::uint16_t> same_words(std::span<const std::uint16_t> value) = 0;

  // same-integers: func(value: list<s32>) -> list<s32>;
  virtual std::vector<std::int32_t> same_integers(std::span<const std::int32_t> value) = 0;

  // same-numbers: func(value: list<u32>) -> list<u32>;
  virtual std::vector<std::uint32_t> same_numbers(std::span<const std::uint32_t> value) = 0;

  // same-differences: func(value: list<s64>) -> list<s64>;
  virtual std::vector<std::int64_t> same_differences(std::span<const std::int64_t> value) = 0;

  // same-longs: func(value: list<u64>) -> list<u64>;
  virtual std::vector<std::uint64_t> same_longs(std::span<const std::uint64_t> value) = 0;

  // same-singles: func(value: list<f32>) -> list<f32>;
  virtual std::vector<float> same_singles(std::span<const float> value) = 0;

  // same-doubles: func(value: list<f64>) -> list<f64>;
  virtual std::vector<double> same_doubles(std::span<const double> value) = 0;

  // same-chars: func(value: list<char>) -> list<char>;
  virtual std::vector<char32_t> same_chars(std::span<const char32_t> value) = 0;

  // same-strings: func(value: list<string>) -> list<string>;
  virtual std::vector<std::string> same_strings(std::vector<std::string> value) = 0;

  // same-deep: func(value: list<list<list<u8>>>) -> list<list<list<u8>>>;
  virtual std::vector<std::vector<std::vector<std::uint8_t>>> same_deep(
      std::vector<std::vector<std::vector<std::uint8_t>>> value) = 0;

  // same-items: func(value: list<item>) -> list<item>;
  virtual std::vector<item> same_items(std::vector<item> value) = 0;

  // same-shapes: func(value: list<shape>) -> list<shape>;
  virtual std::vector<::values::same::shape> same_shapes(
      std::vector<::values::same::shape> value) = 0;

  // same-colors: func(value: list<color>) -> list<color>;
  virtual std::vector<color> same_colors(std::vector<color> value) = 0;

  // same-options: func(value: list<option<u32>>) -> list<option<u32>>;
  virtual std::vector<std::optional<std::uint32_t>> same_options(
      std::vector<std::optional<std::uint32_t>> value) = 0;

  // same-outcomes: func(value: list<result<u32, string>>) -> list<result<u32, string>>;
  virtual std::vector<tenon::Expected<std::uint32_t, std::string>> same_outcomes(
      std::vector<tenon::Expected<std::uint32_t, std::string>> value) = 0;

  // same-silent: func(value: list<result>) -> list<result>;
  virtual std::vector<tenon::Expected<void, void>> same_silent(
      std::vector<tenon::Expected<void, void>> value) = 0;

  // same-pair: func(value: tuple<u8, string>) -> tuple<u8, string>;
  virtual std::tuple<std::uint8_t, std::string> same_pair(
      std::tuple<std::uint8_t, std::string> value) = 0;

  // same-single: func(value: tuple<s64>) -> tuple<s64>;
  virtual std::tuple<std::int64_t> same_single(std::tuple<std::int64_t> value) = 0;

  // same-tuple: func(value: tuple<tuple<s8, f32>, option<tuple<bool, char>>>) -> tuple<tuple<s8, f32>, option<tuple<bool, char>>>;
  virtual std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>> same_tuple(
      std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>> value) = 0;

  // same-spilled: func(value: tuple<u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, string>) -> tuple<u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, string>;
  virtual std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string> same_spilled(
      std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string> value) = 0;

  // same-option: func(value: option<string>) -> option<string>;
  virtual std::optional<std::string> same_option(std::optional<std::string> value) = 0;

  // same-number: func(value: option<u64>) -> option<u64>;
  virtual std::optional<std::uint64_t> same_number(std::optional<std::uint64_t> value) = 0;

  // same-nested: func(value: option<option<option<u8>>>) -> option<option<option<u8>>>;
  virtual std::optional<std::optional<std::optional<std::uint8_t>>> same_nested(
      std::optional<std::optional<std::optional<std::uint8_t>>> value) = 0;

  // same-result: func(value: result<u32, string>) -> result<u32, string>;
  virtual tenon::Expected<std::uint32_t, std::string> same_result(
      tenon::Expected<std::uint32_t, std::string> value) = 0;

  // same-fine: func(value: result<string>) -> result<string>;
  virtual tenon::Expected<std::string, void> same_fine(
      tenon::Expected<std::string, void> value) = 0;

  // same-bad: func(value: result<_, color>) -> result<_, color>;
  virtual tenon::Expected<void, color> same_bad(tenon::Expected<void, color> value) = 0;

  // same-outcome: func(value: result) -> result;
  virtual tenon::Expected<void, void> same_outcome(tenon::Expected<void, void> value) = 0;

  // same-results: func(value: result<list<u64>, option<bool>>) -> result<list<u64>, option<bool>>;
  virtual tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>> same_results(
      tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>> value) = 0;

  // same-item: func(value: item) -> item;
  virtual item same_item(item value) = 0;

  // same-wide: func(value: wide) -> wide;
  virtual wide same_wide(wide value) = 0;

  // same-meters: func(value: meters) -> meters;
  virtual meters same_meters(meters value) = 0;

  // same-keywords: func(value: keywords) -> keywords;
  virtual keywords same_keywords(keywords value) = 0;

  // same-shape: func(value: shape) -> shape;
  virtual ::values::same::shape same_shape(::values::same::shape value) = 0;

  // same-joined: func(value: joined) -> joined;
  virtual joined same_joined(joined value) = 0;

  // same-color: func(value: color) -> color;
  virtual color same_color(color value) = 0;

  // same-rights: func(value: rights) -> rights;
  virtual ::values::same::rights same_rights(::values::same::rights value) = 0;

  // same-many: func(value: many) -> many;
  virtual many same_many(many value) = 0;

  // same-node: func(value: node) -> node;
  virtual node same_node(node value) = 0;

  // same-nodes: func(value: list<option<node>>) -> list<option<node>>;
  virtual std::vector<std::optional<node>> same_nodes(std::vector<std::optional<node>> value) = 0;
};
// consumers: the units that get these functions; empty: all.
void provide(tenon::CompositionBuilder& builder, std::shared_ptr<host> to,
             const std::vector<std::string>& consumers = {});
}  // namespace values::same

// demo:values/same@1.0.0
namespace values::exports::same {
struct item;
struct shape;
enum class color : std::uint32_t;
struct wide;
struct meters;
struct keywords;
struct joined;
struct rights;
struct many;
struct node;
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  bool operator==(const item&) const = default;
};
TENON_RECORD(item, name, price, tags)
struct shape {
  struct none {
    bool operator==(const none&) const = default;
  };
  struct circle {
    double value;
    bool operator==(const circle&) const = default;
  };
  struct named {
    std::tuple<std::string, item> value;
    bool operator==(const named&) const = default;
  };
  struct def {
    std::vector<std::uint16_t> value;
    bool operator==(const def&) const = default;
  };
  enum class cases { none, circle, named, def };
  shape() = default;
  shape(none init_) : which(std::move(init_)) {}
  shape(circle init_) : which(std::move(init_)) {}
  shape(named init_) : which(std::move(init_)) {}
  shape(def init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const shape&) const = default;
  std::variant<none, circle, named, def> which;
};
TENON_VARIANT(shape, none, circle, named, def)
enum class color : std::uint32_t {
  red,
  hot_pink,
  none,
  lambda,
  default_,
  nil,
};
TENON_ENUM(color, red, hot_pink, none, lambda, default_, nil)
struct wide {
  std::int8_t a = 0;
  std::uint64_t b = 0;
  bool c = false;
  float d = 0;
  char32_t e = 0;
  std::int16_t f = 0;
  bool operator==(const wide&) const = default;
};
TENON_RECORD(wide, a, b, c, d, e, f)
struct meters {
  float length = 0;
  bool operator==(const meters&) const = default;
};
TENON_RECORD(meters, length)
struct keywords {
  std::uint8_t from = 0;
  std::uint8_t import = 0;
  std::uint8_t pass = 0;
  std::uint8_t is = 0;
  std::uint8_t match = 0;
  std::uint8_t self = 0;
  std::uint8_t type = 0;
  std::uint8_t func = 0;
  std::uint8_t range = 0;
  std::uint8_t chan = 0;
  std::uint8_t int_ = 0;
  std::uint8_t delete_ = 0;
  std::uint8_t this_ = 0;
  std::uint8_t class_ = 0;
  std::uint8_t typeof_ = 0;
  std::uint8_t fn = 0;
  std::uint8_t record = 0;
  std::uint8_t x_y = 0;
  bool operator==(const keywords&) const = default;
};
TENON_RECORD(keywords, from, import, pass, is, match, self, type, func, range, chan, int_, delete_, this_, class_, typeof_, fn, record, x_y)
struct joined {
  struct float_ {
    float value;
    bool operator==(const float_&) const = default;
  };
  struct long_ {
    std::int64_t value;
    bool operator==(const long_&) const = default;
  };
  struct double_ {
    double value;
    bool operator==(const double_&) const = default;
  };
  struct string {
    std::string value;
    bool operator==(const string&) const = default;
  };
  struct byte {
    std::uint8_t value;
    bool operator==(const byte&) const = default;
  };
  struct nothing {
    bool operator==(const nothing&) const = default;
  };
  struct pair {
    std::tuple<float, double> value;
    bool operator==(const pair&) const = default;
  };
  struct chan {
    std::optional<std::uint64_t> value;
    bool operator==(const chan&) const = default;
  };
  enum class cases { float_, long_, double_, string, byte, nothing, pair, chan };
  joined() = default;
  joined(float_ init_) : which(std::move(init_)) {}
  joined(long_ init_) : which(std::move(init_)) {}
  joined(double_ init_) : which(std::move(init_)) {}
  joined(string init_) : which(std::move(init_)) {}
  joined(byte init_) : which(std::move(init_)) {}
  joined(nothing init_) : which(std::move(init_)) {}
  joined(pair init_) : which(std::move(init_)) {}
  joined(chan init_) : which(std::move(init_)) {}
  [[nodiscard]] cases which_case() const { return static_cast<cases>(which.index()); }
  bool operator==(const joined&) const = default;
  std::variant<float_, long_, double_, string, byte, nothing, pair, chan> which;
};
TENON_VARIANT(joined, float_, long_, double_, string, byte, nothing, pair, chan)
struct rights {
  bool read = false;
  bool write = false;
  bool async = false;
  bool static_ = false;
  bool none = false;
  bool operator==(const rights&) const = default;
};
TENON_FLAGS(rights, read, write, async, static_, none)
struct many {
  bool f0 = false;
  bool f1 = false;
  bool f2 = false;
  bool f3 = false;
  bool f4 = false;
  bool f5 = false;
  bool f6 = false;
  bool f7 = false;
  bool f8 = false;
  bool f9 = false;
  bool f10 = false;
  bool f11 = false;
  bool f12 = false;
  bool f13 = false;
  bool f14 = false;
  bool f15 = false;
  bool f16 = false;
  bool f17 = false;
  bool f18 = false;
  bool f19 = false;
  bool f20 = false;
  bool f21 = false;
  bool f22 = false;
  bool f23 = false;
  bool f24 = false;
  bool f25 = false;
  bool f26 = false;
  bool f27 = false;
  bool f28 = false;
  bool f29 = false;
  bool f30 = false;
  bool f31 = false;
  bool operator==(const many&) const = default;
};
TENON_FLAGS(many, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31)
struct node {
  ::values::exports::same::shape shape = {};
  std::vector<color> colors = {};
  ::values::exports::same::rights rights = {};
  std::vector<std::optional<tenon::Expected<item, color>>> kids = {};
  bool operator==(const node&) const = default;
};
TENON_RECORD(node, shape, colors, rights, kids)

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

  // same-bools: func(value: list<bool>) -> list<bool>;
  [[nodiscard]] tenon::CallResult<std::vector<bool>> same_bools(
      const std::vector<bool>& value) const;

  // same-bytes: func(value: list<u8>) -> list<u8>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint8_t>> same_bytes(
      std::span<const std::uint8_t> value) const;

  // same-signed: func(value: list<s8>) -> list<s8>;
  [[nodiscard]] tenon::CallResult<std::vector<std::int8_t>> same_signed(
      std::span<const std::int8_t> value) const;

  // same-halves: func(value: list<s16>) -> list<s16>;
  [[nodiscard]] tenon::CallResult<std::vector<std::int16_t>> same_halves(
      std::span<const std::int16_t> value) const;

  // same-words: func(value: list<u16>) -> list<u16>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint16_t>> same_words(
      std::span<const std::uint16_t> value) const;

  // same-integers: func(value: list<s32>) -> list<s32>;
  [[nodiscard]] tenon::CallResult<std::vector<std::int32_t>> same_integers(
      std::span<const std::int32_t> value) const;

  // same-numbers: func(value: list<u32>) -> list<u32>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint32_t>> same_numbers(
      std::span<const std::uint32_t> value) const;

  // same-differences: func(value: list<s64>) -> list<s64>;
  [[nodiscard]] tenon::CallResult<std::vector<std::int64_t>> same_differences(
      std::span<const std::int64_t> value) const;

  // same-longs: func(value: list<u64>) -> list<u64>;
  [[nodiscard]] tenon::CallResult<std::vector<std::uint64_t>> same_longs(
      std::span<const std::uint64_t> value) const;

  // same-singles: func(value: list<f32>) -> list<f32>;
  [[nodiscard]] tenon::CallResult<std::vector<float>> same_singles(
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

  // same-deep: func(value: list<list<list<u8>>>) -> list<list<list<u8>>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::vector<std::vector<std::uint8_t>>>> same_deep(
      std::span<const std::vector<std::vector<std::uint8_t>>> value) const;

  // same-items: func(value: list<item>) -> list<item>;
  [[nodiscard]] tenon::CallResult<std::vector<item>> same_items(
      std::span<const item> value) const;

  // same-shapes: func(value: list<shape>) -> list<shape>;
  [[nodiscard]] tenon::CallResult<std::vector<::values::exports::same::shape>> same_shapes(
      std::span<const ::values::exports::same::shape> value) const;

  // same-colors: func(value: list<color>) -> list<color>;
  [[nodiscard]] tenon::CallResult<std::vector<color>> same_colors(
      std::span<const color> value) const;

  // same-options: func(value: list<option<u32>>) -> list<option<u32>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::optional<std::uint32_t>>> same_options(
      std::span<const std::optional<std::uint32_t>> value) const;

  // same-outcomes: func(value: list<result<u32, string>>) -> list<result<u32, string>>;
  [[nodiscard]] tenon::CallResult<std::vector<tenon::Expected<std::uint32_t, std::string>>> same_outcomes(
      std::span<const tenon::Expected<std::uint32_t, std::string>> value) const;

  // same-silent: func(value: list<result>) -> list<result>;
  [[nodiscard]] tenon::CallResult<std::vector<tenon::Expected<void, void>>> same_silent(
      std::span<const tenon::Expected<void, void>> value) const;

  // same-pair: func(value: tuple<u8, string>) -> tuple<u8, string>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::uint8_t, std::string>> same_pair(
      const std::tuple<std::uint8_t, std::string>& value) const;

  // same-single: func(value: tuple<s64>) -> tuple<s64>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::int64_t>> same_single(
      const std::tuple<std::int64_t>& value) const;

  // same-tuple: func(value: tuple<tuple<s8, f32>, option<tuple<bool, char>>>) -> tuple<tuple<s8, f32>, option<tuple<bool, char>>>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>> same_tuple(
      const std::tuple<std::tuple<std::int8_t, float>, std::optional<std::tuple<bool, char32_t>>>& value) const;

  // same-spilled: func(value: tuple<u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, string>) -> tuple<u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, string>;
  [[nodiscard]] tenon::CallResult<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>> same_spilled(
      const std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::string>& value) const;

  // same-option: func(value: option<string>) -> option<string>;
  [[nodiscard]] tenon::CallResult<std::optional<std::string>> same_option(
      const std::optional<std::string>& value) const;

  // same-number: func(value: option<u64>) -> option<u64>;
  [[nodiscard]] tenon::CallResult<std::optional<std::uint64_t>> same_number(
      const std::optional<std::uint64_t>& value) const;

  // same-nested: func(value: option<option<option<u8>>>) -> option<option<option<u8>>>;
  [[nodiscard]] tenon::CallResult<std::optional<std::optional<std::optional<std::uint8_t>>>> same_nested(
      const std::optional<std::optional<std::optional<std::uint8_t>>>& value) const;

  // same-result: func(value: result<u32, string>) -> result<u32, string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::uint32_t, std::string>> same_result(
      const tenon::Expected<std::uint32_t, std::string>& value) const;

  // same-fine: func(value: result<string>) -> result<string>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::string, void>> same_fine(
      const tenon::Expected<std::string, void>& value) const;

  // same-bad: func(value: result<_, color>) -> result<_, color>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<void, color>> same_bad(
      const tenon::Expected<void, color>& value) const;

  // same-outcome: func(value: result) -> result;
  [[nodiscard]] tenon::CallResult<tenon::Expected<void, void>> same_outcome(
      const tenon::Expected<void, void>& value) const;

  // same-results: func(value: result<list<u64>, option<bool>>) -> result<list<u64>, option<bool>>;
  [[nodiscard]] tenon::CallResult<tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>> same_results(
      const tenon::Expected<std::vector<std::uint64_t>, std::optional<bool>>& value) const;

  // same-item: func(value: item) -> item;
  [[nodiscard]] tenon::CallResult<item> same_item(const item& value) const;

  // same-wide: func(value: wide) -> wide;
  [[nodiscard]] tenon::CallResult<wide> same_wide(const wide& value) const;

  // same-meters: func(value: meters) -> meters;
  [[nodiscard]] tenon::CallResult<meters> same_meters(const meters& value) const;

  // same-keywords: func(value: keywords) -> keywords;
  [[nodiscard]] tenon::CallResult<keywords> same_keywords(const keywords& value) const;

  // same-shape: func(value: shape) -> shape;
  [[nodiscard]] tenon::CallResult<::values::exports::same::shape> same_shape(
      const ::values::exports::same::shape& value) const;

  // same-joined: func(value: joined) -> joined;
  [[nodiscard]] tenon::CallResult<joined> same_joined(const joined& value) const;

  // same-color: func(value: color) -> color;
  [[nodiscard]] tenon::CallResult<color> same_color(color value) const;

  // same-rights: func(value: rights) -> rights;
  [[nodiscard]] tenon::CallResult<::values::exports::same::rights> same_rights(
      const ::values::exports::same::rights& value) const;

  // same-many: func(value: many) -> many;
  [[nodiscard]] tenon::CallResult<many> same_many(const many& value) const;

  // same-node: func(value: node) -> node;
  [[nodiscard]] tenon::CallResult<node> same_node(const node& value) const;

  // same-nodes: func(value: list<option<node>>) -> list<option<node>>;
  [[nodiscard]] tenon::CallResult<std::vector<std::optional<node>>> same_nodes(
      std::span<const std::optional<node>> value) const;

 private:
  std::shared_ptr<const detail::functions> all_;
};
}  // namespace values::exports::same

namespace values {
// The exports of a composition or of one unit.
class instance final {
 public:
  // Looks up all functions. Errors: run-no-function, type-signature: of all functions together.
  static tenon::Result<instance> find(const tenon::Composition& from);
  static tenon::Result<instance> find(const tenon::Unit& from);

  exports::same::functions same;

 private:
  explicit instance(const std::shared_ptr<const detail::functions>& all_);
};
}  // namespace values
