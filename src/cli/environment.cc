#include "cli/environment.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <system_error>

namespace tenon::cli {

namespace fs = std::filesystem;

std::optional<std::string> find_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

TerminalSettings read_terminal_settings() {
  TerminalSettings settings;
  settings.no_color = find_variable("NO_COLOR").value_or("");
  settings.clicolor_force = find_variable("CLICOLOR_FORCE").value_or("");
  settings.term = find_variable("TERM").value_or("");
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (settings.locale.empty()) settings.locale = find_variable(name).value_or("");
  return settings;
}

StreamKind get_stream_kind(Stream stream) {
  const int descriptor = stream == Stream::Output ? STDOUT_FILENO : STDERR_FILENO;
  return ::isatty(descriptor) == 1 ? StreamKind::Terminal : StreamKind::FileOrPipe;
}

std::string find_code_cache() {
  const std::string own = find_variable("TENON_CACHE_DIR").value_or("");
  if (!own.empty()) return fs::path(own) / "code";
  const std::string shared = find_variable("XDG_CACHE_HOME").value_or("");
  // The XDG specification: a relative path is to be ignored.
  if (fs::path(shared).is_absolute()) return fs::path(shared) / "tenon" / "code";
  const std::string home = find_variable("HOME").value_or("");
  return home.empty() ? std::string() : (fs::path(home) / ".cache" / "tenon" / "code").string();
}

std::string find_manifest() {
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
