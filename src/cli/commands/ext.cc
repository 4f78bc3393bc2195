// `tenon ext`: installed extensions.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "cli/actions.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_flags.h"
#include "cli/output.h"
#include "cli/rows.h"
#include "tenon/extension.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

int remove_command(Session& session, Words words) {
  CommandLine line("Remove extensions that no other needs", "tenon ext remove");
  std::string folder;
  std::vector<std::string> names;
  RemoveOptions options;
  add_extension_names(line, names, "Extensions");
  line.add_flag("--cascade", options.cascade, "Those too that need them");
  line.add_flag("--purge", options.purge, "What they keep in `$CACHE`, too");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (names.empty()) return report_missing(session, "remove", "a name", "remove NAME...");
  Result<ExtensionStore> store = open_store(folder, names.front());
  if (!store) return report(session, store.error());
  const auto removed = store->remove(names, options);
  if (!removed) return report(session, removed.error());
  for (const Extension& one : *removed)
    print_result(fmt::format("removed {} {}\n", one.name, one.version));
  return to_int(ExitCode::Fine);
}

int check_command_of_store(Session& session, Words words) {
  CommandLine line("Hold a store against itself: digests, types of all edges, cycles",
                   "tenon ext check");
  std::string folder;
  bool all = false;
  line.add_flag("--all", all, "The project's store, and the user's");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const Result<std::vector<ExtensionStore>> stores = open_stores(folder);
  if (!stores) return report(session, stores.error());
  std::size_t checked = 0;
  Diagnostics problems;
  for (const ExtensionStore& store : *stores) {
    const Result<void> sound = store.check();
    if (!sound) std::ranges::copy(sound.error(), std::back_inserter(problems));
    if (const auto extensions = store.list()) checked += extensions->size();
    if (!all) break;
  }
  if (!problems.empty()) return report(session, problems);
  print_result(
      fmt::format("{} {} fine\n", count(checked, "extension"), checked == 1 ? "is" : "are"));
  return to_int(ExitCode::Fine);
}

using ChangeGrants = Result<void> (ExtensionStore::*)(std::string_view,
                                                      const std::vector<std::string>&);

int change_grants(Session& session, Words words, std::string_view action, const char* about,
                  ChangeGrants change) {
  CommandLine line(about, fmt::format("tenon ext {}", action));
  std::string folder;
  std::vector<std::string> given;
  line.add_option("words", given,
                  "An extension, and fs=ro:DIR, net=HOST:PORT, env=NAME or host=INTERFACE")
      .type_name("EXTENSION GRANT...");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (given.size() < 2)
    return report_missing(session, action, "a name and a grant",
                          fmt::format("{} NAME GRANT...", action));
  Result<ExtensionStore> store = open_store(folder, given.front());
  if (!store) return report(session, store.error());
  const Result<void> changed = ((*store).*change)(given.front(), {given.begin() + 1, given.end()});
  if (!changed) return report(session, changed.error());
  const Result<Extension> now = store->find(given.front());
  if (!now) return report(session, now.error());
  print_result(now->grants.empty()
                   ? fmt::format("{}: nothing is granted\n", now->name)
                   : sanitize_text(fmt::format("{}: {}", now->name, fmt::join(now->grants, ", "))) +
                         "\n");
  return to_int(ExitCode::Fine);
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

constexpr std::array kExtActions = {
    Action{"add", "Install extensions", ext_add_command},
    Action{"remove", "Remove extensions that no other needs", remove_command},
    Action{"list", "List what is installed", ext_list_command},
    Action{"info", "Show all of one", ext_info_command},
    Action{"libs", "List the interfaces by which they are linked", ext_libs_command},
    Action{"deps", "Show what one needs", ext_deps_command},
    Action{"run", "Run the command of one; `tenon NAME` is short for it", ext_run_command},
    Action{"call", "Call a function that one exports", ext_call_command},
    Action{"upgrade", "Take what is newer where they came from", ext_upgrade_command},
    Action{"search", "Look for packages in registries", ext_search_command},
    Action{"publish", "Put one into a registry", ext_publish_command},
    Action{"new", "Write a folder that builds one", ext_new_command},
    Action{"check", "Hold the store against itself", check_command_of_store},
    Action{"grant", "Give one what it may do", grant_command},
    Action{"revoke", "Take that back", revoke_command}};

}  // namespace

int ext_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {"ext", "Extensions: components in a store, found by their names",
                                kExtActions,
                                "  tenon ext add ./square.wasm\n"
                                "  tenon ext run square 12\n"
                                "  tenon square 12"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
