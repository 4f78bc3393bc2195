// What a registry is told so that it lets a user in: from the environment and the configuration of
// wkg, of docker and of docker's helpers.
//
// Source: wasm-pkg-tools, crates/wasm-pkg-client/src/oci/mod.rs; docker's config.json.
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

// Of the environment.
using Variables = std::map<std::string, std::string, std::less<>>;

struct BasicCredentials {
  std::string user;
  std::string password;

  bool operator==(const BasicCredentials&) const = default;
};
// What a token server changes into tokens (docker's `identitytoken`).
struct IdentityToken {
  std::string token;

  bool operator==(const IdentityToken&) const = default;
};
// Sent as it is.
struct BearerToken {
  std::string token;

  bool operator==(const BearerToken&) const = default;
};
using Credentials = std::variant<std::monostate, BasicCredentials, IdentityToken, BearerToken>;

struct FoundCredentials {
  Credentials credentials;  // monostate: none; requests are anonymous
  // Where they are from, or where none were, for messages: "`auths` of ~/.docker/config.json".
  std::string from;
};

struct CredentialSettings {
  Variables variables;  // HOME, DOCKER_CONFIG, PATH, WKG_REGISTRY_<HOST>_AUTH_BEARER
  // Of wkg's configuration for this registry.
  std::optional<BasicCredentials> configured = {};
  std::chrono::milliseconds helper_time{30'000};
};

// registry: HOST or HOST:PORT. First a token of the environment, then what is configured for wkg,
// then docker's helper for the host, its helper for all, and its `auths`.
// Errors: ext-auth: a config.json that cannot be read, or a helper that fails.
[[nodiscard]] Result<FoundCredentials> find_credentials(const Files& files,
                                                        const std::string& registry,
                                                        const CredentialSettings& settings);

// `user:password` in base64, with or without padding; nothing for any other text.
[[nodiscard]] std::optional<BasicCredentials> decode_basic(std::string_view text);

// The value of the header Authorization for them.
[[nodiscard]] std::string encode_basic(const BasicCredentials& credentials);

}  // namespace tenon::registry
