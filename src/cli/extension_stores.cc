#include "cli/extension_stores.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/link_request.h"
#include "cli/session.h"
#include "tenon/trust.h"

namespace tenon::cli {

namespace {

// Extensions can use host bundles as other components do.
void add_hosts(CompositionBuilder& builder) {
  const HostSearch search = make_host_search({});
  builder.set_host_folders(search.folders);
  if (search.forbid_native) builder.forbid_native();
  // A file that cannot be read is reported by the link that needs its bundles.
  for (const std::string& config : search.configs)
    if (check_owner(config)) (void)builder.read_hosts(config, search.variables);
}

ExtensionStore make_store(std::string folder, bool is_named) {
  ExtensionOptions options;
  options.folder = std::move(folder);
  options.refuse_others_files = !is_named;
  options.cache_dir = find_code_cache();
  options.private_dir = find_extension_caches();
  // Grants to extensions of any other store are kept outside of it: its author must not decide what
  // its extensions are allowed to do.
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
  if (has_raised_privileges() && !is_named)
    return make_usage_problem("a command with raised privileges has no extension store",
                              {"`--store DIR` names a store"});
  std::vector<std::string> folders = {folder};
  const std::string of_user = find_user_store();
  if (!is_named) folders = {find_project_store(), of_user};
  std::erase(folders, "");
  if (folders.empty())
    return make_usage_problem("cannot locate the extension store: HOME is not set",
                              {"`--store DIR` names a store"});
  if (find_grants_file().empty() && folders.front() != of_user)
    return make_usage_problem("cannot locate the file of grants: HOME is not set",
                              {"set HOME, or XDG_STATE_HOME"});
  std::vector<ExtensionStore> stores;
  for (std::string& path : folders) stores.push_back(make_store(std::move(path), is_named));
  return stores;
}

void add_store_flag(CommandLine& line, std::string& folder) {
  line.add_option("--store", folder, "Use the store in this folder").type_name("DIR");
}

void add_extension_names(CommandLine& line, std::vector<std::string>& names, const char* help) {
  line.add_option("names", names, help).type_name(std::string(kExtensionType));
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
      const Result<Extension> extension = store.find(name);
      if (extension) return std::move(store);
      if (extension.error().front().code != "ext-none") return extension.error();
    }
  return std::move(stores->front());
}

Result<std::vector<InstalledExtension>> list_installed(const std::string& folder) {
  const Result<std::vector<ExtensionStore>> stores = open_stores(folder);
  if (!stores) return stores.error();
  std::vector<InstalledExtension> installed;
  for (const ExtensionStore& store : *stores) {
    const bool is_projects = stores->size() > 1 && &store == &stores->front();
    Result<std::vector<Extension>> extensions = store.list();
    if (!extensions) return std::move(extensions).error();
    std::vector<InstalledExtension> rows;
    for (Extension& extension : *extensions)
      if (std::ranges::none_of(installed, [&](const InstalledExtension& before) {
            return before.extension.name == extension.name;
          }))
        rows.push_back({std::move(extension), is_projects});
    std::ranges::move(rows, std::back_inserter(installed));
  }
  return installed;
}

Result<bool> is_installed_command(std::string_view name) {
  // Without HOME there is no store.
  if (find_project_store().empty() && find_user_store().empty()) return false;
  const Result<ExtensionStore> store = open_store("", name);
  if (!store) return store.error();
  const Result<Extension> extension = store->find(name);
  return extension && extension->command.has_value();
}

}  // namespace tenon::cli
