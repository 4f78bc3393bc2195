#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "cli/link_request.h"
#include "cli/manifest_file.h"
#include "cli/nearby.h"
#include "render/json.h"
#include "render/render_plan.h"
#include "support/terminal_text.h"
#include "tenon/builder.h"

namespace tenon::cli {

namespace {

struct PlanFlags {
  LinkRequest request;
  std::optional<std::string> why;
  bool lock = false;
  bool save = false;
  bool timing = false;
  bool no_cache = false;
  OutputFormat format = OutputFormat::Human;
};

void add_flags(CommandLine& line, PlanFlags& flags) {
  add_component_flags(line, flags.request);
  line.add_option("--why", flags.why, "Explain why an import got its provider")
      .type_name("[CONSUMER:]IMPORT");
  line.add_flag("--lock", flags.lock, "Write the plan to tenon.lock, for --locked");
  line.add_flag("--save", flags.save,
                "Write the wires and exports of the flags to the tenon.toml in use");
  line.add_flag("--timing", flags.timing, "Show where the time went, for each unit");
  line.add_flag("--no-cache", flags.no_cache, "Do not use the cache of compiled code");
  add_format_flags(line, flags.format);
  add_link_flags(line, flags.request.flags);
  line.set_footer(
      "Examples:\n"
      "  tenon plan app.wasm tax.wasm\n"
      "  tenon plan --why acme:tax/lib app.wasm tax.wasm");
}

int print_choices(const Session& session, const PlanFlags& flags, CompositionBuilder& builder,
                  const Plan& plan) {
  const Result<std::vector<PlanChoice>> choices = builder.explain_import(*flags.why);
  if (!choices) return report(session, choices.error());
  print_result(flags.format == OutputFormat::Json ? render_choices_json(plan, *choices)
                                                  : render_choices(*choices, session.out));
  return to_int(ExitCode::Fine);
}

Result<void> write_lock(const PlanFlags& flags, CompositionBuilder& builder) {
  const Result<std::string> path = find_lock(flags.request);
  if (!path) return path.error();
  const Result<std::string> text = builder.make_lock(*path);
  if (!text) return text.error();
  return write_output(*path, *text, Content::Text);
}

// Returns the exit code of a failure.
std::optional<int> save(const Session& session, const PlanFlags& flags) {
  const Result<std::string> path = find_request_manifest(flags.request);
  const Result<void> saved =
      path ? save_choices(*path, flags.request.flags) : Result<void>(path.error());
  if (!saved) return report(session, saved.error());
  if (session.verbosity() != Verbosity::Quiet) print_error("saved in {}\n", sanitize_text(*path));
  return std::nullopt;
}

// On standard error if standard output is for machines.
void print_times(const CompositionBuilder& builder, OutputFormat format) {
  std::string text = "times:\n";
  for (const PhaseTime& time : builder.times())
    text += fmt::format("{:<12} {:>9.2f} ms\n", time.phase, time.milliseconds);
  text += "units:\n" + render_unit_times(builder.unit_times());
  if (format == OutputFormat::Json)
    print_error("{}", text);
  else
    print_result("\n" + text);
}

}  // namespace

int plan_command(Session& session, Words words) {
  CommandLine line("Show how components would be linked, without compiling or running them",
                   "tenon plan");
  PlanFlags flags;
  add_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (flags.save) {
    Result<void> checked = check_choices(flags.request.flags);
    if (const auto path = find_request_manifest(flags.request); checked && !path)
      checked = path.error();
    if (!checked) return report(session, checked.error());
  }
  Result<CompositionBuilder> builder = make_builder(flags.request);
  if (!builder) {
    Diagnostics problems = std::move(builder).error();
    std::error_code failed;
    if (flags.why && flags.request.components.empty() &&
        std::filesystem::exists(*flags.why, failed))
      problems.front().hints = {
          fmt::format("`--why` took `{0}` as its value; write `tenon plan --why "
                      "[CONSUMER:]IMPORT {0}`",
                      sanitize_text(*flags.why))};
    return report(session, problems);
  }
  if (!flags.no_cache) builder->set_plan_cache(find_code_cache());
  Result<Plan> plan = builder->plan();
  report_times(session, builder->times());
  if (flags.save)
    if (const std::optional<int> code = save(session, flags)) return *code;
  if (!plan) {
    suggest_nearby(*builder, flags.request.flags.hosts, plan.error());
    return report(session, plan.error());
  }
  if (flags.lock) {
    const Result<void> written = write_lock(flags, *builder);
    if (!written) return report(session, written.error());
  }
  if (flags.why) return print_choices(session, flags, *builder, *plan);
  print_result(flags.format == OutputFormat::Json
                   ? render_plan_json(*plan)
                   : render_plan(*plan, session.out, session.verbosity()));
  if (flags.timing) print_times(*builder, flags.format);
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
