// The stores of extensions that the command works on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenon/extension.h"
#include "tenon/result.h"

namespace tenon::cli {

class CommandLine;

struct Session;

// The kind of an argument that names an extension, which completion knows.
inline constexpr std::string_view kExtensionType = "EXTENSION";

// Adds `--store DIR`; `folder` stays empty where it is not given.
void add_store_flag(CommandLine& line, std::string& folder);

// Adds the names that an action is about.
void add_extension_names(CommandLine& line, std::vector<std::string>& names, const char* what);

// The problem of usage for an action that lacks a word. form: how it is written, "remove NAME...".
[[nodiscard]] int report_missing(const Session& session, std::string_view action,
                                 std::string_view what, std::string_view form);

// All stores, the project's first; folder: that one alone. Errors: config-usage (there is none).
[[nodiscard]] Result<std::vector<ExtensionStore>> open_stores(const std::string& folder);

// folder: empty: the first of the stores that has an extension called `name`, or else the first.
// Errors: as open_stores; where a name is given, as ExtensionStore::find but for ext-none.
[[nodiscard]] Result<ExtensionStore> open_store(const std::string& folder,
                                                std::string_view name = {});

// An extension, and whether the project's store has it.
struct Installed {
  Extension extension;
  bool is_projects = false;
};

// Of all stores; what one hides that counts more is left out. Errors: as open_store, list.
[[nodiscard]] Result<std::vector<Installed>> list_installed(const std::string& folder);

// Whether an extension of that name, or alias, has a command. Errors: as open_store.
[[nodiscard]] Result<bool> is_installed_command(std::string_view name);

}  // namespace tenon::cli
