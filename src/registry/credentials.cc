#include "registry/credentials.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "support/base64.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

// How a credential helper is asked. A helper is a program `docker-credential-NAME`, found in PATH.
// `docker-credential-NAME get` reads the name of a server from standard input and answers with JSON
// on standard output: {"Username":"..","Secret":".."}. Helpers are other people's programs that can
// hang, print without end or ask the user for a password, so each has a time limit, a limit on its
// output, and no standard error (which may contain secrets). A helper that exceeds a limit is
// killed, and is waited for, so that no process is left behind.

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

// The answer of a credential helper.
struct CredentialAnswer {
  std::string user;
  std::string secret;
};

std::string find_variable(const Variables& variables, std::string_view name) {
  const auto match = variables.find(name);
  return match == variables.end() ? std::string() : match->second;
}

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAnswerBytes = std::size_t{1} << 16;
constexpr std::string_view kPrefix = "docker-credential-";

Diagnostic helper_problem(const std::string& program, std::string_view reason) {
  Diagnostic problem = make_diagnostic(Code::ExtAuth, "the credential helper `{}` {}",
                                       sanitize_text(program), reason);
  problem.hints.emplace_back(
      "run `echo HOST | PROGRAM get` to see what it answers, or remove it from "
      "~/.docker/config.json");
  return problem;
}

bool is_helper_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || (c == '.');
  });
}

// The first executable file of that name in `folders`, a list like PATH; empty if there is none.
// Relative folders are skipped, because what they contain depends on where tenon is started.
std::string find_program(std::string_view folders, const std::string& name) {
  while (!folders.empty()) {
    const std::size_t colon = std::min(folders.find(':'), folders.size());
    const std::string path = fmt::format("{}/{}", folders.substr(0, colon), name);
    if (path.starts_with('/') && ::access(path.c_str(), X_OK) == 0) return path;
    folders.remove_prefix(std::min(colon + 1, folders.size()));
  }
  return {};
}

