#include "cli/permissions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "cli/input_output.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::cli {

namespace {

constexpr const char* kLimitGroup = "Limit flags";

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
                              {"for example `--env LOG=info`"});
  if (mark != std::string::npos) return std::pair(name, text.substr(mark + 1));
  std::optional<std::string> value = find_variable(name);
  if (!value)
    return make_usage_problem(
        fmt::format("`--env {0}` passes on a variable that is not set", sanitize_text(name)),
        {fmt::format("`--env {}=VALUE` sets its value", sanitize_text(name))});
  return std::pair(name, *std::move(value));
}

void append(Diagnostics& problems, const Diagnostics& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

}  // namespace

void add_grant_flags(CommandLine& line, GrantFlags& flags) {
  const std::string group = "Grant flags";
  line.add_option("--dir", flags.dirs, "Grant access to a folder (ro: read only)")
      .type_name("[ro:|rw:]HOST[::GUEST]")
      .one_value_each()
      .group(group);
  line.add_option("--env", flags.env, "Set an environment variable, or pass it on")
      .type_name("K[=V]")
      .one_value_each()
      .group(group);
  line.add_flag("--allow-net{*}", flags.net, "Grant access to the network, or to one host")
      .type_name("[=HOST[:PORT]]")
      .group(group);
  line.add_flag("--allow-http{*}", flags.http, "Grant HTTP requests to any host, or to one")
      .type_name("[=HOST[:PORT]]")
      .group(group);
}

std::vector<std::string> join_net_values(std::vector<std::string> words) {
  std::vector<std::string> joined;
  for (std::string& word : words) {
    if (!joined.empty() && (joined.back() == "--allow-net" || joined.back() == "--allow-http") &&
        looks_like_host(word))
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
  for (const std::string& text : flags.http) {
    const Result<void> checked = Grants::check_http(text);
    if (!checked) append(problems, checked.error());
    grants.http.push_back(text);
  }
  if (!problems.empty()) return problems;
  return {};
}

namespace {

// Sets `limit` to the parsed value of a flag. A limit that is already set can only become stricter.
// 0 means no limit, so it never replaces one.
template <class T>
void apply(std::string_view flag, const std::optional<std::string>& text,
           Result<T> (*parse)(std::string_view), std::optional<T>& limit, Diagnostics& problems) {
  const std::optional<T> value = read_flag(flag, text, parse, problems);
  if (value && (!limit || (*value != T{} && *value < *limit))) limit = *value;
}

}  // namespace

void add_domain_limit_flags(CommandLine& line, LimitFlags& flags) {
  line.add_option("--timeout", flags.timeout, "Stop the run after this time, such as 500ms or 30s")
      .type_name("DURATION")
      .group(kLimitGroup);
  line.add_option("--memory", flags.memory,
                  "Limit the total memory of the root's domain, such as 256MiB")
      .type_name("SIZE")
      .group(kLimitGroup);
  line.add_option("--fuel", flags.fuel,
                  "Limit the instructions run in the root's domain (approximate)")
      .type_name("N")
      .group(kLimitGroup);
}

void add_limit_flags(CommandLine& line, LimitFlags& flags) {
  add_domain_limit_flags(line, flags);
  line.add_option("--stream-buffer", flags.stream_buffer,
                  "Buffer of each stream between domains, such as 1MiB (default: 256KiB)")
      .type_name("SIZE")
      .group(kLimitGroup);
  line.add_option("--threads", flags.threads,
                  "How many domains compute at the same time (default: number of processors)")
      .type_name("N")
      .group(kLimitGroup);
}

Result<void> apply_limit_flags(const LimitFlags& flags, Limits& limits, RunSettings& settings) {
  Diagnostics problems;
  apply("--timeout", flags.timeout, Limits::parse_duration, limits.timeout, problems);
  apply("--memory", flags.memory, Limits::parse_size, limits.memory, problems);
  apply("--fuel", flags.fuel, Limits::parse_count, limits.fuel, problems);
  apply("--stream-buffer", flags.stream_buffer, Limits::parse_size, settings.stream_buffer,
        problems);
  apply("--threads", flags.threads, Limits::parse_count, settings.threads, problems);
  if (settings.threads == 0U)
    problems.push_back(
        make_usage_problem("`--threads` must be 1 or more",
                           {"write `--threads 1` to run everything on the thread that waits"}));
  if (!problems.empty()) return problems;
  return {};
}

namespace {

// Reads a line; empty at the end of the input.
std::string read_answer() {
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
    answer += static_cast<char>(c);
  return answer;
}

bool asks_user(std::span<const ManifestRequest> requests) {
  if (get_stream_kind(Stream::Input) != StreamKind::Terminal ||
      get_stream_kind(Stream::Error) != StreamKind::Terminal)
    return false;
  print_error("`{}` requests\n{}Trust it with this? [y/N] ",
              sanitize_text(requests.front().where.file), render_requests(requests));
  const std::string answer = read_answer();
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

std::string render_requests(std::span<const ManifestRequest> requests) {
  std::string text;
  for (const ManifestRequest& request : requests)
    text += fmt::format("  - {}\n", describe_request(request));
  return text;
}

namespace {

// Trusts the manifests if the user has agreed. Returns what they did not agree to yet.
Result<std::vector<ManifestRequest>> trust_known(CompositionBuilder& builder) {
  std::vector<ManifestRequest> requests = builder.manifest_requests();
  // The user who starts a privileged command cannot consent for the owner of the privileges.
  if (has_raised_privileges() || requests.empty()) return std::vector<ManifestRequest>();
  if (const std::string path = find_trust_file(); !path.empty()) {
    TENON_TRY(requests, TrustFile(path).find_new(requests));
  }
  if (requests.empty()) builder.trust();
  return requests;
}

}  // namespace

Result<void> apply_consent(CompositionBuilder& builder) {
  TENON_TRY_VOID(trust_known(builder));
  return {};
}

Result<void> ask_for_consent(CompositionBuilder& builder) {
  TENON_TRY(const std::vector<ManifestRequest> unknown, trust_known(builder));
  if (unknown.empty() || !asks_user(unknown)) return {};
  builder.trust();
  const std::string path = find_trust_file();
  return path.empty() ? Result<void>() : TrustFile(path).add(unknown);
}

}  // namespace tenon::cli
