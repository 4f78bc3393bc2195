// Generated text, which grows by lines.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

namespace tenon::bindgen {

// Columns of a line of generated code.
inline constexpr std::size_t kLineWidth = 100;

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
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace tenon::bindgen
