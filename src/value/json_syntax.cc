// Builds a TextTree from JSON, and says how JSON writes each type.
//
// nlohmann's parser reports the parts of the text one by one (SAX), so that no tree of its own is
// built. Arrays become List, objects Fields, keys are escaped labels, and `true`, `false` and
// `null` are the labels `true`, `false` and `none`.
#include "value/json_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "value/numbers.h"

namespace tenon::value {

namespace {

// A map takes two levels for one of its type, an array of pairs; bytes take one for `$b64`.
constexpr std::size_t kDepth = 2 * std::size_t{limits::kNestingDepth} + 1;

struct ParserContext {
  std::string_view name;
  std::string_view message;
};

// The message for each thing that nlohmann's parser can be reading.
constexpr ParserContext kContexts[] = {{"object key", "expected a key: a string in double quotes"},
                                       {"object separator", "expected `:` after a key"},
                                       {"object", "expected `,` or `}`"},
                                       {"array", "expected `,` or `]`"}};

// Rewords an error of nlohmann's parser, such as "[json.exception.parse_error.101] parse error at
// line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{i'".
std::string reword(std::string_view what) {
  constexpr std::string_view kWhile = "while parsing ";
  constexpr std::string_view kString = "invalid string: ";
  constexpr std::string_view kOverflow = "number overflow parsing '";
  const auto has = [what](std::string_view part) { return what.find(part) != what.npos; };
  if (const std::size_t number = what.find(kOverflow); number != what.npos) {
    what.remove_prefix(number + kOverflow.size());
    return fmt::format("the number {} is too large",
                       sanitize_text(what.substr(0, what.find('\''))));
  }
  if (has("unexpected end of input")) return "unexpected end of the text";
  if (has("expected end of input")) return "unexpected text after the value";
  if (has("missing closing quote")) return "the string has no closing quote";
  if (has("invalid UTF-8 byte") || has("ill-formed UTF-8")) return "the string is not UTF-8";
  if (has(kString)) {
    what.remove_prefix(what.find(kString) + kString.size());
    return fmt::format("malformed string: {}", sanitize_text(what.substr(0, what.find("; "))));
  }
  if (has("invalid number")) return "malformed number";
  const std::size_t at = what.find(kWhile);
  const std::string_view rest = at == what.npos ? "" : what.substr(at + kWhile.size());
  for (const ParserContext& context : kContexts)
    if (rest.substr(0, rest.find(" - ")) == context.name) return std::string(context.message);
  return "expected a value: a string in double quotes, a number, `true`, `false`, `null`, "
         "an array or an object";
}

// nlohmann's parser calls a function for each part of the text; `false` stops it.
class JsonTreeBuilder {
 public:
  bool null() { return add(TextKind::Label, "none"); }
  bool boolean(bool value) { return add(TextKind::Label, value ? "true" : "false"); }
  bool number_integer(std::int64_t number) {
    if (number == 0) return add(TextKind::Number, "-0");  // `0` is unsigned
    return add(TextKind::Number, fmt::format_int(number).c_str());
  }
  bool number_unsigned(std::uint64_t number) {
    return add(TextKind::Number, fmt::format_int(number).c_str());
  }
  bool number_float(double /*number*/, const std::string& digits) {
    return add(TextKind::Number, digits);
  }
  bool string(const std::string& text) { return add(TextKind::String, text); }
  bool binary(const std::vector<std::uint8_t>& /*bytes*/) { return false; }
  bool key(const std::string& text) {
    add(TextKind::Label, text);
    tree_.nodes.back().is_escaped = true;
    return true;
  }
  bool start_object(std::size_t /*size*/) { return open(TextKind::Fields); }
  bool start_array(std::size_t /*size*/) { return open(TextKind::List); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    message_ = reword(error.what());
    position_ = position;
    return false;
  }

  [[nodiscard]] TextTree take_tree() { return std::move(tree_); }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  bool add(TextKind kind, std::string_view text) {
    if (!open_.empty()) ++tree_.nodes[open_.back()].parts;
    TextNode node;
    node.kind = kind;
    tree_.add_leaf(node, text);
    return true;
  }
  bool open(TextKind kind) {
    add(kind, "");
    open_.push_back(tree_.nodes.size() - 1);
    if (open_.size() <= kDepth) return true;
    message_ = fmt::format("arrays and objects are nested deeper than {} levels", kDepth);
    return false;
  }
  bool close() {
    tree_.nodes[open_.back()].next = static_cast<std::uint32_t>(tree_.nodes.size());
    open_.pop_back();
    return true;
  }

