#include "value/wave_tree.h"

#include <fmt/core.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/utf8.h"
#include "value/wave_lexer.h"

namespace tenon::value {

namespace {

using WaveKind = WaveNode::Kind;
using Token = WaveTokenKind;

class TreeReader {
 public:
  TreeReader(std::string_view text, std::size_t begin) : text_(text), lexer_(text, begin) {
    advance();
  }

  // A function returns false once there is a problem.
  [[nodiscard]] bool read_value();
  [[nodiscard]] bool read_arguments();
  [[nodiscard]] bool read_end();

  [[nodiscard]] WaveTree take_tree() { return std::move(tree_); }
  [[nodiscard]] const TextProblem& problem() const { return problem_; }

 private:
  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool is_at(Token kind) const { return token_.kind == kind; }
  bool fail(TextProblem problem) {
    problem_ = std::move(problem);
    return false;
  }
  // The token that stands here is not one of `wanted`.
  bool fail_expecting(std::string_view wanted, std::string hint);
  [[nodiscard]] bool expect(Token kind, std::string_view wanted, std::string_view hint);

  std::size_t open(WaveKind kind);
  // The node is complete; it ends with the token read last.
  void close(std::size_t node, std::uint32_t end);
  bool add_leaf(WaveKind kind);

  bool read_label();
  bool read_values(WaveKind kind, Token closing, std::string_view wanted);
  bool read_braces();
  bool read_key();
  bool read_fields(std::size_t node);
  bool read_flags(std::size_t node);

