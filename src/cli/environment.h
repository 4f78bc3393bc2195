// What the command reads from its environment: variables, streams, and the folders of caches,
// stores and manifests. The library itself reads no environment.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "render/style.h"
#include "tenon/builder.h"

namespace tenon::cli {

using namespace render;

// Whether the process has more privileges than its user (`setuid`, capabilities). If so, neither
// the environment nor any file of the user is used, and no manifest, store or cache is searched
// for: they would let the user decide what runs with these privileges.
[[nodiscard]] bool has_raised_privileges();

// The value of a variable; nothing if it is not set, or privileges are raised.
[[nodiscard]] std::optional<std::string> find_variable(const std::string& name);

[[nodiscard]] TerminalSettings read_terminal_settings();

enum class Stream { Input, Output, Error };

[[nodiscard]] StreamKind get_stream_kind(Stream stream);
// The width of the terminal; 0 if the stream is not a terminal.
[[nodiscard]] std::size_t find_columns(Stream stream);

// The folder of compiled code: `code` in TENON_CACHE_DIR, else in $XDG_CACHE_HOME/tenon, else in
// ~/.cache/tenon. Empty if none of these is known; then nothing is cached.
[[nodiscard]] std::string find_code_cache();

// The history of the shell: `history` in $XDG_STATE_HOME/tenon, else in ~/.local/state/tenon.
// Empty if neither is known.
[[nodiscard]] std::string find_history_file();

// The file in which `tenon trust` stores consent: `trust.toml`, in the folder of the history. Empty
// if that folder is not known.
[[nodiscard]] std::string find_trust_file();

// The file of the user's grants to extensions of projects: `grants.toml` in the same folder.
[[nodiscard]] std::string find_grants_file();

// The folder in which extensions keep their data: `ext`, beside that of compiled code.
[[nodiscard]] std::string find_extension_caches();

// The store of the project: `.tenon/ext` beside the nearest tenon.toml. Empty if it does not exist.
[[nodiscard]] std::string find_project_store();
// The store of the user: `ext` in TENON_HOME, else in $XDG_DATA_HOME/tenon or ~/.local/share/tenon.
// Empty if none of these is known.
[[nodiscard]] std::string find_user_store();

// The folders that are searched for host bundles: TENON_HOST_PATH, `tenon/hosts` in $XDG_DATA_HOME
// (or ~/.local/share) and in each of $XDG_DATA_DIRS, /usr/lib/tenon/hosts. Only the last if
// privileges are raised.
[[nodiscard]] std::vector<std::string> find_host_folders();

// The hosts.toml files that are read by default, in increasing precedence: /etc/tenon, `tenon` in
// $XDG_CONFIG_HOME (or ~/.config), TENON_HOST_CONFIG. None if privileges are raised.
[[nodiscard]] std::vector<std::string> find_host_configs();

// Whether TENON_NO_NATIVE is set to anything but 0.
[[nodiscard]] bool forbids_native();

// The whole environment, by name.
[[nodiscard]] HostVariables read_variables();

// Makes the C library decode characters as the locale of the environment says.
void adopt_locale();

// The tenon.toml of the current folder or the nearest one above it; empty if there is none, or
// privileges are raised. The path is relative, such as "../tenon.toml".
[[nodiscard]] std::string find_manifest();

}  // namespace tenon::cli
