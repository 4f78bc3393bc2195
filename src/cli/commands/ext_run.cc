// `tenon ext run`, `tenon ext call`, and `tenon NAME`.
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "cli/call_request.h"
#include "cli/call_trace.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_stores.h"
#include "cli/start.h"
#include "cli/watch.h"
#include "support/terminal_text.h"
#include "tenon/extension.h"

namespace tenon::cli {

namespace {

// Adds the flags of a start without those of a link, because the store decides how an extension is
// linked.
void add_flags(CommandLine& line, StartFlags& flags, std::string& store) {
  add_code_flags(line, flags.code);
  add_store_flag(line, store);
  add_limit_flags(line, flags.limits);
  add_trace_flags(line, flags.traces);
}

// Runs a command that is a function, from the words of the user to an exit code.
CallResult<int> call_entry(Composition& composition, const std::string& entry,
                           const std::vector<std::string>& words) {
  const std::size_t dot = entry.rfind('.');
  std::vector<Value> arguments;
  for (const std::string& word : words) arguments.push_back(Value::string(word));
  const std::vector<Value> all = {Value::list(std::move(arguments))};
  const auto result = composition.call(entry.substr(0, dot), entry.substr(dot + 1), all);
  if (!result) return result.error();
  const auto* const code = *result ? (*result)->get_if<std::uint8_t>() : nullptr;
  return code == nullptr ? 0 : int{*code};
}

std::string hint_at_grant(const Denial& denial) {
  const std::string grant = denial.kind == Denial::Kind::Directory ? "fs=ro:."
                            : denial.kind == Denial::Kind::Network ? "net=HOST:PORT"
                            : denial.kind == Denial::Kind::Http    ? "http=" + denial.grant
                                                                   : "env=NAME";
  return fmt::format("if you trust the extension with this: `tenon ext grant {} {}`",
                     sanitize_text(denial.domain), sanitize_text(grant));
}

void add_grant_hints(StartFlags& flags, const std::string& name) {
  flags.grant_hint = hint_at_grant;
  flags.revoke_hint =
      fmt::format("`tenon ext info {0}` shows the grants, `tenon ext revoke {0} GRANT` revokes one",
                  sanitize_text(name));
}

Result<CompositionBuilder> link_extension(const ExtensionStore& store, const std::string& name) {
  Result<CompositionBuilder> builder = store.link(name);
  if (builder) builder->inherit_stdio();
  return builder;
}

bool is_function(const std::string& entry) {
  return entry.find('.') != entry.npos && entry.find('@') == entry.npos;
}

int run_extension(const Session& session, StartFlags flags, const std::string& folder,
                  const std::string& name) {
  Result<ExtensionStore> store = open_store(folder, name);
  if (!store) return report(session, store.error());
  const Result<Extension> extension = store->find(name);
  if (!extension) return report(session, extension.error());
  add_grant_hints(flags, name);
  if (!extension->command) {
    Diagnostic problem = make_usage_problem(
        fmt::format("`{}` has no command, only libraries", extension->name),
        {fmt::format("`tenon ext call {} FUNC` calls an exported function", extension->name)});
    return report(session, {std::move(problem)});
  }
  flags.make = [&] { return link_extension(*store, name); };
  const std::string& entry = extension->command->exported;
  return run_started(session, flags, [&](Composition& composition) {
    return is_function(entry) ? call_entry(composition, entry, flags.guest_args)
                              : composition.run_command();
  });
}

// The first word that is neither a flag nor the value of one. All words after it, including flags,
// are arguments of the guest.
Words::iterator find_name(const CommandLine& line, Words& words) {
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (!word->starts_with('-')) return word;
    const std::optional<OptionInfo> flag = line.find_flag(*word);
    const bool takes_next = flag && flag->takes_value;
    if (takes_next && std::next(word) != words.end()) ++word;
  }
  return words.end();
}

}  // namespace

int ext_run_command(Session& session, Words words) {
  CommandLine line("Run the command of an extension", "tenon ext run");
  session.convention = ExitConvention::Run;
  StartFlags flags;
  std::string folder;
  add_flags(line, flags, folder);
  add_watch_flag(line, flags);
  const auto name = find_name(line, words);
  line.add_shown_option("name", "Extension; the words after it are passed to the guest")
      .type_name(std::string(kExtensionType));
  std::string called;
  if (name != words.end()) {
    called = *name;
    flags.guest_args.assign(std::next(name), words.end());
    words.erase(name, words.end());
  }
  line.set_footer(
      "Examples:\n"
      "  tenon ext run square 12\n"
      "  tenon square 12");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (called.empty())
    return report(session, {make_usage_problem("`tenon ext run` needs a name",
                                               {"`tenon ext run NAME [ARGS]...`"})});
  return run_extension(session, std::move(flags), folder, called);
}

int ext_call_command(Session& session, Words words) {
  CommandLine line("Call a function that an extension exports", "tenon ext call");
  session.convention = ExitConvention::Run;
  StartFlags flags;
  CallRequest request;
  request.origin = "FUNC";
  std::string folder;
  std::string name;
  line.add_option("name", name, "Extension").type_name(std::string(kExtensionType));
  line.add_option("function", request.function,
                  "Name of an exported function, or a whole call in WAVE")
      .type_name("FUNC");
  add_flags(line, flags, folder);
  add_raw_flag(line, request);
  add_format_flags(line, request.format);
  line.set_footer(
      "Examples:\n"
      "  tenon ext call multiply 'lib.product(3, 4)'");
  FreeWords arguments{"[WAVE]...", {}};
  if (const auto code = parse_words(line, std::move(words), session, &arguments)) return *code;
  request.arguments = std::move(arguments.words);
  if (name.empty() || request.function.empty())
    return report(session, {make_usage_problem("`tenon ext call` needs a name and a function",
                                               {"`tenon ext call NAME FUNC [WAVE]...`"})});
  Result<ExtensionStore> store = open_store(folder, name);
  if (!store) return report(session, store.error());
  add_grant_hints(flags, name);
  flags.make = [&] { return link_extension(*store, name); };
  return start_and_call(session, flags, request);
}

}  // namespace tenon::cli
