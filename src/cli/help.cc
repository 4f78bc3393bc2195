#include "cli/help.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "cli/command_line.h"

namespace tenon::cli {

namespace {

constexpr std::size_t kColumn = 30;       // where the descriptions begin
constexpr std::size_t kNarrowColumn = 6;  // on a narrow terminal, below the flag
constexpr std::size_t kMostWidth = 100;   // longer lines are hard to read

// "-o, --output OUT"
std::string format_option(const OptionInfo& option) {
  std::string text;
  for (const std::string& name : option.short_names) text += (text.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.long_names) text += (text.empty() ? "--" : ", --") + name;
  const std::string& type = option.type_name;
  if (text.empty() || type.empty()) return text + type;
  return text + (type.starts_with("[=") ? "" : " ") + type;
}

std::string format_row(const OptionInfo& option, const Style& style) {
  std::string text = "  " + format_option(option);
  const bool is_narrow = style.width != 0 && style.width < 2 * kColumn;
  const std::size_t column = is_narrow ? kNarrowColumn : kColumn;
  if (text.size() + 2 <= column)
    text.append(column - text.size(), ' ');
  else
    text += "\n" + std::string(column, ' ');
  return text + style.wrap(option.description, column, column) + "\n";
}

// The indent of the lines that `line` wraps into: the start of its last column of text.
std::size_t find_hanging(std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", first);
  if (gap != line.npos) return std::min(line.find_first_not_of(' ', gap), line.size());
  return first == 0 ? 0 : first + 2;
}

// Reflows paragraphs. Indented lines keep their breaks.
std::string format_footer(std::string_view footer, const Style& style) {
  std::string text;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) text += style.wrap(paragraph, 0, 0) + "\n";
    paragraph.clear();
  };
  for (std::size_t at = 0; at <= footer.size();) {
    const std::size_t end = std::min(footer.find('\n', at), footer.size());
    const std::string_view line = footer.substr(at, end - at);
    at = end + 1;
    const bool is_row = line.empty() || line.starts_with(' ') || line.ends_with(':');
    if (is_row || style.width == 0) {
      end_paragraph();
      text += style.wrap(line, 0, find_hanging(line)) + "\n";
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + std::string(line);
    }
  }
  end_paragraph();
  return text;
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

// The group of the flags that no other verb has.
constexpr std::string_view kOwnGroup = "Options";

// "Link, limit and global flags: `tenon run --help`"; empty without any.
std::string name_shared_groups(const CommandLine& line) {
  std::vector<std::string> names;
  for (const std::string& group : list_groups(line))
    if (group != kOwnGroup) names.push_back(group.substr(0, group.find(' ')));
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) names[i].front() = static_cast<char>(names[i].front() | 0x20);
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text.empty() ? text : fmt::format("{} flags: `{} --help`\n", text, line.name());
}

}  // namespace

std::string render_help(const CommandLine& line, const Style& terminal, std::string_view arguments,
                        HelpLength length) {
  Style style = terminal;
  style.width = std::min(style.width, kMostWidth);
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", line.description(), line.name(),
                                 format_arguments(line));
  if (!arguments.empty()) text.insert(text.size() - 1, fmt::format(" {}", arguments));
  std::string positionals;
  for (const OptionInfo& option : line.options())
    if (option.is_argument) positionals += format_row(option, style);
  if (!positionals.empty()) text += "\n" + positionals;
  for (const std::string& group : list_groups(line)) {
    if (length == HelpLength::Short && group != kOwnGroup) continue;
    text += fmt::format("\n{}:\n", group == kOwnGroup ? "Flags" : group);
    for (const OptionInfo& option : line.options())
      if (!option.is_argument && option.group == group) text += format_row(option, style);
  }
  if (length == HelpLength::Short) text += "\n" + style.wrap(name_shared_groups(line), 0, 0);
  if (!line.footer().empty()) text += "\n" + format_footer(line.footer(), style);
  return text;
}

}  // namespace tenon::cli
