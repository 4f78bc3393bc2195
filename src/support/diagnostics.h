// Makes diagnostics. Codes come from `diagnostics.def`, so that a misspelt code does not compile.
//
//   Diagnostic problem =
//       make_diagnostic(Code::ResolveCycle, "Circular dependency detected: {}", path);
#pragma once

#include <fmt/core.h>

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

}  // namespace tenon
