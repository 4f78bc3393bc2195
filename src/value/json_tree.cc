#include "value/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"

namespace tenon::value {

namespace {

using JsonKind = JsonNode::Kind;

// A map takes two levels for one of its type, an array of pairs; bytes take one for `$b64`.
constexpr std::size_t kDepth = 2 * std::size_t{limits::kNestingDepth} + 1;

struct Wanted {
  std::string_view context;
  std::string_view message;
};

// The message for each thing that nlohmann's parser was reading.
constexpr Wanted kWanted[] = {{"object key", "expected a key: a string in double quotes"},
                              {"object separator", "expected `:` after a key"},
                              {"object", "expected `,` or `}`"},
                              {"array", "expected `,` or `]`"}};

// Rewords an error of nlohmann's parser, such as "[json.exception.parse_error.101] parse error at
// line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{i'".
std::string reword(std::string_view what) {
  constexpr std::string_view kWhile = "while parsing ";
  constexpr std::string_view kString = "invalid string: ";
  const auto has = [what](std::string_view part) { return what.find(part) != what.npos; };
  constexpr std::string_view kOverflow = "number overflow parsing '";
  if (const std::size_t number = what.find(kOverflow); number != what.npos) {
    what.remove_prefix(number + kOverflow.size());
    return fmt::format("the number {} is too large",
                       sanitize_text(what.substr(0, what.find('\''))));
  }
  if (has("unexpected end of input")) return "the text ends too early";
  if (has("expected end of input")) return "there is more text after the value";
  if (has("missing closing quote")) return "a string has no closing quote";
  if (has("invalid UTF-8 byte") || has("ill-formed UTF-8")) return "a string is not UTF-8";
  if (has(kString)) {
    what.remove_prefix(what.find(kString) + kString.size());
    return fmt::format("invalid string: {}", sanitize_text(what.substr(0, what.find("; "))));
  }
  if (has("invalid number")) return "invalid number";
  const std::size_t at = what.find(kWhile);
  const std::string_view rest = at == what.npos ? "" : what.substr(at + kWhile.size());
  for (const Wanted& wanted : kWanted)
    if (rest.substr(0, rest.find(" - ")) == wanted.context) return std::string(wanted.message);
  return "expected a value: a string in double quotes, a number, `true`, `false`, `null`, "
         "an array or an object";
}

// What nlohmann's parser calls for each part of the text; false stops it.
class TreeBuilder {
 public:
  bool null() { return add(JsonKind::Null, ""); }
  bool boolean(bool value) { return add(value ? JsonKind::True : JsonKind::False, ""); }
  bool number_integer(std::int64_t number) {
    return add(JsonKind::Number, fmt::format_int(number).c_str());
  }
  bool number_unsigned(std::uint64_t number) {
    return add(JsonKind::Number, fmt::format_int(number).c_str());
  }
  bool number_float(double /*number*/, const std::string& digits) {
    return add(JsonKind::Number, digits);
  }
  bool string(const std::string& text) { return add(JsonKind::String, text); }
  bool binary(const std::vector<std::uint8_t>& /*bytes*/) { return false; }
  bool key(const std::string& text) { return add(JsonKind::String, text); }
  bool start_object(std::size_t /*size*/) { return open(JsonKind::Object); }
  bool start_array(std::size_t /*size*/) { return open(JsonKind::Array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    message_ = reword(error.what());
    position_ = position;
    return false;
  }

  [[nodiscard]] JsonTree take_tree() { return std::move(tree_); }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  bool add(JsonKind kind, std::string_view text) {
    if (!open_.empty()) ++tree_.nodes[open_.back()].parts;
    JsonNode node;
    node.kind = kind;
    node.begin = static_cast<std::uint32_t>(tree_.text.size());
    node.size = static_cast<std::uint32_t>(text.size());
    node.next = static_cast<std::uint32_t>(tree_.nodes.size() + 1);
    tree_.text += text;
    tree_.nodes.push_back(node);
    return true;
  }
  bool open(JsonKind kind) {
    add(kind, "");
    open_.push_back(tree_.nodes.size() - 1);
    if (open_.size() <= kDepth) return true;
    message_ = fmt::format("arrays and objects are nested deeper than {}", kDepth);
    return false;
  }
  bool close() {
    tree_.nodes[open_.back()].next = static_cast<std::uint32_t>(tree_.nodes.size());
    open_.pop_back();
    return true;
  }

  JsonTree tree_;
  std::vector<std::size_t> open_;
  std::string message_;
  std::size_t position_ = 0;
};

}  // namespace

Result<JsonTree> read_json_tree(std::string_view text) {
  if (text.size() > limits::kFileBytes)
    return make_diagnostic(Code::ValueSyntax, "the text has {} bytes, at most {} are read",
                           text.size(), limits::kFileBytes);
  TreeBuilder builder;
  if (nlohmann::json::sax_parse(text, &builder)) return builder.take_tree();
  Diagnostic problem =
      make_diagnostic(Code::ValueSyntax, "the text is not JSON: {}", builder.message());
  problem.hints.emplace_back("write one JSON value, with text in `\"`");
  const std::size_t at = builder.position();
  if (at > 0) show_place(problem, text, at - 1, at);
  return problem;
}

}  // namespace tenon::value
