// `tenon ext`: installed extensions.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "cli/actions.h"
#include "cli/commands/verbs.h"
#include "cli/diagnostics_json.h"
#include "cli/extension_flags.h"
#include "cli/output.h"
#include "cli/render_extensions.h"
#include "tenon/extension.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

// What most actions take.
struct ExtFlags {
  std::string store;
  std::vector<std::string> names;
  OutputFormat format = OutputFormat::Human;
};

void add_names(CLI::App& app, ExtFlags& flags, const char* what) {
  app.add_option("names", flags.names, what)->type_name("NAME");
}

int report_missing(const Session& session, std::string_view action, std::string_view what,
                   std::string_view form) {
  return report(session, {make_usage_problem(fmt::format("`tenon ext {}` needs {}", action, what),
                                             {fmt::format("`tenon ext {} {}`", action, form)})});
}

int add_command(Session& session, Words words) {
  CLI::App app("Install extensions, all of them or none", "tenon ext add");
  ExtFlags flags;
  std::string name;
  std::string sha256;
  std::vector<std::string> grants;
  AddOptions options;
  bool no_compile = false;
  app.add_option("sources", flags.names,
                 "Components, folders with an extension.toml, `ns:name@^1`, oci://, https://")
      ->type_name("SOURCE");
  app.add_option("--name", name, "Call it so; of one source")->type_name("NAME");
  app.add_option("--sha256", sha256, "Digest that its component has; of one source")
      ->type_name("HEX");
  app.add_option("--grant", grants, "What it may do: fs=ro:DIR, net=HOST:PORT, env=NAME")
      ->type_name("GRANT")
      ->allow_extra_args(false);
  app.add_flag("--force", options.replace, "Also in the place of a newer one, or of other bytes");
  app.add_flag("--link", options.link, "Leave the component where it is, and read it at each use");
  app.add_flag("--no-compile", no_compile, "Compile when it is first used");
  app.add_flag("--offline", options.offline, "Ask nothing over a network");
  app.add_flag("--allow-unpinned", options.unpinned, "Take a URL without --sha256 as it comes");
  app.add_flag("--dry-run", options.dry_run, "Check all, and write nothing");
  add_store_flag(app, flags.store);
  add_format_flags(app, flags.format);
  app.footer(
      "Types of all edges are checked before anything is written. It runs with what it is "
      "granted,\n"
      "and nothing else is open to it.\n\n"
      "Examples:\n"
      "  tenon ext add ./square.wasm\n"
      "  tenon ext add ./square ./multiply --grant fs=ro:.");
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (flags.names.empty()) return report_missing(session, "add", "a source", "SOURCE...");
  if (flags.names.size() > 1 && (!name.empty() || !sha256.empty()))
    return report(session, {make_usage_problem("`--name` and `--sha256` are of one source",
                                               {"add them one by one"})});
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  options.compile = !no_compile;
  std::vector<ExtensionRequest> requests;
  for (const std::string& source : flags.names) requests.push_back({source, name, sha256, grants});
  const auto added = store->add(requests, options);
  if (!added) return report(session, added.error());
  std::vector<Extension> all;
  for (const AddedExtension& one : *added) {
    if (flags.format == OutputFormat::Human) print_result(render_added(one));
    all.push_back(one.extension);
  }
  if (flags.format == OutputFormat::Json) print_result(dump_json(make_extensions_json(all)));
  return to_int(ExitCode::Fine);
}

int remove_command(Session& session, Words words) {
  CLI::App app("Remove extensions that no other needs", "tenon ext remove");
  ExtFlags flags;
  bool cascade = false;
  add_names(app, flags, "Extensions");
  app.add_flag("--cascade", cascade, "Those too that need them");
  add_store_flag(app, flags.store);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (flags.names.empty()) return report_missing(session, "remove", "a name", "NAME...");
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const auto removed = store->remove(flags.names, cascade);
  if (!removed) return report(session, removed.error());
  for (const Extension& one : *removed)
    print_result(fmt::format("removed {} {}\n", one.name, one.version));
  return to_int(ExitCode::Fine);
}

int list_command(Session& session, Words words) {
  CLI::App app("List what is installed", "tenon ext list");
  ExtFlags flags;
  add_store_flag(app, flags.store);
  add_format_flags(app, flags.format);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const auto all = store->list();
  if (!all) return report(session, all.error());
  print_result(flags.format == OutputFormat::Json ? dump_json(make_extensions_json(*all))
                                                  : render_extensions(*all));
  return to_int(ExitCode::Fine);
}

int info_command(Session& session, Words words) {
  CLI::App app("Show all of one extension", "tenon ext info");
  ExtFlags flags;
  add_names(app, flags, "An extension");
  add_store_flag(app, flags.store);
  add_format_flags(app, flags.format);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (flags.names.size() != 1) return report_missing(session, "info", "one name", "NAME");
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const auto found = store->find(flags.names.front());
  if (!found) return report(session, found.error());
  print_result(flags.format == OutputFormat::Json ? dump_json(make_extension_json(*found))
                                                  : render_extension(*found, session.out));
  return to_int(ExitCode::Fine);
}

