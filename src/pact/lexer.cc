#include "pact/lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon::pact {

namespace {

constexpr std::array<TypeKeyword, 23> kTypeKeywords{{
    {"bool", TypeKind::Plain, packr::TypeTag::Bool},
    {"u8", TypeKind::Plain, packr::TypeTag::U8},
    {"u16", TypeKind::Plain, packr::TypeTag::U16},
    {"u32", TypeKind::Plain, packr::TypeTag::U32},
    {"u64", TypeKind::Plain, packr::TypeTag::U64},
    {"s8", TypeKind::Plain, packr::TypeTag::S8},
    {"s16", TypeKind::Plain, packr::TypeTag::S16},
    {"s32", TypeKind::Plain, packr::TypeTag::S32},
    {"s64", TypeKind::Plain, packr::TypeTag::S64},
    {"f32", TypeKind::Plain, packr::TypeTag::F32},
    {"f64", TypeKind::Plain, packr::TypeTag::F64},
    {"char", TypeKind::Plain, packr::TypeTag::Char},
    {"string", TypeKind::Plain, packr::TypeTag::String},
    {"flags", TypeKind::Plain, packr::TypeTag::Flags},
    {"value", TypeKind::Plain, packr::TypeTag::Value},
    {"list", TypeKind::List, {}},
    {"option", TypeKind::Option, {}},
    {"set", TypeKind::Set, {}},
    {"map", TypeKind::Map, {}},
    {"result", TypeKind::Result, {}},
    {"tuple", TypeKind::Tuple, {}},
    {"self", TypeKind::Self, {}},
    {"_", TypeKind::Unit, {}},
}};

// Keywords that begin an item if a name or a brace follows.
constexpr std::array<std::string_view, 12> kItemWords = {
    "record", "variant", "enum",   "flags",  "type",    "interface",
    "world",  "use",     "import", "export", "imports", "exports"};

bool is_item_word(std::string_view word) {
  return std::ranges::find(kItemWords, word) != kItemWords.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<TextProblem>& problems)
      : text_(text), problems_(problems) {}

  std::vector<Token> run() {
    while (!gives_up() && skip_blanks()) read_token();
    if (gives_up()) tokens_.clear();
    tokens_.push_back({Token::Kind::End, {}, span_from(at_)});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] TextSpan span_from(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }
  void add(Token::Kind kind, std::size_t begin, std::string text) {
    tokens_.push_back({kind, std::move(text), span_from(begin)});
  }
  void fail(std::size_t begin, std::string message, std::string hint = {}) {
    problems_.push_back({begin, at_, std::move(message), std::move(hint)});
  }

  // After this many unknown characters the text is in some other language.
  [[nodiscard]] bool gives_up() const { return unknown_runs_ == 3; }

  // Also skips comments. False at the end of the text.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_).starts_with("/*")) {
        skip_comment();
      } else {
        return true;
      }
    }
    return false;
  }

  void skip_comment() {
    const std::size_t begin = at_;
    const std::size_t end = text_.find("*/", at_ + 2);
    if (end != std::string_view::npos) {
      at_ = end + 2;
      return;
    }
    at_ += 2;
    fail(begin, "unterminated comment: expected `*/`");
    at_ = text_.size();
  }

  void read_token() {
    const std::size_t begin = at_;
    if (const std::size_t length = find_identifier_end(text_.substr(at_)); length > 0) {
      at_ += length;
      add(Token::Kind::Identifier, begin, std::string(text_.substr(begin, length)));
    } else if (is_digit(peek()) || (peek() == '-' && is_digit(peek(1)))) {
      do ++at_;
      while (is_digit(peek()) || peek() == '.');
      add(Token::Kind::Number, begin, std::string(text_.substr(begin, at_ - begin)));
    } else if (peek() == '"') {
      read_string();
    } else if (std::string_view("{}()<>:,=;-.@*/").find(peek()) != std::string_view::npos) {
      ++at_;
      add(Token::Kind::Sign, begin, std::string(1, text_[begin]));
    } else {
      refuse_unknown();
    }
  }

  [[nodiscard]] bool begins_token() const {
    return peek() == '"' || is_digit(peek()) ||
           std::string_view("{}()<>:,=;-.@*/ \t\r\n").find(peek()) != std::string_view::npos ||
           find_identifier_end(text_.substr(at_)) > 0;
  }

  // Reports a run of characters that cannot begin a token as one problem.
  void refuse_unknown() {
    const std::size_t begin = at_;
    do at_ += next_character(text_.substr(at_)).bytes.size();
    while (at_ < text_.size() && !begins_token());
    ++unknown_runs_;
    const std::string shown = quote_text(text_.substr(begin, at_ - begin));
    std::string hint;
    if (text_[begin] == '%') hint = "remove the `%`: packr's languages allow keywords as names";
    if (gives_up())
      hint = "check that the file is in one of packr's interface languages: see `tenon help packr`";
    fail(begin, fmt::format("unexpected {}", shown), std::move(hint));
  }

  void read_string() {
    const std::size_t begin = at_++;
    std::string text;
    while (peek() != '"') {
      if (at_ >= text_.size() || peek() == '\n') {
        fail(begin, "unterminated string: expected `\"`");
        return;
      }
      if (peek() == '\\')
        read_escape(text);
      else
        text += text_[at_++];
    }
    ++at_;
    add(Token::Kind::String, begin, std::move(text));
  }

  void read_escape(std::string& text) {
    const std::size_t begin = at_++;
    constexpr std::string_view kEscapes = "n\nr\rt\t\"\"\\\\";
    for (std::size_t i = 0; i < kEscapes.size(); i += 2)
      if (peek() == kEscapes[i]) {
        text += kEscapes[i + 1];
        ++at_;
        return;
      }
    if (peek() == 'u' && peek(1) == '{') {
      std::uint32_t code = 0;
      const char* const end = text_.data() + text_.size();
      const auto read = std::from_chars(text_.data() + at_ + 2, end, code, 16);
      if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '}' && is_scalar_value(code)) {
        at_ = static_cast<std::size_t>(read.ptr - text_.data()) + 1;
        append_utf8(text, code);
        return;
      }
    }
    fail(begin, "unknown escape: expected one of \\\" \\\\ \\n \\r \\t \\u{1b}");
  }

  std::string_view text_;
  std::vector<TextProblem>& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int unknown_runs_ = 0;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::vector<TextProblem>& problems) {
  return Lexer(text, problems).run();
}