  TextTree tree_;
  std::vector<std::size_t> open_;
  std::string message_;
  std::size_t position_ = 0;
};

struct JsonHint {
  std::string operator()(const types::Primitive& kind) const {
    using types::Primitive;
    switch (kind) {
      case Primitive::Bool:
        return "write `true` or `false`";
      case Primitive::Char:
        return "write a char as a string of one character";
      case Primitive::String:
        return "write a string";
      case Primitive::F32:
      case Primitive::F64:
        return "write a number, or one of the strings `\"nan\"`, `\"inf\"`, `\"-inf\"`";
      case Primitive::S64:
      case Primitive::U64:
        return fmt::format("write an integer from {}, as a number or a string", range_text(kind));
      case Primitive::S8:
      case Primitive::U8:
      case Primitive::S16:
      case Primitive::U16:
      case Primitive::S32:
      case Primitive::U32:
        return fmt::format("write an integer from {}", range_text(kind));
      case Primitive::ErrorContext:
        break;
    }
    return "error contexts cannot be written as text";
  }
  std::string operator()(const types::Record& kind) const {
    return fmt::format("write an object as `{{\"{}\": ..}}`",
                       kind.fields.empty() ? "field" : kind.fields[0].label);
  }
  std::string operator()(const types::Variant& /*kind*/) const {
    return "write an object with one case, as `{\"case\": payload}`, with `null` if it has no "
           "payload";
  }
  std::string operator()(const types::List& /*kind*/) const {
    return "write an array; bytes also as `{\"$b64\": \"..\"}`";
  }
  std::string operator()(const types::Map& /*kind*/) const {
    return "write an array of pairs, `[[key, value], ..]`";
  }
  std::string operator()(const types::Tuple& /*kind*/) const { return "write an array"; }
  std::string operator()(const types::Flags& /*kind*/) const {
    return "write an array of strings, the flags that are set";
  }
  std::string operator()(const types::Enum& /*kind*/) const { return "write a case as a string"; }
  std::string operator()(const types::Option& /*kind*/) const {
    return "write `null`, or `{\"some\": ..}`";
  }
  std::string operator()(const types::ResultType& /*kind*/) const {
    return "write `{\"ok\": ..}` or `{\"err\": ..}`, with `null` if there is no payload";
  }
  std::string operator()(const types::Dynamic& /*kind*/) const {
    return "write a value of any type; a record is an object";
  }
  template <types::HandleKind Handle>
  std::string operator()(const Handle& /*kind*/) const {
    return "write a handle as `{\"$handle\": 1}`";
  }
};

bool is_null(const TextTree& tree, std::uint32_t node) {
  return tree.word_of(tree.nodes[node]) == "none";
}

// The value of `{"key": value}`: its node, if the object has no other key.
std::optional<std::uint32_t> find_value(const TextTree& tree, std::uint32_t node,
                                        std::string_view key) {
  const TextNode& object = tree.nodes[node];
  if (object.kind != TextKind::Fields || object.parts != 2) return std::nullopt;
  if (tree.text_of(tree.nodes[node + 1]) != key) return std::nullopt;
  return node + 2;
}

class JsonSyntax final : public TextSyntax {
 public:
  [[nodiscard]] TextKinds kinds() const override {
    return {.character = TextKind::String,
            .tuple = TextKind::List,
            .flags = TextKind::List,
            .map = TextKind::List};
  }
  // `some(v)` is `v`, unless `null` could be both `none` and `some(none)`.
  [[nodiscard]] BarePayload bare_payload(const types::Type& whole,
                                         const types::Type& payload) const override {
    const bool is_bare = std::holds_alternative<types::Option>(whole.kind) &&
                         !std::holds_alternative<types::Option>(payload.kind);
    return is_bare ? BarePayload::Yes : BarePayload::No;
  }

