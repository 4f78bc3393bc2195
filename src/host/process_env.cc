#include "host/process_env.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>

#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

constexpr std::string_view kOpen = "${config.";

// Replaces each `${config.KEY}`. Nothing if a key has no value.
std::optional<std::string> expand_config(std::string_view text, const tenon_config& config) {
  std::string expanded;
  while (!text.empty()) {
    const std::size_t open = text.find(kOpen);
    const std::size_t close = open == text.npos ? open : text.find('}', open);
    expanded += text.substr(0, close == text.npos ? close : open);
    if (close == text.npos) break;
    const auto value =
        config.values.find(text.substr(open + kOpen.size(), close - open - kOpen.size()));
    if (value == config.values.end()) return std::nullopt;
    expanded += value->second;
    text.remove_prefix(close + 1);
  }
  return expanded;
}

struct SetVariable {
  std::string value;
  std::string host;
};

// The variables that hosts set in this process.
struct SetVariables {
  std::mutex lock;
  std::map<std::string, SetVariable> by_name;
};

SetVariables& set_variables() {
  static SetVariables& variables = *new SetVariables;
  return variables;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> expand_env(const Manifest& manifest,
                                                            const tenon_config& config) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const auto& [name, text] : manifest.env)
    if (std::optional<std::string> value = expand_config(text, config))
      variables.emplace_back(name, *std::move(value));
  return variables;
}

Result<void> set_process_env(const std::string& host, const Manifest& manifest,
                             const tenon_config& config, EnvAccess access) {
  SetVariables& all = set_variables();
  const std::lock_guard lock(all.lock);
  Diagnostics problems;
  for (const auto& [name, value] : expand_env(manifest, config)) {
    const char* const present = std::getenv(name.c_str());
    if (present != nullptr && value == present) continue;
    const auto known = all.by_name.find(name);
    if (present == nullptr && access == EnvAccess::MayChange) {
      if (setenv(name.c_str(), value.c_str(), 1) == 0) {
        all.by_name.insert_or_assign(name, SetVariable{value, host});
        continue;
      }
    }
    Diagnostic problem =
        make_diagnostic(Code::HostConfig, "host '{}' needs the environment variable {} to be `{}`",
                        host, sanitize_text(name), sanitize_text(value));
    problem.where.file = manifest.file;
    if (present == nullptr && access == EnvAccess::ReadOnly) {
      problem.hints.emplace_back(
          "set it before the program starts; or, in a program whose other threads do not read the "
          "environment, call `CompositionBuilder::allow_setenv`");
      problems.push_back(std::move(problem));
      continue;
    }
    if (present == nullptr)
      problem.notes.push_back({std::strerror(errno), {}, {}});
    else
      problem.notes.push_back(
          {fmt::format("it is `{}`{}", sanitize_text(present),
                       known == all.by_name.end()
                           ? std::string(", set before the process started")
                           : fmt::format(", set for host '{}'", known->second.host)),
           {},
           {}});
    problem.hints.emplace_back(
        "a process has only one environment: use the same value for both, or unset the variable "
        "before "
        "the process starts");
    problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::host