std::size_t find_identifier_end(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  const auto end = std::ranges::find_if_not(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  return static_cast<std::size_t>(end - text.begin());
}

std::string quote_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Utf8Character character = next_character(text);
    text.remove_prefix(character.bytes.size());
    const std::uint32_t code = character.code.value_or(0xfffd);
    if (code == '"' || code == '\\')
      quoted += fmt::format("\\{}", static_cast<char>(code));
    else if (is_safe_character(code))
      quoted += character.bytes;
    else
      quoted += fmt::format("\\u{{{:x}}}", code);
  }
  return quoted + '"';
}

const TypeKeyword* find_type_keyword(std::string_view word) {
  const auto* const match = std::ranges::find(kTypeKeywords, word, &TypeKeyword::word);
  return match == kTypeKeywords.end() ? nullptr : match;
}

std::string_view type_keyword(const TypeExpr& type) {
  const auto* const match = std::ranges::find_if(kTypeKeywords, [&](const TypeKeyword& keyword) {
    return keyword.kind == type.kind && (type.kind != TypeKind::Plain || keyword.tag == type.tag);
  });
  return match == kTypeKeywords.end() ? std::string_view() : match->word;
}

bool TokenStream::is_sign(char sign, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == Token::Kind::Sign && token.text[0] == sign;
}

bool TokenStream::is_word(std::string_view word, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == Token::Kind::Identifier && token.text == word;
}

bool TokenStream::is_name(std::size_t ahead) const {
  const Token::Kind kind = peek(ahead).kind;
  return kind == Token::Kind::Identifier || kind == Token::Kind::String;
}

const Token& TokenStream::take() {
  const Token& token = peek();
  if (is_sign('{')) ++depth_;
  if (is_sign('}') && depth_ > 0) --depth_;
  if (!at_end()) ++at_;
  return token;
}

bool TokenStream::accept(char sign) {
  if (!is_sign(sign)) return false;
  take();
  return true;
}

bool TokenStream::accept_word(std::string_view word) {
  if (!is_word(word)) return false;
  take();
  return true;
}

bool TokenStream::expect(char sign, std::string_view after) {
  return accept(sign) ||
         fail(fmt::format("expected `{}` after {}, found {}", sign, after, describe_here()));
}

bool TokenStream::expect_name(Name& name, std::string_view what) {
  if (!is_name()) return fail(fmt::format("expected {}, found {}", what, describe_here()));
  const Token& token = take();
  name = {token.text, token.span};
  return true;
}

bool TokenStream::fail_at(TextSpan span, std::string message, std::string hint) {
  problems_.push_back({span.begin, span.end, std::move(message), std::move(hint)});
  return false;
}

std::string TokenStream::describe_here() const {
  return at_end() ? "the end of the text" : quote_text(peek().text);
}

void TokenStream::skip_to_item(std::size_t depth) {
  const std::size_t begin = at_;
  while (!at_end()) {
    const bool is_level = depth_ <= depth;
    if (is_level && is_sign('}')) return;
    const bool begins_item = peek().kind == Token::Kind::Identifier && is_item_word(peek().text) &&
                             (is_name(1) || is_sign('{', 1));
    if (is_level && at_ > begin && begins_item) return;
    const bool ends = is_sign(';') || is_sign('}');
    take();
    if (ends && depth_ <= depth) return;
  }
}

}  // namespace tenon::pact
