#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>

#include "packr/graph_text.h"
#include "packr/graph_words.h"
#include "packr/payload_reader.h"
#include "support/check.h"
#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::packr {

namespace {

// The digits of the shortest number that reads back as `value`, without an exponent, and with a
// point: 1.0, 0.001, 100000000000000000000.0.
template <class Float>
void append_decimal(std::string& out, Float value) {
  std::array<char, 40> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                     std::chars_format::scientific);
  TENON_CHECK(written.ec == std::errc{});
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const char* const power = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(power, written.ptr, exponent);

  if (std::signbit(value)) out += '-';
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits;
    out.append(whole - digits.size(), '0');
    out += ".0";
  } else {
    out += std::string_view(digits).substr(0, whole);
    out += '.';
    out += std::string_view(digits).substr(whole);
  }
}

// Recurses as deep as the value, which whoever made it has bounded.
class GraphPrinter {
 public:
  explicit GraphPrinter(GraphTextForm form) : is_exact_(form == GraphTextForm::Exact) {}

  void print(const GraphValue& value) {
    std::visit([&](const auto& of) { print_of(of); }, value.of);
  }

  void print_type(const GraphType& type) {
    if (type.kind == NodeKind::Record)
      return print_name(type.name, find_type_word(type.name).has_value());
    if (type.kind == NodeKind::Variant) {
      if (is_exact_) out_ += "variant<";
      print_name(type.name, false);
      if (is_exact_) out_ += '>';
      return;
    }
    out_ += type_word(type.kind);
    if (type.parts.empty() && type.kind != NodeKind::Tuple) return;
    out_ += '<';
    print_row(type.parts, [&](const GraphType& part) { print_type(part); });
    out_ += '>';
  }

  std::string take() { return std::move(out_); }

 private:
  template <class Items, class Print>
  void print_row(const Items& items, Print print_item) {
    bool is_first = true;
    for (const auto& item : items) {
      if (!is_first) out_ += ", ";
      is_first = false;
      print_item(item);
    }
  }
  void print_values(const std::vector<GraphValue>& values) {
    print_row(values, [&](const GraphValue& value) { print(value); });
  }