  std::string_view text_;
  WaveLexer lexer_;
  WaveToken token_;
  WaveTree tree_;
  std::uint32_t depth_ = 0;
  TextProblem problem_;
};

std::size_t TreeReader::open(WaveKind kind) {
  tree_.push_back({kind, token_.begin, token_.end, 0, 0});
  return tree_.size() - 1;
}

void TreeReader::close(std::size_t node, std::uint32_t end) {
  tree_[node].end = end;
  tree_[node].next = static_cast<std::uint32_t>(tree_.size());
}

bool TreeReader::add_leaf(WaveKind kind) {
  close(open(kind), token_.end);
  advance();
  return true;
}

bool TreeReader::fail_expecting(std::string_view wanted, std::string hint) {
  if (is_at(Token::Problem)) return fail(lexer_.problem());
  if (is_at(Token::End))
    return fail({text_.size(), text_.size(),
                 fmt::format("the text ends where {} is wanted", wanted), std::move(hint)});
  return fail(
      {token_.begin, token_.end,
       fmt::format("found {} where {} is wanted",
                   quote_text(text_.substr(token_.begin, token_.end - token_.begin)), wanted),
       std::move(hint)});
}

bool TreeReader::expect(Token kind, std::string_view wanted, std::string_view hint) {
  if (!is_at(kind)) return fail_expecting(wanted, std::string(hint));
  advance();
  return true;
}

bool TreeReader::read_value() {
  if (depth_ == limits::kNestingDepth)
    return fail({token_.begin, token_.end,
                 fmt::format("values are nested deeper than {}", limits::kNestingDepth),
                 "no type nests so deep"});
  ++depth_;
  const bool is_read = [&] {
    switch (token_.kind) {
      case Token::Number:
        return add_leaf(WaveKind::Number);
      case Token::Char:
        return add_leaf(WaveKind::Char);
      case Token::String:
        return add_leaf(WaveKind::String);
      case Token::MultilineString:
        return add_leaf(WaveKind::MultilineString);
      case Token::Handle:
        return add_leaf(WaveKind::Handle);
      case Token::Label:
        return read_label();
      case Token::ParenOpen:
        return read_values(WaveKind::Tuple, Token::ParenClose, "`,` or `)`");
      case Token::BracketOpen:
        return read_values(WaveKind::List, Token::BracketClose, "`,` or `]`");
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

// variant-case ::= label ( ws '(' value ')' )?
bool TreeReader::read_label() {
  const std::size_t node = open(WaveKind::Label);
  std::uint32_t end = token_.end;
  advance();
  if (is_at(Token::ParenOpen)) {
    advance();
    if (is_at(Token::ParenClose))
      return fail_expecting("a value", "write a case without payload without `()`");
    if (!read_value()) return false;
    tree_[node].parts = 1;
    end = token_.end;
    if (!expect(Token::ParenClose, "`)`", "a case has one payload; put several in a tuple"))
      return false;
  }
  close(node, end);
  return true;
}

// tuple ::= '(' values ','? ')'      list ::= '[' (values ','?)? ']'
bool TreeReader::read_values(WaveKind kind, Token closing, std::string_view wanted) {
  const std::size_t node = open(kind);
  advance();
  while (!is_at(closing)) {
    if (!read_value()) return false;
    ++tree_[node].parts;
    if (!is_at(Token::Comma) && !is_at(closing))
      return fail_expecting(wanted, "separate values by commas");
    if (is_at(Token::Comma)) advance();
  }
  if (kind == WaveKind::Tuple && tree_[node].parts == 0)
    return fail_expecting("a value", "a tuple has one value at least");
  close(node, token_.end);
  advance();
  return true;
}

bool TreeReader::read_braces() {
  const std::size_t node = open(WaveKind::Empty);
  advance();
  if (is_at(Token::BraceClose)) {
    close(node, token_.end);
    advance();
    return true;
  }
  if (is_at(Token::Colon)) {
    tree_[node].kind = WaveKind::Fields;
    advance();
    close(node, token_.end);
    return expect(Token::BraceClose, "`}`", "write a record or map without entries as `{:}`");
  }
  if (!read_key()) return false;
  return is_at(Token::Colon) ? read_fields(node) : read_flags(node);
}

// key ::= label | number | char | string
bool TreeReader::read_key() {
  if (is_at(Token::Label)) return add_leaf(WaveKind::Label);
  if (is_at(Token::Number)) return add_leaf(WaveKind::Number);
  if (is_at(Token::Char)) return add_leaf(WaveKind::Char);
  if (is_at(Token::String)) return add_leaf(WaveKind::String);
  return fail_expecting("a label or a key", "write fields as `{a: 1}`, flags as `{a, b}`");
}

// The first key is read, and here is its `:`.
bool TreeReader::read_fields(std::size_t node) {
  tree_[node].kind = WaveKind::Fields;
  while (true) {
    if (!expect(Token::Colon, "`:`", "each field and entry is `key: value`")) return false;
    if (!read_value()) return false;
    tree_[node].parts += 2;
    if (!is_at(Token::Comma) && !is_at(Token::BraceClose))
      return fail_expecting("`,` or `}`", "separate fields by commas");
    if (is_at(Token::Comma)) advance();
    if (is_at(Token::BraceClose)) break;
    if (!read_key()) return false;
  }
  close(node, token_.end);
  advance();
  return true;
}

// flags ::= '{' label (',' label)* ','? '}'; the first label is read.
bool TreeReader::read_flags(std::size_t node) {
  tree_[node].kind = WaveKind::Flags;
  while (true) {
    const WaveNode& label = tree_.back();
    if (label.kind != WaveKind::Label)
      return fail_expecting("`:`", "each entry of a map is `key: value`");
    ++tree_[node].parts;
    if (!is_at(Token::Comma) && !is_at(Token::BraceClose))
      return fail_expecting("`,`, `:` or `}`", "separate flags by commas");
    if (is_at(Token::Comma)) advance();
    if (is_at(Token::BraceClose)) break;
    if (!is_at(Token::Label)) return fail_expecting("a flag", "write flags as `{a, b}`");
    add_leaf(WaveKind::Label);
  }
  close(node, token_.end);
  advance();
  return true;
}

bool TreeReader::read_arguments() {
  if (!is_at(Token::ParenOpen)) return fail_expecting("`(`", "write a call as `name(1, 2)`");
  const WaveToken opening = token_;
  advance();
  if (is_at(Token::ParenClose)) {
    tree_.push_back({WaveKind::Tuple, opening.begin, token_.end, 1, 0});
    advance();
    return true;
  }
  // Read again from the parenthesis: a call without arguments is no tuple of the grammar.
  lexer_ = WaveLexer(text_, opening.begin);
  advance();
  return read_values(WaveKind::Tuple, Token::ParenClose, "`,` or `)`");
}

bool TreeReader::read_end() {
  return is_at(Token::End) || fail_expecting("the end", "remove what follows the value");
}

Diagnostic make_problem(std::string_view text, const TextProblem& found) {
  Diagnostic problem = make_diagnostic(Code::ValueSyntax, "{}", found.message);
  show_place(problem, text, found.begin, found.end);
  if (!found.hint.empty()) problem.hints.push_back(found.hint);
  return problem;
}

// What must hold before the lexer looks at a text.
std::optional<Diagnostic> find_unreadable(std::string_view text) {
  if (text.size() > limits::kFileBytes)
    return make_diagnostic(Code::ValueSyntax, "the text has {} bytes, at most {} are read",
                           text.size(), limits::kFileBytes);
  if (const std::optional<std::size_t> bad = find_bad_utf8(text))
    return make_problem(text, {*bad, *bad + 1, "a byte of the text is not UTF-8",
                               "write the text in UTF-8; bytes are a `list<u8>`"});
  return std::nullopt;
}

}  // namespace

Result<WaveTree> read_wave_tree(std::string_view text) {
  if (auto problem = find_unreadable(text)) return *std::move(problem);
  TreeReader reader(text, 0);
  if (!reader.read_value() || !reader.read_end()) return make_problem(text, reader.problem());
  return reader.take_tree();
}

Result<WaveTree> read_wave_arguments(std::string_view text, std::size_t begin) {
  if (auto problem = find_unreadable(text)) return *std::move(problem);
  TreeReader reader(text, begin);
  if (!reader.read_arguments() || !reader.read_end()) return make_problem(text, reader.problem());
  return reader.take_tree();
}

}  // namespace tenon::value
