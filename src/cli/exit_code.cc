#include "cli/exit_code.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace tenon::cli {

namespace {

ExitCode choose_run_code(std::string_view code) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, code) != codes.end();
  };
  if (code == "run-deadline") return ExitCode::RunDeadline;
  if (is_one_of({"run-trap", "run-open-import", "run-ended", "run-reentrance", "run-interrupted"}))
    return ExitCode::RunTrap;
  if (code == "run-guest-error") return ExitCode::Problems;
  if (is_one_of({"read-file", "run-no-command", "run-no-function"})) return ExitCode::RunNotFound;
  for (const std::string_view area : {"config-", "run-", "value-", "write-"})
    if (code.starts_with(area)) return ExitCode::RunUsage;
  return ExitCode::RunLink;
}

}  // namespace

ExitCode choose_exit_code(ExitConvention convention, const Diagnostics& problems) {
  const auto error = std::find_if(problems.begin(), problems.end(), [](const Diagnostic& problem) {
    return problem.severity == Severity::Error;
  });
  const std::string_view code = error == problems.end() ? problems.front().code : error->code;
  if (convention == ExitConvention::Run) return choose_run_code(code);
  return code == "config-usage" ? ExitCode::Usage : ExitCode::Problems;
}

}  // namespace tenon::cli
