// `tenon ext`: the table of its actions, and the actions that manage installed extensions. The
// others are in ext_add.cc, ext_list.cc and ext_run.cc.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/extension_stores.h"
#include "cli/input_output.h"
#include "cli/session.h"
#include "render/style.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/extension.h"

namespace tenon::cli {

namespace {

int remove_command(Session& session, Words words) {
  CommandLine line("Remove extensions", "tenon ext remove");
  std::string folder;
  std::vector<std::string> names;
  RemoveOptions options;
  add_extension_names(line, names, "Extensions to remove");
  line.add_flag("--cascade", options.cascade, "Also remove extensions that need them");
  line.add_flag("--purge", options.purge, "Also remove the data that they keep in `$CACHE`");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (names.empty()) return report_missing(session, "remove", "a name", "remove NAME...");
  Result<ExtensionStore> store = open_store(folder, names.front());
  if (!store) return report(session, store.error());
  const auto removed = store->remove(names, options);
  if (!removed) return report(session, removed.error());
  for (const Extension& extension : *removed)
    print_result(fmt::format("removed {} {}\n", extension.name, extension.version));
  return to_int(ExitCode::Fine);
}

int check_command_of_store(Session& session, Words words) {
  CommandLine line("Check a store: digests, signatures, the types of all edges, cycles",
                   "tenon ext check");
  std::string folder;
  bool all = false;
  CheckOptions options;
  line.add_flag("--all", all, "Check the stores of the project and of the user");
  line.add_flag("--offline", options.offline,
                "Check the recorded keys against the policy, without the network");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  const Result<std::vector<ExtensionStore>> stores = open_stores(folder);
  if (!stores) return report(session, stores.error());
  std::size_t checked = 0;
  Diagnostics problems;
  for (const ExtensionStore& store : *stores) {
    const Result<void> result = store.check(options);
    if (!result) std::ranges::copy(result.error(), std::back_inserter(problems));
    if (const auto extensions = store.list()) checked += extensions->size();
    if (!all) break;
  }
  if (!problems.empty()) return report(session, problems);
  print_result(
      fmt::format("{} {} ok\n", pluralize(checked, "extension"), checked == 1 ? "is" : "are"));
  return to_int(ExitCode::Fine);
}

using ChangeGrants = Result<void> (ExtensionStore::*)(std::string_view,
                                                      const std::vector<std::string>&);

int change_grants(Session& session, Words words, std::string_view action, const char* help,
                  ChangeGrants change) {
  CommandLine line(help, fmt::format("tenon ext {}", action));
  std::string folder;
  std::vector<std::string> name_and_grants;
  line.add_option("words", name_and_grants,
                  "Extension, then fs=ro:DIR, net=HOST:PORT, http=HOST, env=NAME or host=INTERFACE")
      .type_name("EXTENSION GRANT...");
  add_store_flag(line, folder);
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (name_and_grants.size() < 2)
    return report_missing(session, action, "a name and a grant",
                          fmt::format("{} NAME GRANT...", action));
  Result<ExtensionStore> store = open_store(folder, name_and_grants.front());
  if (!store) return report(session, store.error());
  const Result<void> changed = ((*store).*change)(
      name_and_grants.front(), {name_and_grants.begin() + 1, name_and_grants.end()});
  if (!changed) return report(session, changed.error());
  const Result<Extension> extension = store->find(name_and_grants.front());
  if (!extension) return report(session, extension.error());
  print_result(extension->grants.empty()
                   ? fmt::format("{}: nothing is granted\n", extension->name)
                   : sanitize_text(fmt::format("{}: {}", extension->name,
                                               fmt::join(extension->grants, ", "))) +
                         "\n");
  return to_int(ExitCode::Fine);
}

int grant_command(Session& session, Words words) {
  return change_grants(session, std::move(words), "grant",
                       "Grant an extension access to folders, network, variables or host bundles",
                       &ExtensionStore::grant);
}

int revoke_command(Session& session, Words words) {
  return change_grants(session, std::move(words), "revoke", "Revoke grants of an extension",
                       &ExtensionStore::revoke);
}

// The newest installed library of each interface, which can have a version.
Result<std::vector<UsedLibrary>> find_libraries(const std::vector<std::string>& interfaces,
                                                const std::string& folder) {
  std::vector<UsedLibrary> uses;
  if (interfaces.empty()) return uses;
  TENON_TRY(const ExtensionStore store, open_store(folder));
  Diagnostics problems;
  for (const std::string& interface : interfaces) {
    TENON_TRY(std::vector<ExtensionLibrary> found, store.libraries(interface));
    std::erase_if(found, [](const ExtensionLibrary& row) { return !row.why_not.empty(); });
    if (found.empty()) {
      problems.push_back(make_usage_problem(
          fmt::format("no installed extension provides `{}`", sanitize_text(interface)),
          {"`tenon ext libs` lists what `--uses` can name"}));
      continue;
    }
    const ExtensionLibrary& library = found.back();
    TENON_TRY(std::string wit, store.print_wit(library.provider + "@" + library.version));
    uses.push_back({library.interface, library.provider, std::move(wit)});
  }
  if (!problems.empty()) return problems;
  return uses;
}

int ext_new_command(Session& session, Words words) {
  CommandLine line("Create a project for a new extension", "tenon ext new");
  std::string name;
  std::string folder;
  std::string language = "rust";
  bool library = false;
  std::vector<std::string> interfaces;
  std::string store;
  line.add_option("name", name, "Name of the extension, and of its folder")
      .type_name("[NAMESPACE:]NAME");
  line.add_flag("--lib", library, "Create a library for other extensions instead of a command");
  line.add_option("--lang", language, "Programming language (default: rust)")
      .type_name("c|cpp|rust|js")
      .one_of({"c", "cpp", "rust", "js"});
  line.add_option("--uses", interfaces, "Import a library that is installed")
      .type_name("INTERFACE")
      .one_value_each();
  line.add_option("-o,--output", folder, "Folder of the project (default: NAME)").type_name("DIR");
  add_store_flag(line, store);
  line.set_footer(
      "The new extension prints a greeting. README.md in the folder explains how to build it.\n"
      "Existing files are not replaced. The WIT package of a library is NAMESPACE:NAME; without a\n"
      "namespace, NAME:NAME. With --uses, its world imports the interface, and the build makes "
      "the\n"
      "code to call it.\n\n"
      "Examples:\n"
      "  tenon ext new square\n"
      "  tenon ext new square --uses acme:math/lib\n"
      "  tenon ext new acme:square --lib --lang cpp -o libs/square");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (name.empty())
    return report(session,
                  {make_usage_problem("`tenon ext new` needs a name", {"`tenon ext new NAME`"})});
  const ExtensionLanguage chosen = language == "c"     ? ExtensionLanguage::C
                                   : language == "cpp" ? ExtensionLanguage::Cpp
                                   : language == "js"  ? ExtensionLanguage::JavaScript
                                                       : ExtensionLanguage::Rust;
  const Result<std::vector<UsedLibrary>> uses = find_libraries(interfaces, store);
  if (!uses) return report(session, uses.error());
  const Result<std::vector<GeneratedFile>> files = make_extension_skeleton(
      name, library ? ExtensionKind::Library : ExtensionKind::Command, chosen, *uses);
  if (!files) return report(session, files.error());
  // A valid name has at most one colon.
  if (folder.empty()) folder = name.substr(name.find(':') + 1);
  const Result<void> written = write_new_folder(folder, *files, "ext new");
  if (!written) return report(session, written.error());
  const std::string shown = sanitize_text(folder);
  print_result(
      fmt::format("next: build it as {0}/README.md says, then `tenon ext add {0}`\n", shown));
  return to_int(ExitCode::Fine);
}

constexpr std::array kExtActions = {
    Action{"add", "Install extensions", ext_add_command},
    Action{"remove", "Remove extensions", remove_command},
    Action{"list", "List the installed extensions", ext_list_command},
    Action{"info", "Show details of an extension", ext_info_command},
    Action{"libs", "List the interfaces that extensions provide to each other", ext_libs_command},
    Action{"deps", "Show what an extension needs", ext_deps_command},
    Action{"run", "Run the command of an extension; short: `tenon NAME`", ext_run_command},
    Action{"call", "Call a function of an extension", ext_call_command},
    Action{"upgrade", "Upgrade extensions from their sources", ext_upgrade_command},
    Action{"search", "Search the registries for packages", ext_search_command},
    Action{"publish", "Publish an extension to a registry", ext_publish_command},
    Action{"new", "Create a project for a new extension", ext_new_command},
    Action{"check", "Check the store", check_command_of_store},
    Action{"grant", "Grant an extension access", grant_command},
    Action{"revoke", "Revoke grants of an extension", revoke_command}};

}  // namespace

int ext_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {
      "ext", "Install and run extensions: components that are found by name", kExtActions,
      "  tenon ext add ./square.wasm\n"
      "  tenon ext run square 12\n"
      "  tenon square 12"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
