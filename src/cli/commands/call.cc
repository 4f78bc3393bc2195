#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli/call_request.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/start.h"
#include "render/style.h"
#include "support/terminal_text.h"
#include "tenon/value.h"

namespace tenon::cli {

namespace {

// The time of each call is kept in memory.
constexpr std::size_t kMostCalls = 10'000'000;
constexpr std::size_t kMostParallelCalls = 100'000;
constexpr std::size_t kMostDescriptor = 1023;

struct CallFlags {
  StartFlags start;
  CallRequest request;
};

void add_flags(CommandLine& line, CallFlags& flags) {
  add_start_flags(line, flags.start);
  line.get_option("target").type_name("TARGET").description(
      "Component, or folder with a tenon.toml or components");
  line.add_option("function", flags.request.function,
                  "Name of an exported function, or a whole call in WAVE")
      .type_name("FUNC");
  line.add_option("--repeat", flags.request.repeat,
                  "Call N times, and print statistics of the times")
      .type_name("N")
      .between(1, kMostCalls);
  line.add_option("--parallel", flags.request.parallel, "With --repeat: keep N calls in progress")
      .type_name("N")
      .between(1, kMostParallelCalls);
  add_raw_flag(line, flags.request);
  line.add_option("--result-fd", flags.request.result_fd,
                  "Write the result to this descriptor, apart from what guests print")
      .type_name("FD")
      .between(STDERR_FILENO + 1, kMostDescriptor);
  add_format_flags(line, flags.request.format);
  line.get_option("--format").description("Format of the arguments and the result");
  line.set_footer(
      "The words after a function name are its arguments: in WAVE, with --json in JSON, or\n"
      "`@FILE` for the content of a file (.wave or .json; `@-` is standard input). The bytes of a\n"
      "stream<u8>, or the lines of another stream, are read while the call runs. `@text:FILE` is\n"
      "the text of a file as a string. Words after `--` are not flags.\n\n"
      "Examples:\n"
      "  tenon call tax.wasm rate\n"
      "  tenon call tax.wasm acme:tax/lib.rate() --json\n"
      "  gzip -dc log.gz | tenon call up.wasm 'shout(@-)'");
}

// Whether `word` can be a function name or a whole call.
bool names_function(const std::string& word) {
  return parse_wave_call(word.find('(') == std::string::npos ? word + "()" : word).has_value();
}

// Whether `word` looks like a component, or names an existing file.
bool names_component(const std::string& word) {
  std::error_code failed;
  return word.ends_with(".wasm") || word.ends_with(".wat") || std::filesystem::exists(word, failed);
}

// Recognizes a call without a target, such as `tenon call add 1 2`. After a misspelled target, the
// next word is a function name, so that case is left to the error about the missing file.
std::optional<Diagnostic> find_missing_target(const CallFlags& flags) {
  const std::string& first = flags.start.target;
  const std::string& second = flags.request.function;
  if (names_component(first) || !names_function(first)) return std::nullopt;
  if (!second.empty() && names_function(second)) return std::nullopt;
  std::string line = "tenon call TARGET " + quote_shell_word(first);
  if (!second.empty()) line += " " + quote_shell_word(second);
  for (const std::string& word : flags.request.arguments) line += " " + quote_shell_word(word);
  return make_usage_problem(
      fmt::format("`tenon call` needs a target before the function; there is no file `{}`",
                  sanitize_text(first)),
      {fmt::format("write `{}`, where TARGET is a component or a folder", sanitize_text(line))});
}

}  // namespace

int call_command(Session& session, Words words) {
  CommandLine line("Link components and call an exported function", "tenon call");
  CallFlags flags;
  flags.request.origin = "FUNC";
  add_flags(line, flags);
  FreeWords arguments{"[WAVE]...", {}};
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session, &arguments))
    return *code;
  flags.request.arguments = std::move(arguments.words);
  if (const auto problem = find_missing_target(flags)) return report(session, {*problem});
  if (flags.request.parallel && !flags.request.repeat)
    return report(session,
                  {make_usage_problem("`--parallel` needs `--repeat`",
                                      {"`--repeat 1000 --parallel 10` makes 1000 calls, 10 "
                                       "at a time"})});
  if (flags.request.function.empty())
    return report(session, {make_usage_problem("`tenon call` needs a target and a function",
                                               {"`tenon call TARGET FUNC [WAVE]...`"})});
  return start_and_call(session, flags.start, flags.request);
}

}  // namespace tenon::cli
