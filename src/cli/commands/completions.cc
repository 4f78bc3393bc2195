#include <fmt/core.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/completion.h"
#include "cli/input_output.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::cli {

int completions_command(Session& session, Words words) {
  CommandLine line("Print a shell completion script", "tenon completions");
  std::string shell;
  line.add_option("shell", shell, "Shell that uses the script").type_name("bash|zsh|fish");
  line.set_footer(
      "For bash, add `source <(tenon completions bash)` to ~/.bashrc.\n\n"
      "Examples:\n"
      "  tenon completions bash\n"
      "  tenon completions fish");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const std::string_view script = get_completion_script(shell);
  if (script.empty()) {
    constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};
    std::string hint = did_you_mean(near_misses(shell, kShells, 1));
    if (hint.empty()) hint = "`tenon completions bash`, `zsh` or `fish`";
    return report(session,
                  {make_usage_problem(
                      shell.empty() ? std::string("`tenon completions` needs the name of a shell")
                                    : fmt::format("there is no completion script for `{}`",
                                                  sanitize_text(shell)),
                      {hint})});
  }
  print_result(script);
  return to_int(ExitCode::Fine);
}

// All verbs have the same signature. NOLINTNEXTLINE(performance-unnecessary-value-param)
int complete_command(Session& session, Words words) {
  std::string text;
  for (const Candidate& candidate : complete_words(session, words))
    text += fmt::format("{}{}{}\n", sanitize_text(candidate.text),
                        candidate.help.empty() ? "" : "\t", candidate.help);
  print_result(text);
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
