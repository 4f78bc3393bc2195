#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "cli/call_request.h"
#include "cli/call_trace.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/start.h"
#include "cli/watch.h"
#include "tenon/composition.h"

namespace tenon::cli {

namespace {

void add_flags(CommandLine& line, StartFlags& flags, std::optional<std::string>& invoke) {
  add_start_flags(line, flags);
  add_watch_flag(line, flags);
  line.add_option("--invoke", invoke, "Call this function instead of `wasi:cli/run`")
      .type_name("CALL")
      .excludes(line.get_option("--watch"));
  line.set_footer(
      "Arguments after `--` are passed to the guest.\n\n"
      "Examples:\n"
      "  tenon run app.wasm --with tax.wasm\n"
      "  tenon run app.wasm --with tax.wasm --dir ro:.::/data -- one two");
}

}  // namespace

int run_command(Session& session, Words words) {
  CommandLine line("Link components and run the result (`wasi:cli/run`)", "tenon run");
  StartFlags flags;
  CallRequest request;
  request.text = CallRequest::Text::Call;
  request.origin = "--invoke";
  std::optional<std::string> invoke;
  add_flags(line, flags, invoke);
  line.take_guest_arguments();
  const auto mark = std::find(words.begin(), words.end(), "--");
  if (mark != words.end()) flags.guest_args.assign(std::next(mark), words.end());
  words.erase(mark, words.end());
  if (const auto code = parse_words(line, join_net_values(std::move(words)), session)) return *code;
  if (invoke) {
    request.function = *invoke;
    return start_and_call(session, flags, request);
  }
  return run_started(session, std::move(flags),
                     [](Composition& composition) { return composition.run_command(); });
}

}  // namespace tenon::cli
