#include "cli/extension_flags.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/environment.h"
#include "cli/host_flags.h"
#include "cli/usage.h"

namespace tenon::cli {

namespace {

// Host bundles are there for extensions as they are for other components.
void add_hosts(CompositionBuilder& builder) {
  const HostSearch search = make_host_search({});
  builder.set_host_folders(search.folders);
  if (search.forbid_native) builder.forbid_native();
  // One that cannot be read is told where a link needs bundles.
  for (const std::string& config : search.configs)
    (void)builder.read_hosts(config, search.variables);
}

}  // namespace

void add_store_flag(CLI::App& app, std::string& folder) {
  app.add_option("--store", folder,
                 "Folder of the store, in the place of the project's or the user's")
      ->type_name("DIR");
}

Result<ExtensionStore> open_store(const std::string& folder) {
  ExtensionOptions options;
  options.folder = folder.empty() ? find_extension_store() : folder;
  if (options.folder.empty())
    return make_usage_problem("there is no place for a store of extensions: HOME is not set",
                              {"name one: `--store DIR`"});
  options.cache_dir = find_code_cache();
  options.variables = read_variables();
  std::error_code failed;
  const std::filesystem::path here = std::filesystem::current_path(failed);
  options.variables.emplace("PROJECT", here.string());
  options.add_host = add_hosts;
  return ExtensionStore(std::move(options));
}

bool is_installed_command(std::string_view name) {
  const Result<ExtensionStore> store = open_store("");
  if (!store) return false;
  const Result<Extension> found = store->find(name);
  return found && found->command;
}

}  // namespace tenon::cli
