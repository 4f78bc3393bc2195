// Makes diagnostics. Codes come from `diagnostics.def`, so that a misspelt code does not compile.
//
//   Diagnostic problem =
//       make_diagnostic(Code::ResolveCycle, "Circular dependency detected: {}", path);
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "tenon/diagnostic.h"

namespace tenon {

enum class Code {
#define TENON_DIAGNOSTIC(name, text, severity, summary) name,
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
};

// The kebab-case text of a code; static.
std::string_view code_text(Code code);

// Severity in the code's row.
Severity code_severity(Code code);

[[nodiscard]] Diagnostic vmake_diagnostic(Code code, fmt::string_view format,
                                          fmt::format_args args);

template <class... Args>
[[nodiscard]] Diagnostic make_diagnostic(Code code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return vmake_diagnostic(code, format, fmt::make_format_args(args...));
}

// A rule that a text breaks, and the bytes that break it.
struct TextProblem {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string message;
  std::string hint;  // may be empty
};

// Puts the line and column of bytes [begin, end) of `text`, and their line with carets below, into
// `problem`. A long line is cut around the place. A range that is empty stands for its first byte.
void show_place(Diagnostic& problem, std::string_view text, std::size_t begin, std::size_t end);

// A few characters of `text` in backticks, for a message: "`[1, 2, 3, 4...`".
[[nodiscard]] std::string quote_text(std::string_view text);

}  // namespace tenon
