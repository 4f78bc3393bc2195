// Made by `tenon bindgen host-cpp` from the WIT of demo:kinds/host@1.0.0. Do not edit.
#pragma once

#include <tenon/host_glue.h>

static_assert(tenon::host_glue::version >= 2,
              "kinds_host.h needs version 2 of <tenon/host_glue.h>, and the one that was "
              "included is older: use the headers of the tenon that generated it");
static_assert(tenon::host_glue::oldest_version <= 2,
              "kinds_host.h was generated for version 2 of <tenon/host_glue.h>, and the one "
              "that was included is newer: run `tenon bindgen host-cpp` again");

// demo:kinds/all@1.0.0
namespace kinds_host::all {
struct item {
  std::string name = {};
  std::optional<double> price = {};
  std::vector<std::string> tags = {};
  std::vector<std::uint8_t> blob = {};
  std::vector<bool> flags = {};
  bool operator==(const item&) const = default;
};
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
enum class color : std::uint32_t {
  red,
  green,
  blue,
};
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
struct pair {
  shape left = {};
  std::tuple<color, access> right = {};
  bool operator==(const pair&) const = default;
};
using words = std::vector<std::string>;
using id = std::uint64_t;

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

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

  // same-id: func(value: id) -> id;
  virtual id same_id(id value) = 0;

  // same-bools: func(value: list<bool>) -> list<bool>;
  virtual std::vector<bool> same_bools(std::span<const bool> value) = 0;

  // same-bytes: func(value: list<u8>) -> list<u8>;
  virtual std::vector<std::uint8_t> same_bytes(std::span<const std::uint8_t> value) = 0;

  // same-shorts: func(value: list<s16>) -> list<s16>;
  virtual std::vector<std::int16_t> same_shorts(std::span<const std::int16_t> value) = 0;

  // same-longs: func(value: list<u64>) -> list<u64>;
  virtual std::vector<std::uint64_t> same_longs(std::span<const std::uint64_t> value) = 0;

  // same-floats: func(value: list<f32>) -> list<f32>;
  virtual std::vector<float> same_floats(std::span<const float> value) = 0;

  // same-doubles: func(value: list<f64>) -> list<f64>;
  virtual std::vector<double> same_doubles(std::span<const double> value) = 0;

  // same-chars: func(value: list<char>) -> list<char>;
  virtual std::vector<char32_t> same_chars(std::span<const char32_t> value) = 0;

  // same-strings: func(value: list<string>) -> list<string>;
  virtual std::vector<std::string> same_strings(std::span<const std::string_view> value) = 0;

  // same-words: func(value: words) -> words;
  virtual words same_words(const words& value) = 0;

  // same-deep: func(value: list<list<string>>) -> list<list<string>>;
  virtual std::vector<std::vector<std::string>> same_deep(
      std::span<const std::vector<std::string_view>> value) = 0;

  // same-blobs: func(value: list<list<u8>>) -> list<list<u8>>;
  virtual std::vector<std::vector<std::uint8_t>> same_blobs(
      std::span<const std::span<const std::uint8_t>> value) = 0;

  // same-quad: func(value: list<u8, 4>) -> list<u8, 4>;
  virtual std::array<std::uint8_t, 4> same_quad(const std::array<std::uint8_t, 4>& value) = 0;

  // same-twins: func(value: list<string, 2>) -> list<string, 2>;
  virtual std::array<std::string, 2> same_twins(const std::array<std::string_view, 2>& value) = 0;

  // same-map: func(value: map<string, u32>) -> map<string, u32>;
  virtual std::vector<std::pair<std::string, std::uint32_t>> same_map(
      std::span<const std::pair<std::string_view, std::uint32_t>> value) = 0;

  // same-option: func(value: option<string>) -> option<string>;
  virtual std::optional<std::string> same_option(
      const std::optional<std::string_view>& value) = 0;

  // same-options: func(value: option<option<u32>>) -> option<option<u32>>;
  virtual std::optional<std::optional<std::uint32_t>> same_options(
      const std::optional<std::optional<std::uint32_t>>& value) = 0;

  // same-result: func(value: result<list<u8>, string>) -> result<list<u8>, string>;
  virtual tenon::expected<std::vector<std::uint8_t>, std::string> same_result(
      const tenon::expected<std::span<const std::uint8_t>, std::string_view>& value) = 0;

