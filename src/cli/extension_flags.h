// The store of extensions that the command works on.
#pragma once

#include <string>
#include <string_view>

#include "tenon/extension.h"
#include "tenon/result.h"

namespace CLI {
class App;
}

namespace tenon::cli {

// Adds `--store DIR`; `folder` stays empty where it is not given.
void add_store_flag(CLI::App& app, std::string& folder);

// folder: empty: as find_extension_store has it. Errors: config-usage (there is none).
[[nodiscard]] Result<ExtensionStore> open_store(const std::string& folder);

// Whether an extension of that name, or alias, has a command.
[[nodiscard]] bool is_installed_command(std::string_view name);

}  // namespace tenon::cli
