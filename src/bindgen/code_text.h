// Generated text, which grows by lines.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::bindgen {

// Columns of a line of generated code.
inline constexpr std::size_t kLineWidth = 100;

// A line of a comment. Nothing in it ends the comment, or continues it on the next line.
[[nodiscard]] std::string comment_text(std::string_view text);

// The lines of a comment: those of the documentation in a WIT, and a declaration, which is a `comment_text`.
// Each can be empty.
[[nodiscard]] std::vector<std::string> comment_lines(std::string_view docs,
                                                     std::string_view declaration);

class CodeText final {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }
  // An empty line, unless there is one.
  void gap() {
    if (!text_.ends_with("\n\n")) text_ += '\n';
  }
  // Comments of `comment_lines`, with `//` and with `/*`.
  void comment(std::string_view indent, std::string_view docs, std::string_view declaration);
  void block_comment(std::string_view indent, std::string_view docs, std::string_view declaration);
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace tenon::bindgen