// A child process. The destructor kills it, if it is still running, and waits for it.
class Process final {
 public:
  explicit Process(pid_t id) : id_(id) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  // Its exit code, or -1 if a signal ended it; none if it is still running at `end`.
  std::optional<int> wait_until(Clock::time_point end) {
    constexpr auto kStep = std::chrono::milliseconds(2);
    int status = 0;
    while (::waitpid(id_, &status, WNOHANG) != id_) {
      if (Clock::now() >= end) return std::nullopt;
      std::this_thread::sleep_for(kStep);
    }
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t id_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// Starts `path get` with `input` and `output` as its standard streams and without standard error.
// Returns 0 or errno.
int start(const std::string& path, int input, int output, pid_t& id) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program = path;
  std::string verb = "get";
  const std::array<char*, 3> arguments = {program.data(), verb.data(), nullptr};
  const int failed =
      ::posix_spawn(&id, path.c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failed;
}

enum class ReadEnd { Ended, TimedOut, TooLong };

ReadEnd read_until(int descriptor, Clock::time_point end, std::string& text) {
  std::array<char, 4096> room = {};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting = {.fd = descriptor, .events = POLLIN, .revents = 0};
    if (left.count() <= 0) return ReadEnd::TimedOut;
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ReadEnd::TimedOut;
    const ssize_t count = ::read(descriptor, room.data(), room.size());
    if (count <= 0) return ReadEnd::Ended;
    text.append(room.data(), static_cast<std::size_t>(count));
    if (text.size() > kAnswerBytes) return ReadEnd::TooLong;
  }
}

Result<std::optional<CredentialAnswer>> parse_answer(const std::string& program,
                                                     const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto find = [&](const char* key) {
    const auto match = json.is_object() ? json.find(key) : json.end();
    return match != json.end() && match->is_string() ? match->get<std::string>() : std::string();
  };
  CredentialAnswer answer{find("Username"), find("Secret")};
  if (answer.secret.empty()) return helper_problem(program, "answered without a `Secret`");
  return std::optional(std::move(answer));
}

// Asks a helper for the credentials of a server; absent if it has none. name: the NAME above.
// Errors: ext-auth.
Result<std::optional<CredentialAnswer>> ask_credential_program(const std::string& name,
                                                               const std::string& server,
                                                               const CredentialSettings& settings) {
  const std::string program = std::string(kPrefix) + name;
  if (!is_helper_name(name))
    return helper_problem(program,
                          "has an invalid name: expected letters, digits, `-`, `_` and `.`");
  const std::string path = find_program(find_variable(settings.variables, "PATH"), program);
  if (path.empty()) return helper_problem(program, "was not found in PATH");
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  // The pipe's buffer holds a text this short, so the write does not block before the helper runs.
  if (!input.write.is_open() || !output.write.is_open() ||
      ::write(input.write.number(), server.data(), server.size()) < 0)
    return helper_problem(program, std::generic_category().message(errno));
  pid_t id = 0;
  if (const int failed = start(path, input.read.number(), output.write.number(), id); failed != 0)
    return helper_problem(
        program, fmt::format("cannot be started: {}", std::generic_category().message(failed)));
  Process process(id);
  input.write.close();
  output.write.close();
  const Clock::time_point end = Clock::now() + settings.helper_time;
  std::string text;
  const ReadEnd read = read_until(output.read.number(), end, text);
  if (read == ReadEnd::TooLong)
    return helper_problem(program, fmt::format("answered with more than {} bytes", kAnswerBytes));
  const std::optional<int> code =
      read == ReadEnd::Ended ? process.wait_until(end) : std::optional<int>();
  if (!code)
    return helper_problem(program,
                          fmt::format("took longer than {} ms", settings.helper_time.count()));
  if (code == 0) return parse_answer(program, text);
  if (text.find("credentials not found") != text.npos) return std::optional<CredentialAnswer>();
  return helper_problem(program, fmt::format("failed: {}", sanitize_text(text)));
}

// WKG_REGISTRY_<HOST>_AUTH_BEARER, with `_` for `.` and `:`, and `__` for `-`. wkg replaces `-` by
// a single `_`. Two hosts would then share a variable, and the token for my.registry.example would
// be sent to the owner of my-registry.example. For the same reason, a host in which `_`, or several
// characters next to each other, would read like others has no variable; the result is empty.
std::string token_variable(std::string_view registry) {
  for (const std::string_view part : {"_", "..", ".-", "-.", "-:"})
    if (registry.find(part) != registry.npos) return {};
  std::string name = "WKG_REGISTRY_";
  for (const char c : registry) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_lower)
      name += static_cast<char>(c - 'a' + 'A');
    else if (is_plain)
      name += c;
    else
      name += c == '-' ? "__" : "_";
  }
  return name + "_AUTH_BEARER";
}

// The path of docker's config.json; empty if the environment names no folder for it.
std::string docker_config_path(const Variables& variables) {
  if (const std::string folder = find_variable(variables, "DOCKER_CONFIG"); !folder.empty())
    return join_path(folder, "config.json");
  const std::string home = find_variable(variables, "HOME");
  return home.empty() ? home : join_path(home, ".docker/config.json");
}

// Whether a key of docker's configuration means this registry. Docker has written several forms:
// `ghcr.io`, `https://ghcr.io`, `https://ghcr.io/v1/`, ...
bool names_registry(std::string_view key, std::string_view registry) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  return key.substr(0, key.find('/')) == registry;
}

std::string text_or_empty(const Json& object, const char* key) {
  const auto match = object.is_object() ? object.find(key) : object.end();
  return match != object.end() && match->is_string() ? match->get<std::string>() : std::string();
}

// The name of the helper that config.json configures for a registry; empty if there is none.
std::string find_helper(const Json& config, const std::string& registry) {
  const auto helpers = config.find("credHelpers");
  if (helpers != config.end() && helpers->is_object())
    for (const auto& [key, helper] : helpers->items())
      if (names_registry(key, registry) && helper.is_string()) return helper.get<std::string>();
  return text_or_empty(config, "credsStore");
}

