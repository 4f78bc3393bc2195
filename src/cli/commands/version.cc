#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

#include "cli/command_line.h"
#include "cli/command_parts.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "render/json.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

void add_parts(std::span<const LibraryPart> parts, JsonValue& rows) {
  for (const LibraryPart& part : parts)
    rows.push_back({{"kind", part.kind == LibraryPart::Kind::Crate ? "crate" : "library"},
                    {"name", part.name},
                    {"version", text_or_null(std::string(part.version))}});
}

JsonValue make_version_json() {
  JsonValue parts = JsonValue::array();
  add_parts(library_parts(), parts);
  add_parts(command_parts(), parts);
  JsonValue features = JsonValue::array();
  for (const std::string_view feature : engine_features()) features.push_back(feature);
  return {{"schema", 1},
          {"tenon", version()},
          {"engine", engine_version()},
          {"features", std::move(features)},
          {"parts", std::move(parts)}};
}

}  // namespace

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
                   ? dump_json(make_version_json())
                   : fmt::format("tenon {}\n{}\n", version(), engine_version()));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
