#include "value/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/text_place.h"

namespace tenon::value {

namespace {

using JsonKind = JsonNode::Kind;

// A map takes two levels for one of its type, an array of pairs; bytes take one for `$b64`.
constexpr std::size_t kDepth = 2 * std::size_t{limits::kNestingDepth} + 1;

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
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..."
    std::string_view what = error.what();
    if (const std::size_t id = what.find("] "); id != what.npos) what.remove_prefix(id + 2);
    if (what.starts_with("parse error at "))
      what.remove_prefix(std::min(what.find(": ") + 2, what.size()));
    message_ = sanitize_text(what);
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
