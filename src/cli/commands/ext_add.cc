// `tenon ext add` and `upgrade`: what comes into a store.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/environment.h"
#include "cli/extension_flags.h"
#include "cli/output.h"
#include "cli/render_extensions.h"
#include "tenon/extension.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

// Asks the person at the terminal; where there is none, nothing is added that was not named.
bool ask(const std::vector<Extension>& more) {
  if (get_stream_kind(Stream::Input) != StreamKind::Terminal ||
      get_stream_kind(Stream::Error) != StreamKind::Terminal)
    return false;
  std::string text = "this is needed too:\n";
  for (const Extension& one : more)
    text += fmt::format("  {} {} of {}\n", one.name, one.version, sanitize_text(one.source));
  fmt::print(stderr, "{}add it? [y/N] ", text);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// What both take.
struct ComeFlags {
  AddOptions options;
  std::string store;
  OutputFormat format = OutputFormat::Human;
  bool yes = false;
  bool no_compile = false;
};

void add_come_flags(CommandLine& line, ComeFlags& flags) {
  line.add_flag("--yes", flags.yes, "Add what is needed too, without asking");
  line.add_flag("--pre", flags.options.prereleases, "Versions such as 2.0.0-rc.1, too");
  line.add_flag("--no-compile", flags.no_compile, "Compile when it is first used");
  line.add_flag("--offline", flags.options.offline, "Ask nothing over a network");
  line.add_flag("--dry-run", flags.options.dry_run, "Check all, and write nothing");
  add_store_flag(line, flags.store);
  add_format_flags(line, flags.format);
}

AddOptions options_of(const ComeFlags& flags) {
  AddOptions options = flags.options;
  options.compile = !flags.no_compile;
  options.accept = [yes = flags.yes](const std::vector<Extension>& more) {
    return yes || ask(more);
  };
  return options;
}

void print_added(const std::vector<AddedExtension>& added, const ComeFlags& flags,
                 std::string_view nothing) {
  std::vector<Extension> all;
  std::string text;
  for (const AddedExtension& one : added) {
    text += render_added(one);
    all.push_back(one.extension);
  }
  print_result(flags.format == OutputFormat::Json ? render_extensions_json(all)
               : text.empty()                     ? fmt::format("{}\n", nothing)
                                                  : text);
}

// Notes the extensions that can neither be run nor linked.
void note_useless(const Session& session, const ExtensionStore& store,
                  const std::vector<AddedExtension>& added) {
  Diagnostics notes;
  for (const AddedExtension& one : added) {
    const Extension& extension = one.extension;
    if (extension.command || !extension.libraries.empty()) continue;
    Diagnostic note;
    note.severity = Severity::Note;
    note.code = "offers-nothing";
    note.message = fmt::format("`{}` can neither be run nor linked", extension.name);
    note.notes.push_back({"it has no command: it does not export `wasi:cli/run`", {}, {}});
    const auto exports = store.libraries();
    for (const ExtensionLibrary& row : exports ? *exports : std::vector<ExtensionLibrary>())
      if (row.provider == extension.name && row.version == extension.version)
        note.notes.push_back(
            {fmt::format("`{}` is not a library: {}", sanitize_text(row.interface), row.why_not),
             {},
             {}});
    note.hints.emplace_back(
        "libraries are the exports that match `*:*/lib`, or `library-interfaces` of policy.toml");
    notes.push_back(std::move(note));
  }
  print_notes(session, notes);
}

}  // namespace

int ext_add_command(Session& session, Words words) {
  CommandLine line("Install extensions, all of them or none", "tenon ext add");
  ComeFlags flags;
  std::vector<std::string> sources;
  std::string name;
  std::string sha256;
  std::vector<std::string> grants;
  bool frozen = false;
  line.add_option("sources", sources,
                  "Components, folders with an extension.toml, `ns:name@^1`, oci://, https://")
      .type_name("SOURCE");
  line.add_option("--name", name, "Call it so; of one source").type_name("NAME");
  line.add_option("--sha256", sha256, "Digest that its component has; of one source")
      .type_name("HEX");
  line.add_option("--grant", grants,
                  "What it may do: fs=ro:DIR, net=HOST:PORT, env=NAME, host=INTERFACE")
      .type_name("GRANT")
      .one_value_each();
  line.add_flag("--force", flags.options.replace,
                "Also in the place of a newer one, or of other bytes");
  line.add_flag("--link", flags.options.link,
                "Leave the component where it is, and read it at each use");
  line.add_flag("--allow-unpinned", flags.options.unpinned,
                "Take a URL without --sha256 as it comes");
  line.add_flag("--locked", flags.options.locked,
                "Only what ext.lock has, with its bytes; no source: all of it");
  line.add_flag("--frozen", frozen, "--locked and --offline");
  add_come_flags(line, flags);
  line.set_footer(
      "Types of all edges are checked before anything is written. It runs with what it is "
      "granted,\n"
      "and nothing else is open to it.\n\n"
      "Examples:\n"
      "  tenon ext add ./square.wasm\n"
      "  tenon ext add ./square ./multiply --grant fs=ro:.");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  flags.options.locked |= frozen;
  flags.options.offline |= frozen;
  if (sources.empty() && !flags.options.locked)
    return report_missing(session, "add", "a source", "add SOURCE...");
  if (sources.size() != 1 && (!name.empty() || !sha256.empty()))
    return report(session, {make_usage_problem("`--name` and `--sha256` are of one source",
                                               {"add them one by one"})});
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  std::vector<ExtensionRequest> requests;
  for (const std::string& source : sources)
    requests.push_back({.source = source, .name = name, .sha256 = sha256, .grants = grants});
  const auto added = store->add(requests, options_of(flags));
  if (!added) return report(session, added.error());
  print_added(*added, flags, "all of ext.lock is installed");
  note_useless(session, *store, *added);
  return to_int(ExitCode::Fine);
}

int ext_upgrade_command(Session& session, Words words) {
  CommandLine line("Take what is newer where extensions came from, in their tracks",
                   "tenon ext upgrade");
  ComeFlags flags;
  std::vector<std::string> names;
  bool all = false;
  add_extension_names(line, names, "Extensions");
  line.add_flag("--all", all, "All that are installed");
  add_come_flags(line, flags);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (names.empty() != all)
    return report_missing(session, "upgrade", "names, or `--all`", "upgrade NAME...");
  Result<ExtensionStore> store = open_store(flags.store, names.empty() ? "" : names.front());
  if (!store) return report(session, store.error());
  const auto changed = store->upgrade(names, options_of(flags));
  if (!changed) return report(session, changed.error());
  print_added(*changed, flags, "nothing is newer");
  return to_int(ExitCode::Fine);
}

}  // namespace tenon::cli
