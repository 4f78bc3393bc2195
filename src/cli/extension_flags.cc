#include "cli/extension_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/host_flags.h"
#include "cli/session.h"
#include "cli/usage.h"
#include "tenon/text.h"
#include "tenon/trust.h"

namespace tenon::cli {

namespace {

// Host bundles are there for extensions as they are for other components.
void add_hosts(CompositionBuilder& builder) {
  const HostSearch search = make_host_search({});
  builder.set_host_folders(search.folders);
  if (search.forbid_native) builder.forbid_native();
  // One that cannot be read is told where a link needs bundles.
  for (const std::string& config : search.configs)
    if (check_owner(config)) (void)builder.read_hosts(config, search.variables);
}

ExtensionStore make_store(std::string folder, bool is_named) {
  ExtensionOptions options;
  options.folder = std::move(folder);
  options.refuse_others_files = !is_named;
  options.cache_dir = find_code_cache();
  options.private_dir = find_extension_caches();
  // Whoever wrote another store than the user's own does not decide what its extensions may do.
  if (options.folder != find_user_store()) options.grants_file = find_grants_file();
  options.variables = read_variables();
  std::error_code failed;
  options.project_dir = std::filesystem::current_path(failed).string();
  options.add_host = add_hosts;
  options.guarded = {"*"};
  return ExtensionStore(std::move(options));
}

}  // namespace

Result<std::vector<ExtensionStore>> open_stores(const std::string& folder) {
  const bool is_named = !folder.empty();
  if (has_raised_rights() && !is_named)
    return make_usage_problem("a command with raised rights has no store of extensions",
                              {"name one: `--store DIR`"});
  std::vector<std::string> folders = {folder};
  const std::string of_user = find_user_store();
  if (!is_named) folders = {find_project_store(), of_user};
  std::erase(folders, "");
  if (folders.empty())
    return make_usage_problem("there is no place for a store of extensions: HOME is not set",
                              {"name one: `--store DIR`"});
  if (find_grants_file().empty() && folders.front() != of_user)
    return make_usage_problem("there is no place for grants: HOME is not set",
                              {"set HOME, or XDG_STATE_HOME"});
  std::vector<ExtensionStore> stores;
  for (std::string& one : folders) stores.push_back(make_store(std::move(one), is_named));
  return stores;
}

void add_store_flag(CommandLine& line, std::string& folder) {
  line.add_option("--store", folder,
                  "Folder of the store, in the place of the project's and the user's")
      .type_name("DIR");
}

void add_extension_names(CommandLine& line, std::vector<std::string>& names, const char* what) {
  line.add_option("names", names, what).type_name(std::string(kExtensionType));
}

int report_missing(const Session& session, std::string_view action, std::string_view what,
                   std::string_view form) {
  return report(session, {make_usage_problem(fmt::format("`tenon ext {}` needs {}", action, what),
                                             {fmt::format("`tenon ext {}`", form)})});
}

Result<ExtensionStore> open_store(const std::string& folder, std::string_view name) {
  Result<std::vector<ExtensionStore>> stores = open_stores(folder);
  if (!stores) return stores.error();
  if (stores->size() > 1 && !name.empty())
    for (ExtensionStore& store : *stores) {
      const Result<Extension> found = store.find(name);
      if (found) return std::move(store);
      if (found.error().front().code != "ext-none") return found.error();
    }
  return std::move(stores->front());
}

Result<std::vector<Installed>> list_installed(const std::string& folder) {
  const Result<std::vector<ExtensionStore>> stores = open_stores(folder);
  if (!stores) return stores.error();
  std::vector<Installed> installed;
  for (const ExtensionStore& store : *stores) {
    const bool is_projects = stores->size() > 1 && &store == &stores->front();
    Result<std::vector<Extension>> found = store.list();
    if (!found) return std::move(found).error();
    std::vector<Installed> rows;
    for (Extension& extension : *found)
      if (std::ranges::none_of(installed, [&](const Installed& before) {
            return before.extension.name == extension.name;
          }))
        rows.push_back({std::move(extension), is_projects});
    std::ranges::move(rows, std::back_inserter(installed));
  }
  return installed;
}

Result<bool> is_installed_command(std::string_view name) {
  // Without HOME there is none.
  if (find_project_store().empty() && find_user_store().empty()) return false;
  const Result<ExtensionStore> store = open_store("", name);
  if (!store) return store.error();
  const Result<Extension> found = store->find(name);
  return found && found->command.has_value();
}

}  // namespace tenon::cli
