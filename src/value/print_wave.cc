// Prints a value as one line of WAVE. A value knows its kind and its labels, so no type is needed.
#include "value/print_wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <type_traits>

#include "support/terminal_text.h"
#include "support/utf8.h"
#include "tenon/value.h"
#include "value/numbers.h"
#include "value/wave_lexer.h"

namespace tenon {

namespace {

constexpr std::uint32_t kReplacement = 0xfffd;

// A case as WAVE writes it: `%ok`, `days`.
std::string print_case(std::string_view label) {
  return fmt::format("{}{}", value::is_keyword(label) ? "%" : "", sanitize_text(label));
}

// quote: the quote that encloses the text, and is escaped in it.
void append_escaped(std::string& out, std::uint32_t code, char quote) {
  switch (code) {
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code == static_cast<std::uint32_t>(quote))
    out.append("\\").append(1, quote);
  else if (!is_safe_character(code))
    out += fmt::format("\\u{{{:x}}}", code);
  else
    append_utf8(out, code);
}

// The text with quotes around it. Bytes that are not UTF-8 become U+FFFD.
// max_bytes: roughly where it is cut, with `...`.
std::string quote_string(std::string_view text, std::size_t max_bytes) {
  std::string out = "\"";
  while (!text.empty() && out.size() < max_bytes) {
    const Utf8Character character = next_character(text);
    append_escaped(out, character.code.value_or(kReplacement), '"');
    text.remove_prefix(character.bytes.size());
  }
  return out + (text.empty() ? "\"" : "...");
}

std::string quote_character(std::uint32_t code) {
  std::string out = "'";
  append_escaped(out, is_scalar_value(code) ? code : kReplacement, '\'');
  return out + "'";
}

class WavePrinter {
 public:
  explicit WavePrinter(value::WaveCut cut) : cut_(cut) {}

  void print(const Value& value) {
    value.visit([&](const auto& held) { put(held); });
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // True if the text, or the outermost list that is being written, was cut. Callers stop early, so
  // that the cost of printing a long value is bounded.
  [[nodiscard]] bool is_full() const { return is_cut_; }
  void write(std::string_view text) {
    if (is_cut_) return;
    out_ += text;
    if (out_.size() <= end_) return;
    is_cut_ = true;
    if (!text.ends_with("...")) out_ += "...";
  }
  // Writes brackets and the members between them. An outermost list has a limit of its own.
  template <class Write>
  void write_list(std::string_view open, std::string_view close, Write&& write_members) {
    write(open);
    const bool is_outermost = end_ == cut_.all && !is_cut_ && cut_.list < cut_.all - out_.size();
    if (is_outermost) end_ = out_.size() + cut_.list;
    write_members();
    if (is_outermost) {
      end_ = cut_.all;
      is_cut_ = out_.size() > end_;
    }
    write(close);
  }
  // Writes `separator` before each member but the first.
  void separate(bool& is_first) {
    if (!is_first) write(", ");
    is_first = false;
  }

  template <class Number>
    requires std::is_arithmetic_v<Number>
  void put(const Number& number) {
    if constexpr (std::is_same_v<Number, bool>)
      write(number ? "true" : "false");
    else if constexpr (std::is_same_v<Number, char32_t>)
      write(quote_character(number));
    else if constexpr (std::is_floating_point_v<Number>)
      write(value::print_float(number));
    else
      write(fmt::format_int(number).c_str());
  }
  void put(const std::string& text) {
    if (is_full()) return;
    const std::size_t left = end_ - std::min(out_.size(), end_);
    std::string quoted = quote_string(text, std::min(cut_.list, left));
    const bool goes_on = end_ == cut_.all && cut_.list < left;
    if (goes_on && !quoted.ends_with('"')) quoted += '"';
    write(quoted);
  }
  void put(const ValueList& list) {
    write_list("[", "]", [&] {
      bool is_first = true;
      list.for_each([&](const Value& element) {
        if (is_full()) return;
        separate(is_first);
        print(element);
      });
    });
  }
  void put(const ValueMap& map) {
    write_list("{", "}", [&] {
      bool is_first = true;
      for (const auto& [key, value] : map.entries) {
        if (is_full()) return;
        separate(is_first);
        print(key);
        write(": ");
        print(value);
      }
    });
  }
  void put(const ValueRecord& record) {
    write("{");
    bool is_first = true;
    for (std::size_t i = 0; i < record.values().size(); ++i) {
      const Value& value = record.values()[i];
      const auto* option = value.get_if<ValueOption>();
      if (option != nullptr && option->payload.get() == nullptr) continue;
      if (is_full()) return;
      separate(is_first);
      write(sanitize_text(record.labels()[i]));
      write(": ");
      print(value);
    }
    write(is_first ? ":}" : "}");
  }
  void put(const ValueTuple& tuple) {
    write("(");
    bool is_first = true;
    for (const Value& value : tuple.values) {
      if (is_full()) return;
      separate(is_first);
      print(value);
    }
    write(")");
  }
  void put_case(std::string_view label, const ValuePayload& payload) {
    write(label);
    if (payload.get() == nullptr) return;
    write("(");
    print(*payload.get());
    write(")");
  }
  void put(const ValueVariant& variant) {
    std::string label = print_case(variant.label);
    if (variant.number) label += fmt::format("#{}", *variant.number);
    put_case(label, variant.payload);
  }
  void put(const ValueEnum& held) { write(print_case(held.label)); }
  void put(const ValueOption& option) {
    put_case(option.payload.get() != nullptr ? "some" : "none", option.payload);
  }
  void put(const ValueResult& result) { put_case(result.is_ok ? "ok" : "err", result.payload); }
  void put(const ValueFlags& flags) {
    write("{");
    bool is_first = true;
    for (const std::string& label : flags.labels) {
      if (is_full()) return;
      separate(is_first);
      write(sanitize_text(label));
    }
    write("}");
  }
  void put(const ValueHandle& handle) {
    const std::string resource = sanitize_text(handle.resource);
    write(handle.id == 0 ? fmt::format("<{}>", resource)
                         : fmt::format("<{} #{}>", resource, handle.id));
  }

  value::WaveCut cut_;
  std::size_t end_ = cut_.all;  // the size of `out_` at which the text is cut
  std::string out_;
  bool is_cut_ = false;
};

}  // namespace

std::string print_wave(const Value& value, std::size_t max_bytes) {
  return value::print_cut_wave(value, {.all = max_bytes});
}

namespace value {

std::string print_cut_wave(const Value& value, WaveCut cut) {
  WavePrinter printer(cut);
  printer.print(value);
  return printer.take();
}

}  // namespace value

}  // namespace tenon
