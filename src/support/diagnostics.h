// Makes diagnostics. Codes come from `diagnostics.def`, so that a misspelt code does not compile.
//
//   Diagnostic problem = make_diagnostic(Code::ResolveCycle, "Circular dependency detected: {}",
//   path);
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

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

template <class... Args>
[[nodiscard]] Diagnostic make_diagnostic(Code code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  Diagnostic made;
  made.code = code_text(code);
  made.severity = code_severity(code);
  made.message = fmt::format(format, std::forward<Args>(args)...);
  return made;
}

}  // namespace tenon
