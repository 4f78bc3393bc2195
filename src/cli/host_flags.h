// The flags that say where host bundles are looked for.
#pragma once

#include <string>
#include <vector>

#include "tenon/host_bundle.h"

namespace tenon::cli {

class CommandLine;

struct HostFlags {
  std::vector<std::string> configs;  // --host-config FILE
  bool no_config = false;            // --no-host-config
  std::vector<std::string> trusted;  // --trust-path PATH
};

// group: of the help's text.
void add_host_flags(CommandLine& line, HostFlags& flags, const std::string& group);

// With what the environment says: the files that are read by themselves come first.
[[nodiscard]] HostSearch make_host_search(const HostFlags& flags);

}  // namespace tenon::cli
