#include "cli/environment.h"

#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace tenon::cli {

namespace fs = std::filesystem;

namespace {

int get_descriptor(Stream stream) {
  switch (stream) {
    case Stream::Input:
      return STDIN_FILENO;
    case Stream::Output:
      return STDOUT_FILENO;
    case Stream::Error:
      return STDERR_FILENO;
  }
  return -1;
}

// A folder of the XDG Base Directory Specification, or its default in the home folder. Empty if
// neither is known.
fs::path find_folder(const std::string& variable, const char* in_home) {
  const std::string named = find_variable(variable).value_or("");
  // The specification says to ignore relative paths.
  if (fs::path(named).is_absolute()) return named;
  const std::string home = find_variable("HOME").value_or("");
  return home.empty() ? fs::path() : fs::path(home) / in_home;
}

// A folder below the cache. Empty if the cache is not known.
std::string find_cache(std::string_view name) {
  const std::string own = find_variable("TENON_CACHE_DIR").value_or("");
  if (!own.empty()) return fs::path(own) / name;
  const fs::path folder = find_folder("XDG_CACHE_HOME", ".cache");
  return folder.empty() ? std::string() : (folder / "tenon" / name).string();
}

std::string find_state_file(std::string_view name) {
  const fs::path folder = find_folder("XDG_STATE_HOME", ".local/state");
  return folder.empty() ? std::string() : (folder / "tenon" / name).string();
}

constexpr std::string_view kSystemHosts = "/usr/lib/tenon/hosts";

}  // namespace

bool has_raised_privileges() { return ::getauxval(AT_SECURE) != 0; }

std::optional<std::string> find_variable(const std::string& name) {
  const char* value = ::secure_getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

TerminalSettings read_terminal_settings() {
  TerminalSettings settings;
  settings.no_color = find_variable("NO_COLOR").value_or("");
  settings.clicolor_force = find_variable("CLICOLOR_FORCE").value_or("");
  settings.term = find_variable("TERM").value_or("");
  settings.columns = find_variable("COLUMNS").value_or("");
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (settings.locale.empty()) settings.locale = find_variable(name).value_or("");
  return settings;
}

StreamKind get_stream_kind(Stream stream) {
  return ::isatty(get_descriptor(stream)) == 1 ? StreamKind::Terminal : StreamKind::FileOrPipe;
}

std::size_t find_columns(Stream stream) {
  winsize size = {};
  return ::ioctl(get_descriptor(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string find_code_cache() { return find_cache("code"); }

std::string find_extension_caches() { return find_cache("ext"); }

std::string find_history_file() { return find_state_file("history"); }

std::string find_grants_file() { return find_state_file("grants.toml"); }

std::string find_trust_file() { return find_state_file("trust.toml"); }

std::string find_project_store() {
  const std::string manifest = find_manifest();
  if (manifest.empty()) return {};
  const fs::path store = fs::path(manifest).parent_path() / ".tenon" / "ext";
  std::error_code failed;
  return fs::is_directory(store, failed) ? store.string() : std::string();
}

std::string find_user_store() {
  if (const auto home = find_variable("TENON_HOME"); home && !home->empty())
    return (fs::path(*home) / "ext").string();
  const fs::path data = find_folder("XDG_DATA_HOME", ".local/share");
  return data.empty() ? std::string() : (data / "tenon" / "ext").string();
}

std::vector<std::string> find_host_folders() {
  std::vector<std::string> folders;
  if (has_raised_privileges()) return {std::string(kSystemHosts)};
  const auto add_all = [&](std::string_view list, std::string_view below) {
    while (!list.empty()) {
      const std::size_t colon = list.find(':');
      // Empty parts are skipped. Some programs read them as the working folder.
      if (const fs::path folder = list.substr(0, colon); !folder.empty())
        folders.push_back(below.empty() ? folder.string() : (folder / below).string());
      list.remove_prefix(colon == list.npos ? list.size() : colon + 1);
    }
  };
  constexpr std::string_view kHosts = "tenon/hosts";
  add_all(find_variable("TENON_HOST_PATH").value_or(""), "");
  add_all(find_folder("XDG_DATA_HOME", ".local/share").string(), kHosts);
  add_all(find_variable("XDG_DATA_DIRS").value_or("/usr/local/share:/usr/share"), kHosts);
  folders.emplace_back(kSystemHosts);
  return folders;
}

std::vector<std::string> find_host_configs() {
  if (has_raised_privileges()) return {};
  std::vector<std::string> files;
  std::error_code failed;
  const fs::path of_user = find_folder("XDG_CONFIG_HOME", ".config");
  std::vector<fs::path> defaults = {"/etc/tenon/hosts.toml"};
  if (!of_user.empty()) defaults.push_back(of_user / "tenon" / "hosts.toml");
  for (const fs::path& file : defaults)
    if (fs::exists(file, failed)) files.push_back(file.string());
  // A file that is named explicitly must exist, so that a mistake is reported.
  const std::string named = find_variable("TENON_HOST_CONFIG").value_or("");
  if (!named.empty()) files.push_back(named);
  return files;
}

bool forbids_native() {
  const std::string value = find_variable("TENON_NO_NATIVE").value_or("");
  return !value.empty() && value != "0";
}

HostVariables read_variables() {
  HostVariables variables;
  if (has_raised_privileges()) return variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

void adopt_locale() { std::setlocale(LC_CTYPE, ""); }

std::string find_manifest() {
  if (has_raised_privileges()) return {};
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  if (failed) return {};
  fs::path up;
  for (fs::path folder = here;; folder = folder.parent_path(), up /= "..") {
    const fs::path manifest = up / "tenon.toml";
    if (fs::is_regular_file(manifest, failed)) return manifest.string();
    if (folder == folder.root_path() || folder.empty()) return {};
  }
}

}  // namespace tenon::cli
