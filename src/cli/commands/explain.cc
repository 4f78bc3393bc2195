#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/doc_pages.h"
#include "cli/input_output.h"
#include "render/json.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "tenon/result.h"

namespace tenon::cli {

namespace {

// The first sentence of the page of a code, on one line.
std::string get_summary(std::string_view code) {
  const std::string page = strip_links(explain_code(code));
  std::string summary = page.substr(0, page.find("\n\n"));
  std::replace(summary.begin(), summary.end(), '\n', ' ');
  constexpr std::string_view kKind = "A note. ";
  if (summary.starts_with(kKind)) summary.erase(0, kKind.size());
  const std::size_t end = summary.find(". ");
  if (end != std::string::npos) summary.resize(end);
  while (!summary.empty() && summary.back() == '.') summary.pop_back();
  return summary;
}

std::string render_codes(const Style& style) {
  std::size_t width = 0;
  for (const std::string_view code : all_diagnostic_codes()) width = std::max(width, code.size());
  std::string text;
  for (const std::string_view code : all_diagnostic_codes()) {
    const std::string summary = get_summary(code);
    text += style.paint(Ink::Name, code);
    if (!summary.empty())
      text += std::string(width - code.size() + 2, ' ') + style.wrap(summary, width + 2, width + 2);
    text += "\n";
  }
  return text;
}

JsonValue make_codes_json() {
  JsonValue codes = JsonValue::array();
  for (const std::string_view code : all_diagnostic_codes())
    codes.push_back({{"code", code}, {"summary", get_summary(code)}});
  return {{"schema", 1}, {"codes", std::move(codes)}};
}

int explain_one(const Session& session, const std::string& code, OutputFormat format) {
  const std::vector<std::string_view> codes = all_diagnostic_codes();
  const std::string page = strip_links(explain_code(code));
  if (page.empty() && std::find(codes.begin(), codes.end(), code) == codes.end()) {
    std::string hint = did_you_mean(near_misses(code, codes, 3));
    if (hint.empty()) hint = "`tenon explain` lists all codes";
    return report(session,
                  {make_usage_problem(
                      fmt::format("unknown diagnostic code `{}`", sanitize_text(code)), {hint})});
  }
  if (format == OutputFormat::Json)
    print_result(dump_json({{"schema", 1}, {"code", code}, {"page", page}}));
  else
    print_result(fmt::format("{}\n\n{}\n", session.out.paint(Ink::Name, code), page));
  return to_int(ExitCode::Fine);
}

}  // namespace

int explain_command(Session& session, Words words) {
  CommandLine line("Explain a diagnostic code, or list them all", "tenon explain");
  std::string code;
  OutputFormat format = OutputFormat::Human;
  line.add_option("code", code, "Code, such as resolve-cycle").type_name("CODE");
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon explain resolve-cycle\n"
      "  tenon explain");
  if (const auto stop = parse_words(line, std::move(words), session)) return *stop;
  if (!code.empty()) return explain_one(session, code, format);
  print_result(format == OutputFormat::Json ? dump_json(make_codes_json())
                                            : render_codes(session.out));
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
