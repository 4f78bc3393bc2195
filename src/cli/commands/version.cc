#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "render/json.h"
#include "tenon/inspect.h"

namespace tenon::cli {

int version_command(Session& session, Words words) {
  CommandLine line("Print the versions of tenon and its engine", "tenon version");
  OutputFormat format = OutputFormat::Human;
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon version\n"
      "  tenon version --json");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  print_result(format == OutputFormat::Json
                   ? dump_json({{"schema", 1}, {"tenon", version()}, {"engine", engine_version()}})
                   : fmt::format("tenon {}\n{}\n", version(), engine_version()));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
