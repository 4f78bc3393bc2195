// `tenon ext search` and `publish`: packages of registries.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/diagnostics_json.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "tenon/extension.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

std::string render_found(const std::vector<FoundExtension>& found) {
  std::vector<Row> rows;
  for (const FoundExtension& one : found)
    rows.push_back({sanitize_text(one.package),
                    one.versions.empty() ? "-" : sanitize_text(one.versions.back()),
                    sanitize_text(one.registry), sanitize_text(one.description)});
  return rows.empty() ? "nothing is found\n" : render_rows(rows, "");
}

JsonValue make_found_json(const std::vector<FoundExtension>& found) {
  JsonValue rows = JsonValue::array();
  for (const FoundExtension& one : found)
    rows.push_back({{"package", one.package},
                    {"versions", one.versions},
                    {"registry", one.registry},
                    {"description", text_or_null(one.description)}});
  return {{"schema", 1}, {"packages", std::move(rows)}};
}

}  // namespace

int ext_search_command(Session& session, Words words) {
  CommandLine line("Look for packages in the registries of wkg's configuration",
                   "tenon ext search");
  std::string text;
  OutputFormat format = OutputFormat::Human;
  line.add_option("text", text, "Part of a name or a description; none: all").type_name("TEXT");
  add_format_flags(line, format);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const auto found = search_extensions(text, read_variables());
  if (!found) return report(session, found.error());
  print_result(format == OutputFormat::Json ? dump_json(make_found_json(*found))
                                            : render_found(*found));
  return to_int(ExitCode::Fine);
}

int ext_publish_command(Session& session, Words words) {
  CommandLine line("Put an extension into the registry of its namespace", "tenon ext publish");
  std::string path;
  std::string package;
  line.add_option("path", path, "A component, or a folder with an extension.toml")
      .type_name("PATH");
  line.add_option("package", package, "What it is called there: `acme:math`").type_name("PACKAGE");
  line.set_footer(
      "It is checked against its manifest first. A version is never replaced.\n\n"
      "Examples:\n"
      "  tenon ext publish ./square acme:square");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (path.empty() || package.empty())
    return report(session, {make_usage_problem("`tenon ext publish` needs a path and a package",
                                               {"`tenon ext publish ./square acme:square`"})});
  const auto published = publish_extension(path, package, read_variables());
  if (!published) return report(session, published.error());
  print_result(
      fmt::format("{} {} {}: {}\n", published->was_there ? "this is there already:" : "published",
                  published->package, published->version, sanitize_text(published->origin)));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