  void print_of(const GraphScalar& scalar) { print_scalar(scalar.kind, scalar.bits); }
  void print_of(const std::string& text) { print_quoted(text, '"'); }
  void print_of(const GraphTuple& tuple) {
    out_ += '(';
    print_values(tuple.items);
    out_ += ')';
  }
  void print_of(const GraphList& list) {
    out_ += '[';
    print_values(list.items);
    out_ += ']';
    if (list.items.empty() || (is_exact_ && !infers_type(list.items[0], list.element)))
      print_argument(list.element);
  }
  void print_of(const GraphArray& array) {
    const std::size_t width = fixed_width(array.element);
    out_ += '[';
    for (std::size_t at = 0; at < array.bytes.size(); at += width) {
      if (at > 0) out_ += ", ";
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < width; ++i) bits |= std::uint64_t{array.bytes[at + i]} << (8 * i);
      print_scalar(array.element, bits);
    }
    out_ += ']';
    if (array.bytes.empty()) print_argument(GraphType::of(array.element));
  }
  void print_of(const GraphRecord& record) {
    // No name is the empty one.
    if (!record.type_name.empty()) print_name(record.type_name, is_value_word(record.type_name));
    out_ += '{';
    print_row(record.fields, [&](const GraphField& field) {
      print_name(field.name, false);
      out_ += ": ";
      print(field.value);
    });
    out_ += '}';
  }
  void print_of(const GraphVariant& variant) {
    if (!variant.type_name.empty()) print_name(variant.type_name, is_value_word(variant.type_name));
    out_ += "::";
    print_name(variant.case_name, false);
    if (is_exact_ && variant.tag != 0) fmt::format_to(std::back_inserter(out_), "#{}", variant.tag);
    if (variant.payload.empty()) return;
    out_ += '(';
    print_values(variant.payload);
    out_ += ')';
  }
  void print_of(const GraphOption& option) {
    out_ += option.value ? "some" : "none";
    print_argument(option.inner);
    if (option.value) print_argument_value(**option.value);
  }
  void print_of(const GraphResult& result) {
    out_ += result.side == ResultSide::Ok ? "ok<" : "err<";
    print_type(result.ok);
    out_ += ", ";
    print_type(result.err);
    out_ += '>';
    print_argument_value(*result.value);
  }
  void print_argument(const GraphType& type) {
    out_ += '<';
    print_type(type);
    out_ += '>';
  }
  void print_argument_value(const GraphValue& value) {
    out_ += '(';
    print(value);
    out_ += ')';
  }

  void print_scalar(NodeKind kind, std::uint64_t bits) {
    if (kind == NodeKind::Bool) {
      out_ += bits != 0 ? "true" : "false";
    } else if (kind == NodeKind::Char) {
      std::string text;
      append_utf8(text, static_cast<std::uint32_t>(bits));
      print_quoted(text, '\'');
    } else if (kind == NodeKind::Flags) {
      fmt::format_to(std::back_inserter(out_), "flags(0x{:x})", bits);
    } else if (kind == NodeKind::F32) {
      print_float(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), kind, bits);
    } else if (kind == NodeKind::F64) {
      print_float(std::bit_cast<double>(bits), kind, bits);
    } else {
      print_integer(kind, bits);
    }
  }

  void print_integer(NodeKind kind, std::uint64_t bits) {
    const bool is_unsigned = kind >= NodeKind::U8 && kind <= NodeKind::U64;
    const std::size_t unused = 64 - 8 * fixed_width(kind);
    if (is_unsigned)
      fmt::format_to(std::back_inserter(out_), "{}{}", bits, type_word(kind));
    else
      fmt::format_to(std::back_inserter(out_), "{}{}",
                     static_cast<std::int64_t>(bits << unused) >> unused, type_word(kind));
  }

  template <class Float>
  void print_float(Float value, NodeKind kind, std::uint64_t bits) {
    if (std::isfinite(value)) {
      append_decimal(out_, value);
    } else if (is_exact_) {
      fmt::format_to(std::back_inserter(out_), "{}(0x{:x})", type_word(kind), bits);
      return;
    } else {
      out_ += std::isnan(value) ? "NaN" : std::signbit(value) ? "-inf" : "inf";
    }
    out_ += type_word(kind);
  }

  // is_word: it would be read as something else where it stands.
  void print_name(std::string_view name, bool is_word) {
    if (is_exact_ && (is_word || !is_identifier(name)))
      print_quoted(name, '"');
    else
      out_ += name;
  }

  void print_quoted(std::string_view text, char quote) {
    out_ += quote;
    while (!text.empty()) {
      const Utf8Character character = next_character(text);
      text.remove_prefix(character.bytes.size());
      const char first = character.bytes[0];
      if (first == quote || first == '\\') {
        out_ += '\\';
        out_ += first;
      } else if (first == '\n') {
        out_ += "\\n";
      } else if (first == '\r') {
        out_ += "\\r";
      } else if (first == '\t') {
        out_ += "\\t";
      } else if (is_exact_ && character.code && !is_safe_character(*character.code)) {
        fmt::format_to(std::back_inserter(out_), "\\u{{{:x}}}", *character.code);
      } else {
        out_ += character.bytes;
      }
    }
    out_ += quote;
  }

  bool is_exact_;
  std::string out_;
};

}  // namespace

std::string print_graph_value(const GraphValue& value, GraphTextForm form) {
  GraphPrinter printer(form);
  printer.print(value);
  return printer.take();
}

std::string print_graph_type(const GraphType& type, GraphTextForm form) {
  GraphPrinter printer(form);
  printer.print_type(type);
  return printer.take();
}

}  // namespace tenon::packr
