#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"

namespace tenon::cli {

int help_command(Session& session, Words words) {
  CommandLine line("Print help for a command, or an overview of all commands", "tenon help");
  std::vector<std::string> names;
  line.add_option("command", names, "Command, such as `call` or `ext add` (default: all commands)")
      .type_name("COMMAND");
  line.set_footer(
      "Examples:\n"
      "  tenon help call\n"
      "  tenon help ext add\n"
      "  tenon help");
  if (const auto stop = parse_words(line, std::move(words), session)) return *stop;
  if (names.empty()) {
    print_result(session.render_overview());
    return to_int(ExitCode::Fine);
  }
  const Verb* const verb = find_verb(session, names.front());
  if (verb == nullptr) return report(session, {describe_unknown_verb(session, names.front())});
  Words rest(names.begin() + 1, names.end());
  rest.emplace_back("--help");
  return verb->run(session, std::move(rest));
}

}  // namespace tenon::cli
