#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "render/json.h"
#include "support/terminal_text.h"
#include "tenon/inspect.h"

namespace tenon::cli {

namespace {

struct CheckFlags {
  std::string file;
  std::string world;
  std::string wit;
  WitFeatures features;
  std::vector<std::string> subtype;
  OutputFormat format = OutputFormat::Human;
};

void add_flags(CommandLine& line, CheckFlags& flags) {
  line.add_option("file", flags.file, "Component to check").type_name("FILE");
  line.add_option("--world", flags.world, "Check that the component fits this world of --wit")
      .type_name("WORLD");
  line.add_option("--wit", flags.wit,
                  "WIT of the world: folder, text file, binary package or component")
      .type_name("WIT");
  add_feature_flags(line, flags.features);
  line.add_option("--subtype", flags.subtype, "Check that component A can replace component B")
      .type_name("A B")
      .expected(2);
  add_format_flags(line, flags.format);
  line.set_footer(
      "Examples:\n"
      "  tenon check app.wasm\n"
      "  tenon check --subtype new-tax.wasm tax.wasm");
}

// The result of a check, and the sentence that is printed for a success.
struct Verdict {
  std::string file;
  std::string sentence;
  Result<void> answer;
  Diagnostics notes = {};
};

Result<Verdict> judge(const CheckFlags& flags) {
  const bool has_features = flags.features.all || !flags.features.names.empty();
  if (!flags.subtype.empty()) {
    if (!flags.file.empty() || !flags.wit.empty() || !flags.world.empty() || has_features)
      return make_usage_problem("`--subtype` takes exactly two components, and no other file",
                                {"`tenon check --subtype A B`"});
    const std::string& a = flags.subtype[0];
    const std::string& b = flags.subtype[1];
    return Verdict{a, fmt::format("{}: can replace {}", a, b), check_subtype(a, b)};
  }
  if (flags.file.empty())
    return make_usage_problem("`tenon check` needs a component",
                              {"`tenon check FILE`", "`tenon check --subtype A B`"});
  if (!flags.world.empty() && flags.wit.empty())
    return make_usage_problem(
        fmt::format("`--world {}` needs the WIT that declares it", sanitize_text(flags.world)),
        {"`--wit WIT` names it"});
  if (has_features && flags.wit.empty())
    return make_usage_problem("`--features` and `--all-features` need the WIT that they apply to",
                              {"`--wit WIT` names it"});
  if (flags.wit.empty())
    return Verdict{flags.file, fmt::format("{}: valid", flags.file), check_file(flags.file)};
  Verdict verdict{flags.file,
                  fmt::format("{}: fits {} of {}", flags.file,
                              flags.world.empty() ? "the world" : flags.world, flags.wit),
                  check_world(flags.file, flags.wit, flags.world, flags.features)};
  // Gates are named where they are the reason for a problem.
  if (Result<WitText> wit = read_wit(flags.wit, flags.features)) {
    std::erase_if(wit->notes, [](const Diagnostic& note) { return note.code != "keyword-name"; });
    verdict.notes = std::move(wit->notes);
  }
  return verdict;
}

int print_verdict(const Session& session, const CheckFlags& flags, const Verdict& verdict) {
  print_notes(session, verdict.notes);
  if (flags.format == OutputFormat::Human) {
    if (!verdict.answer) return report(session, verdict.answer.error());
    print_result(sanitize_text(verdict.sentence) + "\n");
    return to_int(ExitCode::Fine);
  }
  JsonValue problems = JsonValue::array();
  if (!verdict.answer)
    for (const Diagnostic& problem : verdict.answer.error())
      problems.push_back(make_diagnostic_json(problem));
  print_result(dump_json({{"schema", 1},
                          {"file", verdict.file},
                          {"fits", verdict.answer.has_value()},
                          {"problems", std::move(problems)}}));
  return to_int(verdict.answer ? ExitCode::Fine : ExitCode::Problems);
}

}  // namespace

int check_command(Session& session, Words words) {
  CommandLine line("Check that a component is valid, fits a world, or can replace another",
                   "tenon check");
  CheckFlags flags;
  add_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  finish_feature_flags(flags.features);
  flags.file = path_of_component(flags.file);
  for (std::string& file : flags.subtype) file = path_of_component(file);
  const Result<Verdict> verdict = judge(flags);
  return verdict ? print_verdict(session, flags, *verdict) : report(session, verdict.error());
}

}  // namespace tenon::cli