  // same-fine: func(value: result<string>) -> result<string>;
  virtual tenon::expected<std::string, std::monostate> same_fine(
      const tenon::expected<std::string_view, std::monostate>& value) = 0;

  // same-bad: func(value: result<_, color>) -> result<_, color>;
  virtual tenon::expected<void, color> same_bad(const tenon::expected<void, color>& value) = 0;

  // same-outcome: func(value: result) -> result;
  virtual tenon::expected<void, std::monostate> same_outcome(
      const tenon::expected<void, std::monostate>& value) = 0;

  // same-tuple: func(value: tuple<string, s8, list<u16>, option<char>>) -> tuple<string, s8, list<u16>, option<char>>;
  virtual std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>
  same_tuple(
      const std::tuple<std::string_view, std::int8_t, std::span<const std::uint16_t>, std::optional<char32_t>>& value) = 0;

  // same-item: func(value: item) -> item;
  virtual item same_item(const item& value) = 0;

  // same-shape: func(value: shape) -> shape;
  virtual shape same_shape(const shape& value) = 0;

  // same-color: func(value: color) -> color;
  virtual color same_color(color value) = 0;

  // same-colors: func(value: list<color>) -> list<color>;
  virtual std::vector<color> same_colors(std::span<const color> value) = 0;

  // same-access: func(value: access) -> access;
  virtual access same_access(const access& value) = 0;

  // same-pair: func(value: pair) -> pair;
  virtual pair same_pair(const pair& value) = 0;
};
}  // namespace kinds_host::all

// demo:kinds/nodes@1.0.0
namespace kinds_host::nodes {
class node;
using color = ::kinds_host::all::color;
struct holder {
  std::string label = {};
  std::optional<std::shared_ptr<node>> held = {};
  bool operator==(const holder&) const = default;
};

class node {
 public:
  node() = default;
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  virtual ~node() = default;

  // paint: func(color: color);
  virtual void paint(::kinds_host::all::color color) = 0;

  // color: func() -> color;
  virtual ::kinds_host::all::color color() = 0;

  // value: func() -> u32;
  virtual std::uint32_t value() = 0;

  // join: func(others: list<borrow<node>>) -> u32;
  virtual std::uint32_t join(std::span<const std::shared_ptr<node>> others) = 0;
};

// The functions that the instance implements.
class exports {
 public:
  exports() = default;
  exports(const exports&) = delete;
  exports& operator=(const exports&) = delete;
  virtual ~exports() = default;

  // constructor(value: u32);
  virtual std::shared_ptr<node> make_node(std::uint32_t value) = 0;

  // try-make: static func(value: u32) -> result<node, string>;
  virtual tenon::expected<std::shared_ptr<node>, std::string> node_try_make(
      std::uint32_t value) = 0;

  // turn: func(all: list<node>) -> list<node>;
  virtual std::vector<std::shared_ptr<node>> turn(std::span<const std::shared_ptr<node>> all) = 0;

  // unwrap: func(holder: holder) -> result<tuple<string, node>, holder>;
  virtual tenon::expected<std::tuple<std::string, std::shared_ptr<node>>, ::kinds_host::nodes::holder>
  unwrap(
      const ::kinds_host::nodes::holder& holder) = 0;

  // alive: func() -> u32;
  virtual std::uint32_t alive() = 0;
};
}  // namespace kinds_host::nodes

namespace kinds_host {
// The base class of a bundle's instances. The derived class also has
// `static create(const tenon::host_config&)`, and can replace `function_flags`.
class instance : public all::exports, public nodes::exports {
 public:
  instance() = default;
  instance(const instance&) = delete;
  instance& operator=(const instance&) = delete;
  ~instance() override = default;
  // TENON_MAY_BLOCK, TENON_PURE or 0 for a function, for example
  // "tenon:sqlite/sql#[method]connection.query".
  static constexpr std::uint32_t function_flags(std::string_view /*function*/) { return 0; }
};
}  // namespace kinds_host

