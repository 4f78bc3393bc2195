#include "support/diagnostics.h"

#include <algorithm>

namespace tenon {

std::string_view code_text(Code code) {
  switch (code) {
#define TENON_DIAGNOSTIC(name, text, severity, summary) \
  case Code::name:                                      \
    return text;
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  }
  return "internal";
}

Severity code_severity(Code code) {
  switch (code) {
#define TENON_DIAGNOSTIC(name, text, severity, summary) \
  case Code::name:                                      \
    return Severity::severity;
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  }
  return Severity::Error;
}

Diagnostic vmake_diagnostic(Code code, fmt::string_view format, fmt::format_args args) {
  Diagnostic problem;
  problem.code = code_text(code);
  problem.severity = code_severity(code);
  problem.message = fmt::vformat(format, args);
  return problem;
}

std::vector<std::string_view> all_diagnostic_codes() {
  std::vector<std::string_view> codes = {
#define TENON_DIAGNOSTIC(name, text, severity, summary) text,
#include "support/diagnostics.def"
#undef TENON_DIAGNOSTIC
  };
  std::sort(codes.begin(), codes.end());
  return codes;
}

}  // namespace tenon
