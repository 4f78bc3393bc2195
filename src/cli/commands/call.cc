#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/call_request.h"
#include "cli/commands/verbs.h"
#include "cli/start.h"
#include "cli/usage.h"

namespace tenon::cli {

namespace {

// The time of each call is kept.
constexpr std::size_t kMostCalls = 10'000'000;

struct CallFlags {
  StartFlags start;
  CallRequest request;
};

void add_flags(CLI::App& app, CallFlags& flags) {
  add_start_flags(app, flags.start);
  app.get_option("target")->type_name("TARGET")->description(
      "Component, or folder with a tenon.toml or components");
  app.add_option("function", flags.request.function,
                 "Name of an exported function, or a whole call in WAVE")
      ->type_name("FUNC");
  app.add_option("--repeat", flags.request.repeat, "Call so often, and tell the times")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMostCalls).description(""));
  add_format_flags(app, flags.request.format);
  app.get_option("--format")->description("Form of the arguments and the result");
  app.footer(
      "The words after a name are its arguments: in WAVE, with --json in JSON, or `@FILE` "
      "(`.wave`\n"
      "or `.json`; `@-` is standard input). What stands after `--` is no flag.\n\n"
      "Examples:\n"
      "  tenon call tax.wasm rate\n"
      "  tenon call tax.wasm acme:tax/lib.rate() --json");
}

}  // namespace

int call_command(Session& session, Words words) {
  CLI::App app("Link units and call a function that the result exports", "tenon call");
  CallFlags flags;
  flags.request.origin = "FUNC";
  add_flags(app, flags);
  FreeWords arguments{"[WAVE]...", {}};
  if (const auto code = parse_words(app, join_net_values(std::move(words)), session, &arguments))
    return *code;
  flags.request.arguments = std::move(arguments.words);
  if (flags.request.function.empty())
    return report(session, {make_usage_problem("`tenon call` needs a target and a function",
                                               {"`tenon call TARGET FUNC [WAVE]...`"})});
  return start_and_call(session, flags.start, flags.request);
}

}  // namespace tenon::cli