int libs_command(Session& session, Words words) {
  CLI::App app("List the interfaces by which extensions are linked", "tenon ext libs");
  ExtFlags flags;
  bool all = false;
  std::string pattern = "*";
  app.add_option("pattern", pattern, "Those alone that match: `acme:*`")->type_name("PATTERN");
  app.add_flag("--all", all, "Exports too that are no libraries, with the reason");
  add_store_flag(app, flags.store);
  add_format_flags(app, flags.format);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  auto libraries = store->libraries(pattern);
  if (!libraries) return report(session, libraries.error());
  if (!all && flags.format == OutputFormat::Json)
    std::erase_if(*libraries, [](const ExtensionLibrary& row) { return !row.why_not.empty(); });
  print_result(flags.format == OutputFormat::Json
                   ? dump_json(make_libraries_json(*libraries))
                   : render_libraries(*libraries, all ? Others::Show : Others::Hide));
  return to_int(ExitCode::Fine);
}

int deps_command(Session& session, Words words) {
  CLI::App app("Show what an extension needs, directly and through others", "tenon ext deps");
  ExtFlags flags;
  bool order = false;
  add_names(app, flags, "An extension; none: all, with --order");
  app.add_flag("--order", order, "In the order in which they are loaded");
  add_store_flag(app, flags.store);
  add_format_flags(app, flags.format);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (flags.names.size() > 1 || (flags.names.empty() && !order))
    return report_missing(session, "deps", "one name", "NAME");
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const std::string name = flags.names.empty() ? "" : flags.names.front();
  const auto closure = store->load_order(name);
  if (!closure) return report(session, closure.error());
  if (flags.format == OutputFormat::Json) {
    print_result(dump_json(make_extensions_json(*closure)));
  } else if (order) {
    for (const Extension& one : *closure)
      print_result(fmt::format("{} {}\n", one.name, one.version));
  } else {
    const auto root = store->find(name);
    if (!root) return report(session, root.error());
    print_result(render_needs(*root, *closure, session.out));
  }
  return to_int(ExitCode::Fine);
}

int check_command_of_store(Session& session, Words words) {
  CLI::App app("Hold the store against itself: digests, types of all edges, cycles",
               "tenon ext check");
  ExtFlags flags;
  add_store_flag(app, flags.store);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  const Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const Result<void> checked = store->check();
  if (!checked) return report(session, checked.error());
  const auto all = store->list();
  if (!all) return report(session, all.error());
  print_result(fmt::format("{} fine\n", all->size() == 1
                                            ? std::string("1 extension is")
                                            : fmt::format("{} extensions are", all->size())));
  return to_int(ExitCode::Fine);
}

using ChangeGrants = Result<void> (ExtensionStore::*)(std::string_view,
                                                      const std::vector<std::string>&);

int change_grants(Session& session, Words words, std::string_view action, const char* about,
                  ChangeGrants change) {
  CLI::App app(about, fmt::format("tenon ext {}", action));
  ExtFlags flags;
  app.add_option("words", flags.names, "An extension, and fs=ro:DIR, net=HOST:PORT or env=NAME")
      ->type_name("NAME GRANT...");
  add_store_flag(app, flags.store);
  if (const auto code = parse_words(app, std::move(words), session)) return *code;
  if (flags.names.size() < 2)
    return report_missing(session, action, "a name and a grant", "NAME GRANT...");
  Result<ExtensionStore> store = open_store(flags.store);
  if (!store) return report(session, store.error());
  const Result<void> changed =
      ((*store).*change)(flags.names.front(), {flags.names.begin() + 1, flags.names.end()});
  return changed ? to_int(ExitCode::Fine) : report(session, changed.error());
}

int grant_command(Session& session, Words words) {
  return change_grants(session, std::move(words), "grant",
                       "Give an extension what it may do, and no other with it",
                       &ExtensionStore::grant);
}

int revoke_command(Session& session, Words words) {
  return change_grants(session, std::move(words), "revoke", "Take back what was granted",
                       &ExtensionStore::revoke);
}

constexpr std::array kActions = {
    Action{"add", "Install extensions", add_command},
    Action{"remove", "Remove extensions that no other needs", remove_command},
    Action{"list", "List what is installed", list_command},
    Action{"info", "Show all of one", info_command},
    Action{"libs", "List the interfaces by which they are linked", libs_command},
    Action{"deps", "Show what one needs", deps_command},
    Action{"run", "Run the command of one; `tenon NAME` is short for it", ext_run_command},
    Action{"call", "Call a function that one exports", ext_call_command},
    Action{"upgrade", "Take what is newer where they came from", ext_upgrade_command},
    Action{"search", "Look for packages in registries", ext_search_command},
    Action{"publish", "Put one into a registry", ext_publish_command},
    Action{"check", "Hold the store against itself", check_command_of_store},
    Action{"grant", "Give one what it may do", grant_command},
    Action{"revoke", "Take that back", revoke_command}};

}  // namespace

int ext_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {"ext", "Extensions: components in a store, found by their names",
                                kActions,
                                "  tenon ext add ./square.wasm\n"
                                "  tenon ext run square 12\n"
                                "  tenon square 12"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
