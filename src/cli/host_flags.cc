#include "cli/host_flags.h"

#include "cli/command_line.h"
#include "cli/environment.h"

namespace tenon::cli {

void add_host_flags(CommandLine& line, HostFlags& flags, const std::string& group) {
  const auto add_list = [&](const std::string& flag, std::vector<std::string>& values,
                            const std::string& type, const std::string& help) {
    line.add_option(flag, values, help).type_name(type).one_value_each().group(group);
  };
  add_list("--host-config", flags.configs, "FILE",
           "Read a hosts.toml: bundles with names, configuration and pins");
  line.add_flag("--no-host-config", flags.no_config, "Read no hosts.toml that is not named")
      .group(group);
  add_list("--trust-path", flags.trusted, "PATH",
           "Load native code there, whoever may have changed it");
}

HostSearch make_host_search(const HostFlags& flags) {
  HostSearch search;
  if (!flags.no_config) search.configs = find_host_configs();
  search.configs.insert(search.configs.end(), flags.configs.begin(), flags.configs.end());
  search.variables = read_variables();
  search.folders = find_host_folders();
  // Whoever started a command with raised rights is not the one who owns them.
  if (!has_raised_rights()) search.trusted = flags.trusted;
  search.forbid_native = forbids_native();
  return search;
}

}  // namespace tenon::cli
