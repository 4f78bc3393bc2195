#include "cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

namespace tenon::cli {

namespace {

constexpr std::size_t kColumn = 30;  // where the descriptions begin

bool is_list(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

// "-o, --output OUT"
std::string format_option(const CLI::Option& option) {
  std::string text;
  for (const std::string& name : option.get_snames()) text += (text.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames()) text += (text.empty() ? "--" : ", --") + name;
  const std::string type = option.get_type_name();
  if (text.empty() || type.empty()) return text + type;
  return text + (type.starts_with("[=") ? "" : " ") + type;
}

std::string format_row(const CLI::Option& option) {
  std::string text = "  " + format_option(option);
  if (text.size() + 2 <= kColumn)
    text.append(kColumn - text.size(), ' ');
  else
    text += "\n" + std::string(kColumn, ' ');
  return text + option.get_description() + "\n";
}

std::string format_arguments(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options())
    if (option->get_positional())
      text += fmt::format(" [{}]{}", option->get_type_name(), is_list(*option) ? "..." : "");
  return text;
}

// Groups in the order of their first option.
std::vector<std::string> list_groups(const CLI::App& app) {
  std::vector<std::string> groups;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_positional() &&
        std::find(groups.begin(), groups.end(), option->get_group()) == groups.end())
      groups.push_back(option->get_group());
  return groups;
}

}  // namespace

std::string render_help(const CLI::App& app, std::string_view arguments) {
  std::string text = fmt::format("{}\n\nUsage: {} [FLAGS]{}\n", app.get_description(),
                                 app.get_name(), format_arguments(app));
  if (!arguments.empty()) text.insert(text.size() - 1, fmt::format(" {}", arguments));
  std::string positionals;
  for (const CLI::Option* option : app.get_options())
    if (option->get_positional()) positionals += format_row(*option);
  if (!positionals.empty()) text += "\n" + positionals;
  for (const std::string& group : list_groups(app)) {
    text += fmt::format("\n{}:\n", group == "Options" ? "Flags" : group);
    for (const CLI::Option* option : app.get_options())
      if (!option->get_positional() && option->get_group() == group) text += format_row(*option);
  }
  if (!app.get_footer().empty()) text += fmt::format("\n{}\n", app.get_footer());
  return text;
}

}  // namespace tenon::cli
