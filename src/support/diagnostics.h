// Makes diagnostics. The codes are rows of `diagnostics.def`, so a misspelled code does not
// compile.
//
//   Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` must be a string", key);
//   problem.hints.push_back("write `name = \"...\"`");
//   show_place(problem, text, begin, end);   // line, column, and the line with carets below
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon {

enum class Code {
#define TENON_DIAGNOSTIC(name, text, severity, summary) name,
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
};

// The text of a code, such as "resolve-cycle". Lifetime: static.
std::string_view code_text(Code code);

// The severity in the row of a code.
Severity code_severity(Code code);

[[nodiscard]] Diagnostic vmake_diagnostic(Code code, fmt::string_view format,
                                          fmt::format_args args);

template <class... Args>
[[nodiscard]] Diagnostic make_diagnostic(Code code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return vmake_diagnostic(code, format, fmt::make_format_args(args...));
}

// A problem in a text: the rule that is broken, and the bytes [begin, end) that break it.
struct TextProblem {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  std::string hint;  // may be empty
};

// Adds the place of the bytes [begin, end) of `text` to `problem`: line, column, and the line
// itself with carets below. A long line is cut around the place. An empty range shows one caret at
// `begin`.
void show_place(Diagnostic& problem, std::string_view text, std::size_t begin, std::size_t end);

// The beginning of `text` in backticks, for a message: "`[1, 2, 3, 4...`". Hostile text is escaped.
[[nodiscard]] std::string quote_text(std::string_view text);

// Names file and unit in every problem that names none, and adds what can be done about a file that
// is damaged, where the problem has no hint of its own.
[[nodiscard]] Diagnostics place_problems(Diagnostics problems, const std::string& file,
                                         const std::string& unit = {});

}  // namespace tenon
