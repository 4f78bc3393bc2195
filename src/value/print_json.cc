// Prints a value as one line of JSON. A value knows its kind and its labels, so no type is needed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "support/base64.h"
#include "support/terminal_text.h"
#include "support/utf8.h"
#include "tenon/value.h"
#include "value/numbers.h"

namespace tenon {

namespace {

// The largest integer up to which a program that reads numbers as f64 reads every integer exactly.
// Larger ones are printed as strings.
constexpr std::uint64_t kExactInteger = std::uint64_t{1} << 53U;

class JsonPrinter {
 public:
  explicit JsonPrinter(JsonBytes bytes) : bytes_(bytes) {}

  void print(const Value& value) {
    value.visit([&](const auto& held) { put(held); });
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void put_text(std::string_view text) {
    using Json = nlohmann::json;
    const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    if (std::ranges::all_of(quoted, [](char c) { return c >= 0x20 && c < 0x7f; })) {
      out_ += quoted;
      return;
    }
    std::string_view rest = quoted;
    while (!rest.empty()) {
      const Utf8Character next = next_character(rest);
      rest.remove_prefix(next.bytes.size());
      // nlohmann leaves characters above ASCII alone: control characters, on which terminals act,
      // and characters that reorder text.
      if (next.code && !is_safe_character(*next.code))
        put_escaped(*next.code);
      else
        out_ += next.bytes;
    }
  }
  // Writes `\u202e`, or two surrogates for a character above U+FFFF.
  void put_escaped(std::uint32_t code) {
    if (code > 0xffff) {
      out_ += fmt::format("\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10));
      code = 0xdc00 + (code & 0x3ff);
    }
    out_ += fmt::format("\\u{:04x}", code);
  }
  void put_key(std::string_view label) {
    put_text(label);
    out_ += ':';
  }
  void separate(bool& is_first) {
    if (!is_first) out_ += ',';
    is_first = false;
  }

  template <class Integer>
    requires std::is_integral_v<Integer>
  void put(const Integer& number) {
    const std::string digits = fmt::to_string(number);
    if constexpr (sizeof(Integer) == 8) {
      const bool is_exact = number >= 0 ? static_cast<std::uint64_t>(number) <= kExactInteger
                                        : static_cast<std::uint64_t>(-(number + 1)) < kExactInteger;
      out_ += is_exact ? digits : fmt::format("\"{}\"", digits);
    } else {
      out_ += digits;
    }
  }
  template <class Float>
    requires std::is_floating_point_v<Float>
  void put(const Float& number) {
    const std::string digits = value::print_float(number);
    if (!std::isfinite(number))
      out_ += fmt::format("\"{}\"", digits);
    else
      // Other programs can read `-0` as the integer 0, without its sign.
      out_ += digits == "-0" ? "-0.0" : digits;
  }
  void put(const bool& truth) { out_ += truth ? "true" : "false"; }
  void put(const char32_t& character) {
    std::string text;
    append_utf8(text, is_scalar_value(character) ? character : 0xfffdU);
    put_text(text);
  }
  void put(const std::string& text) { put_text(text); }
  void put(const ValueList& list) {
    const auto* bytes = list.get_if<std::uint8_t>();
    if (bytes_ == JsonBytes::Base64 && bytes != nullptr && !bytes->empty()) {
      out_ += fmt::format("{{\"$b64\":\"{}\"}}", encode_base64(*bytes));
      return;
    }
    out_ += '[';
    bool is_first = true;
    list.for_each([&](const Value& element) {
      separate(is_first);
      print(element);
    });
    out_ += ']';
  }
  void put(const ValueMap& map) {
    out_ += '[';
    bool is_first = true;
    for (const auto& [key, value] : map.entries) {
      separate(is_first);
      out_ += '[';
      print(key);
      out_ += ',';
      print(value);
      out_ += ']';
    }
    out_ += ']';
  }
  void put(const ValueRecord& record) {
    out_ += '{';
    bool is_first = true;
    for (std::size_t i = 0; i < record.values().size(); ++i) {
      separate(is_first);
      put_key(record.labels()[i]);
      print(record.values()[i]);
    }
    out_ += '}';
  }
  void put(const ValueTuple& tuple) {
    out_ += '[';
    bool is_first = true;
    for (const Value& value : tuple.values) {
      separate(is_first);
      print(value);
    }
    out_ += ']';
  }
  void put_case(std::string_view label, const ValuePayload& payload) {
    out_ += '{';
    put_key(label);
    if (payload.get() != nullptr)
      print(*payload.get());
    else
      out_ += "null";
    out_ += '}';
  }
  void put(const ValueVariant& variant) {
    put_case(variant.number ? fmt::format("{}#{}", variant.label, *variant.number) : variant.label,
             variant.payload);
  }
  void put(const ValueEnum& held) { put_text(held.label); }
  void put(const ValueOption& option) {
    const Value* payload = option.payload.get();
    if (payload == nullptr)
      out_ += "null";
    else if (payload->kind() == ValueKind::Option)
      put_case("some", option.payload);
    else
      print(*payload);
  }
  void put(const ValueResult& result) { put_case(result.is_ok ? "ok" : "err", result.payload); }
  void put(const ValueFlags& flags) {
    out_ += '[';
    bool is_first = true;
    for (const std::string& label : flags.labels) {
      separate(is_first);
      put_text(label);
    }
    out_ += ']';
  }
  void put(const ValueHandle& handle) { out_ += fmt::format("{{\"$handle\":{}}}", handle.id); }

  JsonBytes bytes_;
  std::string out_;
};

}  // namespace

std::string print_json(const Value& value, JsonBytes bytes) {
  JsonPrinter printer(bytes);
  printer.print(value);
  return printer.take();
}

}  // namespace tenon