namespace tenon::host_glue {
template <>
struct record_fields<::kinds_host::all::item> {
  static constexpr auto get() {
    using type = ::kinds_host::all::item;
    return std::make_tuple(&type::name, &type::price, &type::tags, &type::blob, &type::flags);
  }
};
template <>
struct flag_labels<::kinds_host::all::access> {
  static constexpr auto get() {
    using type = ::kinds_host::all::access;
    return std::make_tuple(&type::read, &type::write, &type::execute, &type::a4, &type::a5, &type::a6, &type::a7, &type::a8, &type::a9, &type::a10, &type::a11, &type::a12, &type::a13, &type::a14, &type::a15, &type::a16, &type::a17, &type::a18, &type::a19, &type::a20, &type::a21, &type::a22, &type::a23, &type::a24, &type::a25, &type::a26, &type::a27, &type::a28, &type::a29, &type::a30, &type::a31, &type::last);
  }
};
template <>
struct record_fields<::kinds_host::all::pair> {
  static constexpr auto get() {
    using type = ::kinds_host::all::pair;
    return std::make_tuple(&type::left, &type::right);
  }
};
template <>
struct record_fields<::kinds_host::nodes::holder> {
  static constexpr auto get() {
    using type = ::kinds_host::nodes::holder;
    return std::make_tuple(&type::label, &type::held);
  }
};
}  // namespace tenon::host_glue