Credentials read_auth(const Json& entry) {
  if (std::string token = text_or_empty(entry, "identitytoken"); !token.empty())
    return IdentityToken{std::move(token)};
  if (std::string token = text_or_empty(entry, "registrytoken"); !token.empty())
    return BearerToken{std::move(token)};
  if (auto basic = decode_basic(text_or_empty(entry, "auth"))) return *std::move(basic);
  const std::string user = text_or_empty(entry, "username");
  if (!user.empty()) return BasicCredentials{user, text_or_empty(entry, "password")};
  return {};
}

Credentials read_auths(const Json& config, const std::string& registry) {
  const auto auths = config.find("auths");
  if (auths == config.end() || !auths->is_object()) return {};
  for (const auto& [key, entry] : auths->items()) {
    if (!names_registry(key, registry)) continue;
    Credentials credentials = read_auth(entry);
    if (!std::holds_alternative<std::monostate>(credentials)) return credentials;
  }
  return {};
}

Result<Credentials> ask_helper(const std::string& helper, const std::string& registry,
                               const CredentialSettings& settings) {
  for (const std::string& server : {registry, "https://" + registry}) {
    TENON_TRY(std::optional<CredentialAnswer> answer,
              ask_credential_program(helper, server, settings));
    if (!answer) continue;
    // By this user name, helpers mark the secret as a token.
    if (answer->user == "<token>") return Credentials(IdentityToken{std::move(answer->secret)});
    return Credentials(BasicCredentials{std::move(answer->user), std::move(answer->secret)});
  }
  return Credentials();
}

Result<Json> read_docker_config(const Files& files, const std::string& path) {
  TENON_TRY(const Bytes bytes, files.read(path, limits::kRegistryAnswerBytes, NamedBy::File));
  Json json = Json::parse(bytes, nullptr, false);
  if (json.is_object()) return json;
  Diagnostic problem = make_diagnostic(Code::ExtAuth, "`{}` is not a JSON object", path);
  problem.where.file = path;
  problem.hints.emplace_back("fix the file, or let `docker login` write it again");
  return problem;
}

}  // namespace

std::optional<BasicCredentials> decode_basic(std::string_view text) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  const std::optional<std::vector<std::uint8_t>> bytes = decode_base64(padded);
  if (!bytes) return std::nullopt;
  const std::string pair(bytes->begin(), bytes->end());
  const std::size_t colon = pair.find(':');
  if (colon == pair.npos) return std::nullopt;
  return BasicCredentials{pair.substr(0, colon), pair.substr(colon + 1)};
}

std::string encode_basic(const BasicCredentials& credentials) {
  const std::string pair = credentials.user + ':' + credentials.password;
  return "Basic " + encode_base64(as_bytes(pair));
}

Result<FoundCredentials> find_credentials(const Files& files, const std::string& registry,
                                          const CredentialSettings& settings) {
  const std::string variable = token_variable(registry);
  if (std::string token = find_variable(settings.variables, variable); !token.empty())
    return FoundCredentials{BearerToken{std::move(token)}, fmt::format("`{}`", variable)};
  if (settings.configured)
    return FoundCredentials{*settings.configured, "`auth` of wasm-pkg/config.toml"};
  const std::string path = docker_config_path(settings.variables);
  if (path.empty() || files.find_kind(path) != FileKind::File)
    return FoundCredentials{{}, path.empty() ? "`HOME`" : fmt::format("`{}`", path)};
  TENON_TRY(const Json config, read_docker_config(files, path));
  if (const std::string helper = find_helper(config, registry); !helper.empty()) {
    TENON_TRY(Credentials credentials, ask_helper(helper, registry, settings));
    if (!std::holds_alternative<std::monostate>(credentials))
      return FoundCredentials{std::move(credentials),
                              fmt::format("`docker-credential-{}`", sanitize_text(helper))};
  }
  return FoundCredentials{read_auths(config, registry), fmt::format("`{}`", path)};
}

}  // namespace tenon::registry
