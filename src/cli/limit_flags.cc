#include "cli/limit_flags.h"

#include <fmt/core.h>

#include <string_view>

#include "cli/command_line.h"
#include "cli/usage.h"

namespace tenon::cli {

namespace {

// Sets `limit` to what `parse` makes of a flag's value. One that is set already is narrowed, never
// widened: 0, which is none, would widen it too.
template <class T>
void apply(std::string_view flag, const std::optional<std::string>& text,
           Result<T> (*parse)(std::string_view), std::optional<T>& limit, Diagnostics& problems) {
  if (!text) return;
  const Result<T> value = parse(*text);
  if (value) {
    if (!limit || (*value != T{} && *value < *limit)) limit = *value;
  } else {
    problems.push_back(make_usage_problem(
        fmt::format("`{}`: {}", flag, value.error().front().message), value.error().front().hints));
  }
}

}  // namespace

void add_limit_flags(CommandLine& line, LimitFlags& flags) {
  const std::string group = "Limit flags";
  line.add_option("--timeout", flags.timeout, "End the run after this time, such as 500ms or 30s")
      .type_name("DURATION")
      .group(group);
  line.add_option("--memory", flags.memory,
                  "Size of all memories in the root's domain together, such as 256MiB")
      .type_name("SIZE")
      .group(group);
  line.add_option("--fuel", flags.fuel, "About how many instructions that domain may run")
      .type_name("N")
      .group(group);
}

Result<void> apply_limit_flags(const LimitFlags& flags, Limits& limits) {
  Diagnostics problems;
  apply("--timeout", flags.timeout, Limits::parse_duration, limits.timeout, problems);
  apply("--memory", flags.memory, Limits::parse_size, limits.memory, problems);
  apply("--fuel", flags.fuel, Limits::parse_count, limits.fuel, problems);
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::cli
