// Parses WAVE into a TextTree by recursive descent, and says how WAVE writes each type.
//
// The grammar needs one token ahead. It has two ambiguities that only a type can resolve, so the
// tree keeps them: `{a: 1}` is a record or a map (Fields), and a label is a keyword, a case, a flag
// or the name of a field. Productions are cited from docs/wave.md.
#include "value/wave_syntax.h"

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/utf8.h"
#include "value/numbers.h"
#include "value/wave_lexer.h"

namespace tenon::value {

namespace {

using Token = WaveTokenKind;

class WaveParser {
 public:
  WaveParser(std::string_view text, std::size_t begin) : text_(text), lexer_(text, begin) {
    tree_.source = text;
    advance();
  }

  // Each returns false once there is a problem.
  [[nodiscard]] bool read_value();
  [[nodiscard]] bool read_arguments();
  [[nodiscard]] bool read_end();

  [[nodiscard]] TextTree take_tree() { return std::move(tree_); }
  [[nodiscard]] const TextProblem& problem() const { return problem_; }

 private:
  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool is_at(Token kind) const { return token_.kind == kind; }
  bool fail(TextProblem problem) {
    problem_ = std::move(problem);
    return false;
  }
  bool fail_expecting(std::string_view expected, std::string_view hint);
  [[nodiscard]] bool expect(Token kind, std::string_view expected, std::string_view hint);

  // Adds a node for the token, moves past it, and returns the index of the node. The node ends
  // there, unless `close` is called after its parts were added.
  std::size_t open(TextKind kind);
  // The node ends before offset `end` of the source.
  void close(std::size_t node, std::uint32_t end);
  // The node ends with the token, which is moved past.
  bool close_at_token(std::size_t node);
  bool read_leaf(TextKind kind);

  bool read_label();
  bool read_tuple();
  bool read_values(std::size_t node, Token closing, std::string_view expected);
  bool read_braces();
  bool read_key();
  bool read_fields(std::size_t node);
  bool read_flags(std::size_t node);

