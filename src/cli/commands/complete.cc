#include <fmt/core.h>

#include <string>

#include "cli/commands/verbs.h"
#include "cli/completion.h"
#include "cli/output.h"
#include "tenon/text.h"

namespace tenon::cli {

// All verbs have one signature. NOLINTNEXTLINE(performance-unnecessary-value-param)
int complete_command(Session& session, Words words) {
  std::string text;
  for (const Candidate& candidate : complete_words(session, words))
    text += fmt::format("{}{}{}\n", sanitize_text(candidate.text),
                        candidate.help.empty() ? "" : "\t", candidate.help);
  print_result(text);
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
