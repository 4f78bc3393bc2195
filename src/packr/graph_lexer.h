// A place in a text of packr's notation, and the words that can stand there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "packr/graph_value.h"

namespace tenon::packr {

// Every function that returns a bool is false after a problem, which the first one keeps.
class GraphLexer {
 public:
  // REQUIRES: `text` is UTF-8 and outlives the lexer
  explicit GraphLexer(std::string_view text) : text_(text) {}

  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] std::size_t problem_offset() const { return problem_at_; }

  void skip_blanks();
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  // The next byte, or 0 at the end.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  // Steps over blanks and `word`, if it is there.
  bool accept(std::string_view word);
  // The same; else the problem names `word`.
  bool expect(std::string_view word);

  // Says what is wrong here, or at `offset`. Always false.
  bool fail(std::string message) { return fail_at(at_, std::move(message)); }
  bool fail_at(std::size_t offset, std::string message);
  // What stands here, for a message.
  [[nodiscard]] std::string describe_here() const;

  // The identifier that stands here; empty if none does.
  std::string_view take_identifier();
  // "text" with its escapes.
  bool read_string(std::string& text);
  bool read_character(GraphScalar& scalar);
  // 7u8, -1.5f32
  bool read_number(GraphScalar& scalar);
  // (0x5): the bits of a flags, f32 or f64, whose word has been taken.
  bool read_bits(GraphScalar& scalar);
  // #3: a tag, if it stands here.
  bool read_tag(std::uint32_t& tag);

 private:
  bool read_escape(char quote, std::string& text);
  bool read_code_point(std::string& text);
  std::string_view take_digits();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t problem_at_ = 0;
  std::string message_;
};

}  // namespace tenon::packr
