#include "cli/help.h"

#include <string>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/output.h"

namespace tenon::cli {

int help_command(Session& session, Words words) {
  CommandLine line("Print the help of a command, or of tenon itself", "tenon help");
  std::string name;
  line.add_option("command", name, "Such as call; none: all commands").type_name("COMMAND");
  line.set_footer(
      "Examples:\n"
      "  tenon help call\n"
      "  tenon help");
  if (const auto stop = parse_words(line, std::move(words), session)) return *stop;
  if (name.empty()) {
    print_result(session.render_overview());
    return to_int(ExitCode::Fine);
  }
  const Verb* const verb = find_verb(session, name);
  if (verb == nullptr) return report(session, {describe_unknown_verb(session, name)});
  return verb->run(session, {"--help"});
}

}  // namespace tenon::cli
