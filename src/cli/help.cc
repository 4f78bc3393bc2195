#include "cli/help.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "cli/command_line.h"

namespace tenon::cli {

namespace {

constexpr std::size_t kColumn = 30;  // where the descriptions begin

// "-o, --output OUT"
std::string format_option(const OptionInfo& option) {
  std::string text;
  for (const std::string& name : option.short_names) text += (text.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.long_names) text += (text.empty() ? "--" : ", --") + name;
  const std::string& type = option.type_name;
  if (text.empty() || type.empty()) return text + type;
  return text + (type.starts_with("[=") ? "" : " ") + type;
}

std::string format_row(const OptionInfo& option) {
  std::string text = "  " + format_option(option);
  if (text.size() + 2 <= kColumn)
    text.append(kColumn - text.size(), ' ');
  else
    text += "\n" + std::string(kColumn, ' ');
  return text + option.description + "\n";
}

std::string format_arguments(const CommandLine& line) {
  std::string text;
  for (const OptionInfo& option : line.options())
    if (option.is_argument)
      text += fmt::format(" [{}]{}", option.type_name, option.is_list ? "..." : "");
  return text;
}

// Groups in the order of their first option.
std::vector<std::string> list_groups(const CommandLine& line) {
  std::vector<std::string> groups;
  for (const OptionInfo& option : line.options())
    if (!option.is_argument &&
        std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  return groups;
}

}  // namespace

std::string render_help(const CommandLine& line, std::string_view arguments) {
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", line.description(), line.name(),
                                 format_arguments(line));
  if (!arguments.empty()) text.insert(text.size() - 1, fmt::format(" {}", arguments));
  std::string positionals;
  for (const OptionInfo& option : line.options())
    if (option.is_argument) positionals += format_row(option);
  if (!positionals.empty()) text += "\n" + positionals;
  for (const std::string& group : list_groups(line)) {
    text += fmt::format("\n{}:\n", group == "Options" ? "Flags" : group);
    for (const OptionInfo& option : line.options())
      if (!option.is_argument && option.group == group) text += format_row(option);
  }
  if (!line.footer().empty()) text += fmt::format("\n{}\n", line.footer());
  return text;
}

}  // namespace tenon::cli
