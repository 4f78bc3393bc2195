#include "cli/grant_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/command_line.h"
#include "cli/usage.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

bool has_port(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == word.size()) return false;
  const std::string_view port = word.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool looks_like_host(std::string_view word) {
  if (word.empty() || word[0] == '-' || word[0] == '.') return false;
  if (word.find_first_of("/=*?") != std::string_view::npos) return false;
  if (word.ends_with(".wasm") || word.ends_with(".wat") || word.ends_with(".toml")) return false;
  return word == "localhost" || word.find('.') != std::string_view::npos || has_port(word);
}

Result<std::pair<std::string, std::string>> parse_variable(const std::string& text,
                                                           const FindVariable& find_variable) {
  const std::size_t mark = text.find('=');
  const std::string name = text.substr(0, mark);
  if (name.empty())
    return make_usage_problem(fmt::format("`--env {}` does not have the form `K[=V]`",
                                          text.empty() ? "''" : sanitize_text(text)),
                              {"such as `--env LOG=info`"});
  if (mark != std::string::npos) return std::pair(name, text.substr(mark + 1));
  std::optional<std::string> value = find_variable(name);
  if (!value)
    return make_usage_problem(
        fmt::format("`--env {0}` passes a variable on, and `{0}` is not set", sanitize_text(name)),
        {fmt::format("`--env {}=VALUE` gives it a value", sanitize_text(name))});
  return std::pair(name, *std::move(value));
}

void append(Diagnostics& problems, const Diagnostics& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

}  // namespace

void add_grant_flags(CommandLine& line, GrantFlags& flags) {
  const std::string group = "Grant flags";
  line.add_option("--dir", flags.dirs, "Open a folder (ro: to read only)")
      .type_name("[ro:|rw:]HOST[::GUEST]")
      .one_value_each()
      .group(group);
  line.add_option("--env", flags.env, "Set a variable, or pass it on")
      .type_name("K[=V]")
      .one_value_each()
      .group(group);
  line.add_flag("--allow-net{*}", flags.net, "Open the network, or one host of it")
      .type_name("[=HOST[:PORT]]")
      .group(group);
}

std::vector<std::string> join_net_values(std::vector<std::string> words) {
  std::vector<std::string> joined;
  for (std::string& word : words) {
    if (!joined.empty() && joined.back() == "--allow-net" && looks_like_host(word))
      joined.back() += "=" + word;
    else
      joined.push_back(std::move(word));
  }
  return joined;
}

Result<void> apply_grant_flags(const GrantFlags& flags, const FindVariable& find_variable,
                               Grants& grants) {
  Diagnostics problems;
  for (const std::string& text : flags.dirs) {
    Result<Grants::Directory> directory = Grants::parse_directory(text);
    if (directory)
      grants.dirs.push_back(*std::move(directory));
    else
      append(problems, directory.error());
  }
  for (const std::string& text : flags.env) {
    Result<std::pair<std::string, std::string>> variable = parse_variable(text, find_variable);
    if (variable)
      grants.env.push_back(*std::move(variable));
    else
      append(problems, variable.error());
  }
  for (const std::string& text : flags.net) {
    const Result<void> checked = Grants::check_network(text);
    if (!checked) append(problems, checked.error());
    grants.net.push_back(text);
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace tenon::cli