  std::string_view text_;
  WaveLexer lexer_;
  WaveToken token_;
  TextTree tree_;
  std::uint32_t depth_ = 0;
  TextProblem problem_;
};

bool WaveParser::fail_expecting(std::string_view expected, std::string_view hint) {
  if (is_at(Token::Problem)) return fail(lexer_.problem());
  if (is_at(Token::End))
    return fail({text_.size(), text_.size(),
                 fmt::format("expected {}, found the end of the text", expected),
                 std::string(hint)});
  return fail({token_.begin, token_.end,
               fmt::format("expected {}, found {}", expected,
                           quote_text(text_.substr(token_.begin, token_.end - token_.begin))),
               std::string(hint)});
}

bool WaveParser::expect(Token kind, std::string_view expected, std::string_view hint) {
  if (!is_at(kind)) return fail_expecting(expected, hint);
  advance();
  return true;
}

std::size_t WaveParser::open(TextKind kind) {
  TextNode node;
  node.kind = kind;
  node.is_escaped = is_at(Token::Label) && text_[token_.begin] == '%';
  node.begin = token_.begin;
  node.end = token_.end;
  tree_.add_leaf(node, token_.text);
  advance();
  return tree_.nodes.size() - 1;
}

void WaveParser::close(std::size_t node, std::uint32_t end) {
  tree_.nodes[node].end = end;
  tree_.nodes[node].next = static_cast<std::uint32_t>(tree_.nodes.size());
}

bool WaveParser::close_at_token(std::size_t node) {
  close(node, token_.end);
  advance();
  return true;
}

bool WaveParser::read_leaf(TextKind kind) {
  open(kind);
  return true;
}

bool WaveParser::read_value() {
  if (depth_ == limits::kNestingDepth)
    return fail({token_.begin, token_.end,
                 fmt::format("values are nested deeper than {} levels", limits::kNestingDepth),
                 "no type has more levels"});
  ++depth_;
  const bool is_read = [&] {
    switch (token_.kind) {
      case Token::Number:
        return read_leaf(TextKind::Number);
      case Token::Char:
        return read_leaf(TextKind::Char);
      case Token::String:
      case Token::MultilineString:
        return read_leaf(TextKind::String);
      case Token::Handle:
        return read_leaf(TextKind::Handle);
      case Token::Label:
        return read_label();
      case Token::ParenOpen:
        return read_tuple();
      case Token::BracketOpen:
        return read_values(open(TextKind::List), Token::BracketClose, "`,` or `]`");
      case Token::BraceOpen:
        return read_braces();
      case Token::BraceClose:
      case Token::ParenClose:
      case Token::BracketClose:
      case Token::Colon:
      case Token::Comma:
      case Token::End:
      case Token::Problem:
        break;
    }
    return fail_expecting("a value", "write a value");
  }();
  --depth_;
  return is_read;
}

// case ::= label ('(' value ')')?
bool WaveParser::read_label() {
  const std::size_t node = open(TextKind::Label);
  if (!is_at(Token::ParenOpen)) return true;
  advance();
  if (is_at(Token::ParenClose))
    return fail_expecting("a value", "leave out the `()` of a case without payload");
  if (!read_value()) return false;
  tree_.nodes[node].parts = 1;
  close(node, token_.end);
  return expect(Token::ParenClose, "`)`",
                "a case has one payload; write several values as a tuple");
}

// tuple ::= '(' (value (',' value)* ','?)? ')'
bool WaveParser::read_tuple() {
  return read_values(open(TextKind::Tuple), Token::ParenClose, "`,` or `)`");
}

// list ::= '[' (value (',' value)* ','?)? ']'; the `[` is read.
bool WaveParser::read_values(std::size_t node, Token closing, std::string_view expected) {
  while (!is_at(closing)) {
    if (!read_value()) return false;
    ++tree_.nodes[node].parts;
    if (!is_at(Token::Comma) && !is_at(closing))
      return fail_expecting(expected, "separate values with commas");
    if (is_at(Token::Comma)) advance();
  }
  return close_at_token(node);
}

// value ::= .. | '{' '}' | flags | entries
bool WaveParser::read_braces() {
  const std::size_t node = open(TextKind::Flags);
  if (is_at(Token::BraceClose)) return close_at_token(node);
  if (is_at(Token::Colon)) {
    tree_.nodes[node].kind = TextKind::Fields;
    advance();
    close(node, token_.end);
    return expect(Token::BraceClose, "`}`", "write a record without fields as `{:}`");
  }
  if (!read_key()) return false;
  return is_at(Token::Colon) ? read_fields(node) : read_flags(node);
}

// key ::= label | number | char | string
bool WaveParser::read_key() {
  if (is_at(Token::Label)) return read_leaf(TextKind::Label);
  if (is_at(Token::Number)) return read_leaf(TextKind::Number);
  if (is_at(Token::Char)) return read_leaf(TextKind::Char);
  if (is_at(Token::String)) return read_leaf(TextKind::String);
  return fail_expecting("a label or a key", "write fields as `{a: 1}`, flags as `{a, b}`");
}

// entries ::= '{' ':' '}' | '{' key ':' value (',' key ':' value)* ','? '}'; the first key is read.
bool WaveParser::read_fields(std::size_t node) {
  tree_.nodes[node].kind = TextKind::Fields;
  while (true) {
    if (!expect(Token::Colon, "`:`", "write each field or entry as `key: value`")) return false;
    if (!read_value()) return false;
    tree_.nodes[node].parts += 2;
    if (!is_at(Token::Comma) && !is_at(Token::BraceClose))
      return fail_expecting("`,` or `}`", "separate fields with commas");
    if (is_at(Token::Comma)) advance();
    if (is_at(Token::BraceClose)) return close_at_token(node);
    if (!read_key()) return false;
  }
}

// flags ::= '{' label (',' label)* ','? '}'; the first label is read.
bool WaveParser::read_flags(std::size_t node) {
  if (tree_.nodes.back().kind != TextKind::Label)
    return fail_expecting("`:`", "write each entry of a map as `key: value`");
  while (true) {
    ++tree_.nodes[node].parts;
    if (!is_at(Token::Comma) && !is_at(Token::BraceClose))
      return fail_expecting("`,`, `:` or `}`", "separate flags with commas");
    if (is_at(Token::Comma)) advance();
    if (is_at(Token::BraceClose)) return close_at_token(node);
    if (!is_at(Token::Label)) return fail_expecting("a flag", "write flags as `{a, b}`");
    open(TextKind::Label);
  }
}

bool WaveParser::read_arguments() {
  if (!is_at(Token::ParenOpen)) return fail_expecting("`(`", "write a call as `name(1, 2)`");
  return read_tuple();
}

bool WaveParser::read_end() {
  return is_at(Token::End) ||
         fail_expecting("the end of the text", "remove the text after the value");
}

struct WaveHint {
  std::string operator()(const types::Primitive& kind) const {
    using types::Primitive;
    switch (kind) {
      case Primitive::Bool:
        return "write `true` or `false`";
      case Primitive::Char:
        return "write a char as `'x'`";
      case Primitive::String:
        return "write a string as `\"text\"`";
      case Primitive::F32:
      case Primitive::F64:
        return "write a number such as `1.5`, or one of `nan`, `inf`, `-inf`";
      case Primitive::S8:
      case Primitive::U8:
      case Primitive::S16:
      case Primitive::U16:
      case Primitive::S32:
      case Primitive::U32:
      case Primitive::S64:
      case Primitive::U64:
        return fmt::format("write an integer from {}", range_text(kind));
      case Primitive::ErrorContext:
        break;
    }
    return "error contexts cannot be written as text";
  }
  std::string operator()(const types::Record& kind) const {
    return fmt::format("write a record as `{{{}: ..}}`, or as `{{:}}` if all fields are left out",
                       kind.fields.empty() ? "field" : kind.fields[0].label);
  }
  std::string operator()(const types::Variant& /*kind*/) const {
    return "write one of the cases, as `case` or `case(payload)`";
  }
  std::string operator()(const types::List& /*kind*/) const { return "write a list as `[a, b]`"; }
  std::string operator()(const types::Map& /*kind*/) const {
    return "write a map as `{key: value}`, or as `{}` if it is empty";
  }
  std::string operator()(const types::Tuple& /*kind*/) const { return "write a tuple as `(a, b)`"; }
  std::string operator()(const types::Flags& /*kind*/) const {
    return "write flags as `{a, b}`, or as `{}` if none is set";
  }
  std::string operator()(const types::Enum& /*kind*/) const {
    return "write one of the cases, without quotes";
  }
  std::string operator()(const types::Option& /*kind*/) const {
    return "write `none` or `some(..)`";
  }
  std::string operator()(const types::ResultType& kind) const {
    return fmt::format("write `ok{}` or `err{}`", kind.ok ? "(..)" : "", kind.error ? "(..)" : "");
  }
  std::string operator()(const types::Dynamic& /*kind*/) const {
    return "write a value of any type; a record is `{field: value}`";
  }
  template <types::HandleKind Handle>
  std::string operator()(const Handle& /*kind*/) const {
    return "write a handle as its number, such as `$1`";
  }
};

class WaveSyntax final : public TextSyntax {
 public:
  [[nodiscard]] TextKinds kinds() const override {
    return {.character = TextKind::Char,
            .tuple = TextKind::Tuple,
            .flags = TextKind::Flags,
            .map = TextKind::Fields};
  }
  // A payload that is an option or a result itself is written with its case.
  [[nodiscard]] BarePayload bare_payload(const types::Type& /*whole*/,
                                         const types::Type& payload) const override {
    const bool has_keywords = std::holds_alternative<types::Option>(payload.kind) ||
                              std::holds_alternative<types::ResultType>(payload.kind);
    return has_keywords ? BarePayload::No : BarePayload::Yes;
  }

