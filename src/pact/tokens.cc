#include "pact/tokens.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace tenon::pact {

namespace {

constexpr std::array<std::string_view, 12> kItemWords = {
    "record", "variant", "enum",   "flags",  "type",    "interface",
    "world",  "use",     "import", "export", "imports", "exports"};

}  // namespace

bool is_item_word(std::string_view word) {
  return std::ranges::find(kItemWords, word) != kItemWords.end();
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
         fail(fmt::format("`{}` is wanted after {}, and {} is here", sign, after, describe_here()));
}

bool TokenStream::expect_name(Name& name, std::string_view what) {
  if (!is_name()) return fail(fmt::format("{} is wanted, and {} is here", what, describe_here()));
  const Token& token = take();
  name = {token.text, token.place};
  return true;
}

bool TokenStream::fail_at(TextSpan place, std::string message, std::string hint) {
  problems_.push_back({place.begin, place.end, std::move(message), std::move(hint)});
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
