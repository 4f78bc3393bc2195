#include "cli/usage.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

// A flag as written on the command line, without its value: "--wire=a=b" is "--wire".
std::string_view get_flag_name(std::string_view word) { return word.substr(0, word.find('=')); }

std::string_view drop_dashes(std::string_view flag) {
  return flag.substr(std::min(flag.find_first_not_of('-'), flag.size()));
}

std::vector<std::string> list_flags(const CommandLine& line) {
  std::vector<std::string> flags;
  for (const OptionInfo& option : line.options()) {
    for (const std::string& name : option.long_names) flags.push_back("--" + name);
    for (const std::string& name : option.short_names) flags.push_back("-" + name);
  }
  return flags;
}

bool is_flag(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

Diagnostic describe_unknown_flag(const CommandLine& line, const std::string& word) {
  const std::string_view flag = get_flag_name(word);
  const std::vector<std::string> flags = list_flags(line);
  // Dashes are not what was misspelt: without them, short names have no near misses by accident.
  std::vector<std::string_view> names;
  for (const std::string& known : flags) names.push_back(drop_dashes(known));
  std::vector<std::string_view> near;
  for (const std::string_view name : near_misses(drop_dashes(flag), names, 3))
    for (const std::string& known : flags)
      if (drop_dashes(known) == name) near.push_back(known);
  std::string hint = did_you_mean(near);
  if (hint.empty()) hint = hint_at_help(line.name());
  return make_usage_problem(fmt::format("`{}` has no flag `{}`", line.name(), sanitize_text(flag)),
                            {hint});
}

}  // namespace

std::string hint_at_help(const std::string& name) {
  return fmt::format("`{} --help` lists what it takes", name);
}

Diagnostic make_usage_problem(std::string message, std::vector<std::string> hints) {
  Diagnostic problem;
  problem.code = "config-usage";
  problem.message = std::move(message);
  problem.hints = std::move(hints);
  return problem;
}

// The words that are left over. An argument too many is not worth a word if a flag is unknown: it
// may be the flag's value.
Diagnostics describe_extra_words(const CommandLine& line, const std::vector<std::string>& words,
                                 const std::vector<std::string>& given) {
  Diagnostics problems;
  for (const std::string& word : words)
    if (is_flag(word)) problems.push_back(describe_unknown_flag(line, word));
  if (!problems.empty() || words.empty()) return problems;
  Diagnostic problem =
      make_usage_problem(fmt::format("`{}` takes no further argument, and got `{}`", line.name(),
                                     sanitize_text(words.front())),
                         {});
  // Such a flag does not take the next word as its value.
  for (const std::string& word : given) {
    const std::optional<OptionInfo> flag = line.find_flag(word);
    if (flag && flag->type_name.starts_with("[="))
      problem.hints.push_back(
          fmt::format("a value of `{0}` is written `{0}=VALUE`, without a space", word));
  }
  problem.hints.push_back(hint_at_help(line.name()));
  problems.push_back(std::move(problem));
  return problems;
}

}  // namespace tenon::cli