namespace kinds_host {
// TENON_HOST_MODULE finds these three by its Type, which is derived from `instance`.
constexpr instance* module_base(instance* derived) { return derived; }
// Each row has a hash of the function's type, which the host compares with the WIT.
template <class Type>
constexpr std::array<tenon_func_def, 50> module_functions(const instance*) {
  return {{
      {"demo:kinds/all", "same-bool",
       &tenon::host_glue::call_function<instance, &all::exports::same_bool>,
       0x871db79abb328a93U, Type::function_flags("demo:kinds/all#same-bool")},
      {"demo:kinds/all", "same-s8",
       &tenon::host_glue::call_function<instance, &all::exports::same_s8>,
       0x7d9650f2523541a7U, Type::function_flags("demo:kinds/all#same-s8")},
      {"demo:kinds/all", "same-u8",
       &tenon::host_glue::call_function<instance, &all::exports::same_u8>,
       0x920e835e1314c5abU, Type::function_flags("demo:kinds/all#same-u8")},
      {"demo:kinds/all", "same-s16",
       &tenon::host_glue::call_function<instance, &all::exports::same_s16>,
       0xded1672f5ce60323U, Type::function_flags("demo:kinds/all#same-s16")},
      {"demo:kinds/all", "same-u16",
       &tenon::host_glue::call_function<instance, &all::exports::same_u16>,
       0x9ef7e9c86a0bf7b3U, Type::function_flags("demo:kinds/all#same-u16")},
      {"demo:kinds/all", "same-s32",
       &tenon::host_glue::call_function<instance, &all::exports::same_s32>,
       0xc3c87b4f04f67b3bU, Type::function_flags("demo:kinds/all#same-s32")},
      {"demo:kinds/all", "same-u32",
       &tenon::host_glue::call_function<instance, &all::exports::same_u32>,
       0xbc8c6930790d9b13U, Type::function_flags("demo:kinds/all#same-u32")},
      {"demo:kinds/all", "same-s64",
       &tenon::host_glue::call_function<instance, &all::exports::same_s64>,
       0x67edf2e6185d9c6bU, Type::function_flags("demo:kinds/all#same-s64")},
      {"demo:kinds/all", "same-u64",
       &tenon::host_glue::call_function<instance, &all::exports::same_u64>,
       0x89db309828c1b9f7U, Type::function_flags("demo:kinds/all#same-u64")},
      {"demo:kinds/all", "same-f32",
       &tenon::host_glue::call_function<instance, &all::exports::same_f32>,
       0x400978008329603fU, Type::function_flags("demo:kinds/all#same-f32")},
      {"demo:kinds/all", "same-f64",
       &tenon::host_glue::call_function<instance, &all::exports::same_f64>,
       0xd325dcee5b21fc2bU, Type::function_flags("demo:kinds/all#same-f64")},
      {"demo:kinds/all", "same-char",
       &tenon::host_glue::call_function<instance, &all::exports::same_char>,
       0xac142c86aa48096bU, Type::function_flags("demo:kinds/all#same-char")},
      {"demo:kinds/all", "same-string",
       &tenon::host_glue::call_function<instance, &all::exports::same_string>,
       0xeb10a3fe032f5c5bU, Type::function_flags("demo:kinds/all#same-string")},
      {"demo:kinds/all", "same-id",
       &tenon::host_glue::call_function<instance, &all::exports::same_id>,
       0x89db309828c1b9f7U, Type::function_flags("demo:kinds/all#same-id")},
      {"demo:kinds/all", "same-bools",
       &tenon::host_glue::call_function<instance, &all::exports::same_bools>,
       0x0f05fb4ffb101653U, Type::function_flags("demo:kinds/all#same-bools")},
      {"demo:kinds/all", "same-bytes",
       &tenon::host_glue::call_function<instance, &all::exports::same_bytes>,
       0xc7f50bf02af204e7U, Type::function_flags("demo:kinds/all#same-bytes")},
      {"demo:kinds/all", "same-shorts",
       &tenon::host_glue::call_function<instance, &all::exports::same_shorts>,
       0x282a0bdb254deb47U, Type::function_flags("demo:kinds/all#same-shorts")},
      {"demo:kinds/all", "same-longs",
       &tenon::host_glue::call_function<instance, &all::exports::same_longs>,
       0x3d4a045d4244b867U, Type::function_flags("demo:kinds/all#same-longs")},
      {"demo:kinds/all", "same-floats",
       &tenon::host_glue::call_function<instance, &all::exports::same_floats>,
       0x4fe4edba7c620aafU, Type::function_flags("demo:kinds/all#same-floats")},
      {"demo:kinds/all", "same-doubles",
       &tenon::host_glue::call_function<instance, &all::exports::same_doubles>,
       0xff526adcd90f611fU, Type::function_flags("demo:kinds/all#same-doubles")},
      {"demo:kinds/all", "same-chars",
       &tenon::host_glue::call_function<instance, &all::exports::same_chars>,
       0xfe708d7e58abf5bfU, Type::function_flags("demo:kinds/all#same-chars")},
      {"demo:kinds/all", "same-strings",
       &tenon::host_glue::call_function<instance, &all::exports::same_strings>,
       0x37ddd66caf73fe0bU, Type::function_flags("demo:kinds/all#same-strings")},
      {"demo:kinds/all", "same-words",
       &tenon::host_glue::call_function<instance, &all::exports::same_words>,
       0x37ddd66caf73fe0bU, Type::function_flags("demo:kinds/all#same-words")},
      {"demo:kinds/all", "same-deep",
       &tenon::host_glue::call_function<instance, &all::exports::same_deep>,
       0xbbd5185e77b34d8fU, Type::function_flags("demo:kinds/all#same-deep")},
      {"demo:kinds/all", "same-blobs",
       &tenon::host_glue::call_function<instance, &all::exports::same_blobs>,
       0x2dd0bbece4c6c5bfU, Type::function_flags("demo:kinds/all#same-blobs")},
      {"demo:kinds/all", "same-quad",
       &tenon::host_glue::call_function<instance, &all::exports::same_quad>,
       0x10823f4df9be5de3U, Type::function_flags("demo:kinds/all#same-quad")},
      {"demo:kinds/all", "same-twins",
       &tenon::host_glue::call_function<instance, &all::exports::same_twins>,
       0xd935e49d65f3cda7U, Type::function_flags("demo:kinds/all#same-twins")},
      {"demo:kinds/all", "same-map",
       &tenon::host_glue::call_function<instance, &all::exports::same_map>,
       0x794a0c75e639cf83U, Type::function_flags("demo:kinds/all#same-map")},
      {"demo:kinds/all", "same-option",
       &tenon::host_glue::call_function<instance, &all::exports::same_option>,
       0x0b52536b4a795967U, Type::function_flags("demo:kinds/all#same-option")},
      {"demo:kinds/all", "same-options",
       &tenon::host_glue::call_function<instance, &all::exports::same_options>,
       0x87f58584b8062f27U, Type::function_flags("demo:kinds/all#same-options")},
      {"demo:kinds/all", "same-result",
       &tenon::host_glue::call_function<instance, &all::exports::same_result>,
       0xb0fe37824e016eebU, Type::function_flags("demo:kinds/all#same-result")},
      {"demo:kinds/all", "same-fine",
       &tenon::host_glue::call_function<instance, &all::exports::same_fine>,
       0xafeb0a30b9b0bbafU, Type::function_flags("demo:kinds/all#same-fine")},
      {"demo:kinds/all", "same-bad",
       &tenon::host_glue::call_function<instance, &all::exports::same_bad>,
       0x9e568c0390fb386fU, Type::function_flags("demo:kinds/all#same-bad")},
      {"demo:kinds/all", "same-outcome",
       &tenon::host_glue::call_function<instance, &all::exports::same_outcome>,
       0xeca025a8d2035177U, Type::function_flags("demo:kinds/all#same-outcome")},
      {"demo:kinds/all", "same-tuple",
       &tenon::host_glue::call_function<instance, &all::exports::same_tuple>,
       0xb736a8c78b22bc93U, Type::function_flags("demo:kinds/all#same-tuple")},
      {"demo:kinds/all", "same-item",
       &tenon::host_glue::call_function<instance, &all::exports::same_item>,
       0x8a3a3d5074cb0bffU, Type::function_flags("demo:kinds/all#same-item")},
      {"demo:kinds/all", "same-shape",
       &tenon::host_glue::call_function<instance, &all::exports::same_shape>,
       0x0d521fe7e7ae86cfU, Type::function_flags("demo:kinds/all#same-shape")},
      {"demo:kinds/all", "same-color",
       &tenon::host_glue::call_function<instance, &all::exports::same_color>,
       0xe970cc674c6f6167U, Type::function_flags("demo:kinds/all#same-color")},
      {"demo:kinds/all", "same-colors",
       &tenon::host_glue::call_function<instance, &all::exports::same_colors>,
       0x9f46da83db90ba3fU, Type::function_flags("demo:kinds/all#same-colors")},
      {"demo:kinds/all", "same-access",
       &tenon::host_glue::call_function<instance, &all::exports::same_access>,
       0xbdfe40cc7dbbe2bfU, Type::function_flags("demo:kinds/all#same-access")},
      {"demo:kinds/all", "same-pair",
       &tenon::host_glue::call_function<instance, &all::exports::same_pair>,
       0xc7e38fc5c5761f3fU, Type::function_flags("demo:kinds/all#same-pair")},
      {"demo:kinds/nodes", "[constructor]node",
       &tenon::host_glue::call_function<instance, &nodes::exports::make_node>,
       0x6606ec1019abb013U, Type::function_flags("demo:kinds/nodes#[constructor]node")},
      {"demo:kinds/nodes", "[static]node.try-make",
       &tenon::host_glue::call_function<instance, &nodes::exports::node_try_make>,
       0x60768b66a04470b0U, Type::function_flags("demo:kinds/nodes#[static]node.try-make")},
      {"demo:kinds/nodes", "turn",
       &tenon::host_glue::call_function<instance, &nodes::exports::turn>,
       0x58e7d8bcbf761ea5U, Type::function_flags("demo:kinds/nodes#turn")},
      {"demo:kinds/nodes", "unwrap",
       &tenon::host_glue::call_function<instance, &nodes::exports::unwrap>,
       0x4492293d8252105dU, Type::function_flags("demo:kinds/nodes#unwrap")},
      {"demo:kinds/nodes", "alive",
       &tenon::host_glue::call_function<instance, &nodes::exports::alive>,
       0xc570052adf142b6cU, Type::function_flags("demo:kinds/nodes#alive")},
      {"demo:kinds/nodes", "[method]node.paint",
       &tenon::host_glue::call_method<instance, &nodes::node::paint>,
       0xccad537a70a12151U, Type::function_flags("demo:kinds/nodes#[method]node.paint")},
      {"demo:kinds/nodes", "[method]node.color",
       &tenon::host_glue::call_method<instance, &nodes::node::color>,
       0xc3aee343a43aca4eU, Type::function_flags("demo:kinds/nodes#[method]node.color")},
      {"demo:kinds/nodes", "[method]node.value",
       &tenon::host_glue::call_method<instance, &nodes::node::value>,
       0x2706293cf5f0ef85U, Type::function_flags("demo:kinds/nodes#[method]node.value")},
      {"demo:kinds/nodes", "[method]node.join",
       &tenon::host_glue::call_method<instance, &nodes::node::join>,
       0x6e92db08a302b6f3U, Type::function_flags("demo:kinds/nodes#[method]node.join")},
  }};
}
constexpr std::array<tenon_resource_def, 1> module_resources(const instance*) {
  return {{
      {"demo:kinds/nodes", "node",
       &tenon::host_glue::drop_resource<instance, nodes::node>},
  }};
}
}  // namespace kinds_host
