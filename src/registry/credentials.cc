#include "registry/credentials.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/credential_program.h"
#include "support/base64.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/limits.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

std::string find_variable(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

// WKG_REGISTRY_<HOST>_AUTH_BEARER, with `_` for `.` and `:`, and `__` for `-`. wkg writes `_` for
// that too, so the token of my.registry.example would go to whoever has my-registry.example.
std::string token_variable(std::string_view registry) {
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

// config.json of docker; empty: the environment names no folder for it.
std::string docker_config_path(const Variables& variables) {
  if (const std::string folder = find_variable(variables, "DOCKER_CONFIG"); !folder.empty())
    return join_path(folder, "config.json");
  const std::string home = find_variable(variables, "HOME");
  return home.empty() ? home : join_path(home, ".docker/config.json");
}

// The keys under which docker may have a registry: `ghcr.io`, `https://ghcr.io`,
// `https://ghcr.io/v1/`, ...
bool names_registry(std::string_view key, std::string_view registry) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  return key.substr(0, key.find('/')) == registry;
}

std::string text_or_empty(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The helper that config.json has for a registry; empty: none.
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
    Credentials found = read_auth(entry);
    if (!std::holds_alternative<std::monostate>(found)) return found;
  }
  return {};
}

Result<Credentials> ask_helper(const std::string& helper, const std::string& registry,
                               const CredentialSettings& settings) {
  const CredentialProgramOptions options{find_variable(settings.variables, "PATH"),
                                         settings.helper_time};
  for (const std::string& server : {registry, "https://" + registry}) {
    TENON_TRY(std::optional<CredentialAnswer> answer,
              ask_credential_program(helper, server, options));
    if (!answer) continue;
    // How helpers say that the secret is no password.
    if (answer->user == "<token>") return Credentials(IdentityToken{std::move(answer->secret)});
    return Credentials(BasicCredentials{std::move(answer->user), std::move(answer->secret)});
  }
  return Credentials();
}

Result<Json> read_docker_config(const Files& files, const std::string& path) {
  TENON_TRY(const Bytes bytes, files.read(path, limits::kRegistryAnswerBytes, NamedBy::File));
  Json json = Json::parse(bytes, nullptr, false);
  if (json.is_object()) return json;
  Diagnostic problem = make_diagnostic(Code::ExtAuth, "`{}` is no JSON object", path);
  problem.where.file = path;
  problem.hints.emplace_back("mend it, or write it again by `docker login`");
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
    TENON_TRY(Credentials found, ask_helper(helper, registry, settings));
    if (!std::holds_alternative<std::monostate>(found))
      return FoundCredentials{std::move(found),
                              fmt::format("`docker-credential-{}`", sanitize_text(helper))};
  }
  return FoundCredentials{read_auths(config, registry), fmt::format("`{}`", path)};
}

}  // namespace tenon::registry
