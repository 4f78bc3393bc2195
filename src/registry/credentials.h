// Finds the user's credentials for a registry: in the environment, in wkg's configuration, in
// docker's configuration, and through docker's credential helpers.
//
//   TENON_TRY(const FoundCredentials found,
//             find_credentials(files, "ghcr.io", {.variables = variables}));
//
// Source: wasm-pkg-tools, crates/wasm-pkg-client/src/oci/mod.rs; docker's config.json;
//         docker-credential-helpers, README.md ("Development").
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

// Variables of the environment.
using Variables = std::map<std::string, std::string, std::less<>>;

struct BasicCredentials {
  std::string user;
  std::string password;

  bool operator==(const BasicCredentials&) const = default;
};
// A refresh token, which a token server exchanges for access tokens (docker's `identitytoken`).
struct IdentityToken {
  std::string token;

  bool operator==(const IdentityToken&) const = default;
};
// An access token, which is sent unchanged.
struct BearerToken {
  std::string token;

  bool operator==(const BearerToken&) const = default;
};
using Credentials = std::variant<std::monostate, BasicCredentials, IdentityToken, BearerToken>;

struct FoundCredentials {
  Credentials credentials;  // monostate if there are none: requests are anonymous
  // For messages: where the credentials are from, or where they were looked for in vain, such as
  // "`~/.docker/config.json`".
  std::string from;
};

struct CredentialSettings {
  Variables variables;  // HOME, DOCKER_CONFIG, PATH, WKG_REGISTRY_<HOST>_AUTH_BEARER
  // From wkg's configuration of this registry.
  std::optional<BasicCredentials> configured = {};
  std::chrono::milliseconds helper_time{30'000};
};

// Looks in this order: a token in the environment, wkg's configuration, docker's credential helper
// for the host, docker's default helper, and the `auths` of docker's config.json.
// registry: HOST or HOST:PORT.
// Errors: ext-auth (config.json cannot be parsed, or a helper fails), read-file.
[[nodiscard]] Result<FoundCredentials> find_credentials(const Files& files,
                                                        const std::string& registry,
                                                        const CredentialSettings& settings);

// Decodes `user:password` in base64, with or without padding; none for any other text.
[[nodiscard]] std::optional<BasicCredentials> decode_basic(std::string_view text);

// The value of the header Authorization for `credentials`.
[[nodiscard]] std::string encode_basic(const BasicCredentials& credentials);

}  // namespace tenon::registry