  [[nodiscard]] std::optional<std::string_view> find_number(const TextTree& tree,
                                                            std::uint32_t node,
                                                            types::Primitive type) const override {
    const TextNode& text_node = tree.nodes[node];
    if (text_node.kind == TextKind::Number) return tree.text_of(text_node);
    const std::string_view word =
        text_node.parts == 0 ? tree.word_of(text_node) : std::string_view();
    const bool is_float = type == types::Primitive::F32 || type == types::Primitive::F64;
    return is_float && (word == "nan" || word == "inf") ? std::optional(word) : std::nullopt;
  }
  [[nodiscard]] std::optional<CaseText> find_label(const TextTree& tree,
                                                   std::uint32_t node) const override {
    const TextNode& text_node = tree.nodes[node];
    if (text_node.kind != TextKind::Label) return std::nullopt;
    return CaseText{.label = tree.text_of(text_node),
                    .is_keyword = is_keyword(tree.word_of(text_node)),
                    .payload = text_node.parts == 0 ? 0 : node + 1};
  }
  [[nodiscard]] std::optional<CaseText> find_case(const TextTree& tree,
                                                  std::uint32_t node) const override {
    return find_label(tree, node);
  }
  [[nodiscard]] std::optional<CaseText> find_keyword(const TextTree& tree, std::uint32_t node,
                                                     BarePayload /*bare*/) const override {
    const std::optional<CaseText> written = find_label(tree, node);
    return written && written->is_keyword ? written : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> find_handle(const TextTree& tree,
                                                            std::uint32_t node) const override {
    const TextNode& text_node = tree.nodes[node];
    return text_node.kind == TextKind::Handle ? std::optional(tree.text_of(text_node))
                                              : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> find_base64(const TextTree& /*tree*/,
                                                            std::uint32_t /*node*/) const override {
    return std::nullopt;
  }

  [[nodiscard]] std::string describe(const TextTree& tree, std::uint32_t node) const override {
    const TextNode& text_node = tree.nodes[node];
    const std::string_view written = tree.source_of(text_node);
    switch (text_node.kind) {
      case TextKind::Number:
        return fmt::format("the number {}", quote_text(written));
      case TextKind::Char:
        return fmt::format("the char {}", quote_text(written));
      case TextKind::String:
        return written.starts_with("\"\"\"") ? "a string"
                                             : fmt::format("the string {}", quote_text(written));
      case TextKind::Handle:
        return fmt::format("the handle {}", quote_text(written));
      case TextKind::Label:
        return quote_text(written);
      case TextKind::Tuple:
        return "a tuple";
      case TextKind::List:
        return "a list";
      case TextKind::Flags:
        return text_node.parts == 0 ? "`{}`" : "flags";
      case TextKind::Fields:
        return text_node.parts == 0 ? "`{:}`" : "a record or map";
    }
    return "a value";
  }
  [[nodiscard]] std::string type_hint(const types::Type& type) const override {
    return std::visit(WaveHint(), type.kind);
  }
  [[nodiscard]] std::string no_payload_hint(std::string_view label) const override {
    return fmt::format("remove the payload of `{}`", label);
  }
};

// Parses the whole of a text.  read: bool(WaveParser&).
template <class Read>
Result<TextTree> parse_text(std::string_view text, std::size_t begin, std::string_view file,
                            Read&& read) {
  const auto fail = [&](const TextProblem& error) {
    Diagnostic problem = make_diagnostic(Code::ValueSyntax, "{}", error.message);
    problem.where.file = file;
    show_place(problem, text, error.begin, error.end);
    if (!error.hint.empty()) problem.hints.push_back(error.hint);
    return problem;
  };
  // The lexer requires UTF-8 of a bounded size.
  if (text.size() > limits::kFileBytes) {
    Diagnostic problem =
        make_diagnostic(Code::ValueSyntax, "the text has {} bytes, more than the limit of {}",
                        text.size(), limits::kFileBytes);
    problem.where.file = file;
    return problem;
  }
  if (const std::optional<std::size_t> bad = find_bad_utf8(text))
    return fail({*bad, *bad + 1, "the text is not UTF-8",
                 "write the text in UTF-8, and bytes as a `list<u8>`"});
  WaveParser parser(text, begin);
  if (!read(parser) || !parser.read_end()) return fail(parser.problem());
  return parser.take_tree();
}

}  // namespace

Result<TextTree> parse_wave_tree(std::string_view text, std::string_view file) {
  return parse_text(text, 0, file, [](WaveParser& parser) { return parser.read_value(); });
}

Result<TextTree> parse_wave_arguments_tree(std::string_view text, std::size_t begin,
                                           std::string_view file) {
  return parse_text(text, begin, file, [](WaveParser& parser) { return parser.read_arguments(); });
}

const TextSyntax& wave_syntax() {
  static constexpr WaveSyntax kSyntax;
  return kSyntax;
}

}  // namespace tenon::value
