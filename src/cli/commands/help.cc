#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/doc_pages.h"
#include "cli/input_output.h"
#include "render/style.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

namespace {

constexpr std::string_view kTopics = "topics";

std::string render_topics(const Style& style) {
  const std::vector<TopicGroup> groups = list_topics();
  std::size_t width = 0;
  for (const TopicGroup& group : groups)
    for (const Topic& topic : group.topics) width = std::max(width, topic.name.size());
  std::string text;
  for (const TopicGroup& group : groups) {
    text += group.title + ":\n";
    for (const Topic& topic : group.topics)
      text += "  " + style.paint(Ink::Name, topic.name) +
              std::string(width - topic.name.size() + 2, ' ') +
              style.wrap(topic.about, width + 4, width + 4) + "\n";
    text += "\n";
  }
  return text + "`tenon help topics NAME` prints a page.\n";
}

int print_topic(const Session& session, const std::string& name) {
  const std::string page = find_topic_page(name);
  if (!page.empty()) {
    print_result(page);
    return to_int(ExitCode::Fine);
  }
  std::vector<std::string> names;
  for (const TopicGroup& group : list_topics())
    for (const Topic& topic : group.topics) names.push_back(topic.name);
  std::string hint = did_you_mean(near_misses(name, names, 3));
  if (hint.empty()) hint = "`tenon help topics` lists all topics";
  return report(session, {make_usage_problem(
                             fmt::format("there is no topic `{}`", sanitize_text(name)), {hint})});
}

}  // namespace

int help_command(Session& session, Words words) {
  CommandLine line(
      "Print help for a command, a page of the documentation, or an overview of all commands",
      "tenon help");
  std::vector<std::string> names;
  line.add_option("command", names, "Command, such as `call` or `ext add` (default: all commands)")
      .type_name("COMMAND");
  line.set_footer(
      "Examples:\n"
      "  tenon help call\n"
      "  tenon help ext add\n"
      "  tenon help topics\n"
      "  tenon help topics resolve\n"
      "  tenon help");
  if (const auto stop = parse_words(line, std::move(words), session)) return *stop;
  if (names.empty()) {
    print_result(session.render_overview());
    return to_int(ExitCode::Fine);
  }
  if (names.front() == kTopics) {
    if (names.size() > 2)
      return report(session, describe_extra_words(line, {names.begin() + 2, names.end()}, {}));
    if (names.size() == 2) return print_topic(session, names.back());
    print_result(render_topics(session.out));
    return to_int(ExitCode::Fine);
  }
  const Verb* const verb = find_verb(session, names.front());
  if (verb == nullptr && names.size() == 1 && !find_topic_page(names.front()).empty())
    return print_topic(session, names.front());
  if (verb == nullptr) {
    Diagnostic problem = describe_unknown_verb(session, names.front());
    problem.hints.emplace_back("`tenon help topics` lists the pages of the documentation");
    return report(session, {std::move(problem)});
  }
  Words rest(names.begin() + 1, names.end());
  rest.emplace_back("--help");
  return verb->run(session, std::move(rest));
}

}  // namespace tenon::cli
