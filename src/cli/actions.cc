#include "cli/actions.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/usage.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

std::string list_actions(const ActionVerb& verb) {
  std::size_t width = 0;
  for (const Action& action : verb.actions) width = std::max(width, action.name.size());
  std::string text = "Actions:\n";
  for (const Action& action : verb.actions)
    text += fmt::format("  {:<{}}  {}\n", action.name, width, action.help);
  return text + fmt::format("\n`tenon {} ACTION --help` says more about one.\n\n", verb.name);
}

// "`tenon pack types`, `encode`, `decode` or `verify`"
std::string name_actions(const ActionVerb& verb) {
  std::string text;
  for (std::size_t i = 0; i < verb.actions.size(); ++i) {
    if (i > 0) text += i + 1 == verb.actions.size() ? " or " : ", ";
    text += i == 0 ? fmt::format("`tenon {} {}`", verb.name, verb.actions[i].name)
                   : fmt::format("`{}`", verb.actions[i].name);
  }
  return text;
}

}  // namespace

int run_action(const ActionVerb& verb, Session& session, Words words) {
  std::string name;
  if (!words.empty() && !words.front().starts_with('-')) {
    name = words.front();
    const auto action = std::ranges::find(verb.actions, name, &Action::name);
    words.erase(words.begin());
    if (action != verb.actions.end()) return action->run(session, std::move(words));
    // What follows belongs to an action that is not known.
    words.clear();
  }
  std::vector<std::string_view> names;
  std::string shown;
  for (const Action& action : verb.actions) {
    names.push_back(action.name);
    shown += fmt::format("{}{}", shown.empty() ? "" : "|", action.name);
  }
  CommandLine line(std::string(verb.description), fmt::format("tenon {}", verb.name));
  std::string unused;
  line.add_option("action", unused, "What to do").type_name(shown);
  line.set_footer(list_actions(verb) + fmt::format("Examples:\n{}", verb.examples));
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  std::string hint = did_you_mean(near_misses(name, names, 2));
  if (hint.empty()) hint = name_actions(verb);
  return report(session,
                {make_usage_problem(
                    name.empty() ? fmt::format("`tenon {}` needs to know what to do", verb.name)
                                 : fmt::format("`tenon {}` has no action `{}`", verb.name,
                                               sanitize_text(name)),
                    {hint})});
}

}  // namespace tenon::cli
