// The stores in which the command finds extensions: the project's and the user's, or the one that
// `--store` names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

struct Session;

// The type name of arguments that name an extension. Completion recognizes it.
inline constexpr std::string_view kExtensionType = "EXTENSION";

// Adds `--store DIR`; `folder` stays empty where the flag is not given.
void add_store_flag(CommandLine& line, std::string& folder);

// Adds an argument that names extensions.
void add_extension_names(CommandLine& line, std::vector<std::string>& names, const char* help);

// Reports that an action lacks a word. form: how the action is written, "remove NAME...".
[[nodiscard]] int report_missing(const Session& session, std::string_view action,
                                 std::string_view what, std::string_view form);

// All stores, the project's first; if `folder` is not empty, only the store there.
// Errors: config-usage (there is no store).
[[nodiscard]] Result<std::vector<ExtensionStore>> open_stores(const std::string& folder);

// The store in `folder`. If `folder` is empty: the first store that has an extension called `name`,
// otherwise the first store.
// Errors: those of open_stores; with a name, those of ExtensionStore::find except ext-none.
[[nodiscard]] Result<ExtensionStore> open_store(const std::string& folder,
                                                std::string_view name = {});

struct InstalledExtension {
  Extension extension;
  bool is_projects = false;  // in the store of the project
};

// The extensions of all stores. One of the project hides one of the user with the same name.
// Errors: those of open_stores and ExtensionStore::list.
[[nodiscard]] Result<std::vector<InstalledExtension>> list_installed(const std::string& folder);

// Whether an extension of that name, or alias, has a command. Errors: those of open_store.
[[nodiscard]] Result<bool> is_installed_command(std::string_view name);

}  // namespace tenon::cli