  // Strings are read for the numbers that a program would round, and for those that JSON lacks.
  [[nodiscard]] std::optional<std::string_view> find_number(const TextTree& tree,
                                                            std::uint32_t node,
                                                            types::Primitive type) const override {
    using types::Primitive;
    const std::string_view text = tree.text_of(tree.nodes[node]);
    if (tree.nodes[node].kind == TextKind::Number) return text;
    if (tree.nodes[node].kind != TextKind::String) return std::nullopt;
    const bool is_float = type == Primitive::F32 || type == Primitive::F64;
    const bool is_wide = type == Primitive::S64 || type == Primitive::U64;
    const bool is_number = (is_float && (text == "nan" || text == "inf" || text == "-inf")) ||
                           (is_wide && is_integer_text(text));
    return is_number ? std::optional(text) : std::nullopt;
  }
  [[nodiscard]] std::optional<CaseText> find_label(const TextTree& tree,
                                                   std::uint32_t node) const override {
    if (tree.nodes[node].kind != TextKind::String) return std::nullopt;
    return CaseText{.label = tree.text_of(tree.nodes[node])};
  }
  [[nodiscard]] std::optional<CaseText> find_case(const TextTree& tree,
                                                  std::uint32_t node) const override {
    const TextNode& object = tree.nodes[node];
    if (object.kind != TextKind::Fields || object.parts != 2) return std::nullopt;
    return CaseText{.label = tree.text_of(tree.nodes[node + 1]),
                    .payload = node + 2,
                    .is_null = is_null(tree, node + 2)};
  }
  [[nodiscard]] std::optional<CaseText> find_keyword(const TextTree& tree, std::uint32_t node,
                                                     BarePayload bare) const override {
    if (is_null(tree, node)) return CaseText{.label = "none"};
    if (bare == BarePayload::Yes) return std::nullopt;
    const std::optional<CaseText> written = find_case(tree, node);
    return written && written->label != "none" ? written : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> find_handle(const TextTree& tree,
                                                            std::uint32_t node) const override {
    const std::optional<std::uint32_t> number = find_value(tree, node, "$handle");
    if (!number || tree.nodes[*number].kind != TextKind::Number) return std::nullopt;
    const std::string_view digits = tree.text_of(tree.nodes[*number]);
    return is_integer_text(digits) ? std::optional(digits) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> find_base64(const TextTree& tree,
                                                            std::uint32_t node) const override {
    const std::optional<std::uint32_t> text = find_value(tree, node, "$b64");
    if (!text || tree.nodes[*text].kind != TextKind::String) return std::nullopt;
    return tree.text_of(tree.nodes[*text]);
  }

  [[nodiscard]] std::string describe(const TextTree& tree, std::uint32_t node) const override {
    const TextNode& text_node = tree.nodes[node];
    const std::string_view text = tree.text_of(text_node);
    if (text_node.kind == TextKind::Number) return fmt::format("the number {}", quote_text(text));
    if (text_node.kind == TextKind::String) return fmt::format("the string {}", quote_text(text));
    if (text_node.kind == TextKind::List) return fmt::format("an array of {}", text_node.parts);
    if (text_node.kind == TextKind::Fields) return "an object";
    return is_null(tree, node) ? "`null`" : quote_text(text);
  }
  [[nodiscard]] std::string type_hint(const types::Type& type) const override {
    return std::visit(JsonHint(), type.kind);
  }
  [[nodiscard]] std::string no_payload_hint(std::string_view label) const override {
    return fmt::format("write `{{\"{}\": null}}`", label);
  }
};

}  // namespace

Result<TextTree> parse_json_tree(std::string_view text, std::string_view file) {
  const auto fail = [&](Diagnostic problem) {
    problem.where.file = file;
    return problem;
  };
  if (text.size() > limits::kFileBytes)
    return fail(make_diagnostic(Code::ValueSyntax,
                                "the text has {} bytes, more than the limit of {}", text.size(),
                                limits::kFileBytes));
  JsonTreeBuilder builder;
  if (nlohmann::json::sax_parse(text, &builder)) return builder.take_tree();
  Diagnostic problem =
      make_diagnostic(Code::ValueSyntax, "the text is not JSON: {}", builder.message());
  problem.hints.emplace_back("write one JSON value, with strings in double quotes");
  const std::size_t at = builder.position();
  if (at > 0) show_place(problem, text, at - 1, at);
  return fail(std::move(problem));
}

const TextSyntax& json_syntax() {
  static constexpr JsonSyntax kSyntax;
  return kSyntax;
}

}  // namespace tenon::value
