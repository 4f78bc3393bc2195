// What a run is allowed to do: the flags that grant access and set limits, and the user's consent
// to the requests of a manifest.
//
// Without a grant, a guest reaches nothing but the standard streams.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenon/builder.h"
#include "tenon/result.h"
#include "tenon/trust.h"

namespace tenon::cli {

class CommandLine;

// Flags that grant access, as written; `apply_grant_flags` reads them.
struct GrantFlags {
  std::vector<std::string> dirs;  // --dir [ro:|rw:]HOST[::GUEST]
  std::vector<std::string> env;   // --env K[=V]
  std::vector<std::string> net;   // --allow-net[=HOST[:PORT]]; "*" without a value
  std::vector<std::string> http;  // --allow-http[=HOST[:PORT]]; the same
};

void add_grant_flags(CommandLine& line, GrantFlags& flags);

// Rewrites `--allow-net HOST` to `--allow-net=HOST`, and `--allow-http` likewise, because the parser cannot distinguish the
// optional value of a flag from the argument after it. A word is taken for a host if it is
// `localhost` or has a dot or a port, and is neither a path nor a component file.
[[nodiscard]] std::vector<std::string> join_net_values(std::vector<std::string> words);

using FindVariable = std::function<std::optional<std::string>(const std::string&)>;

// Adds the grants of the flags to `grants`. find_variable: looks up the value for `--env K`.
// Errors: config-usage and those of Grants, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_grant_flags(const GrantFlags& flags,
                                             const FindVariable& find_variable, Grants& grants);

// Flags that limit the domain of the root, as written; `apply_limit_flags` reads them.
struct LimitFlags {
  std::optional<std::string> timeout;        // --timeout DURATION
  std::optional<std::string> memory;         // --memory SIZE
  std::optional<std::string> fuel;           // --fuel N
  std::optional<std::string> stream_buffer;  // --stream-buffer SIZE
  std::optional<std::string> threads;        // --threads N
};

// Settings of these flags that apply to the whole composition.
struct RunSettings {
  std::optional<std::uint64_t> stream_buffer;  // bytes
  std::optional<std::uint64_t> threads;
};

void add_limit_flags(CommandLine& line, LimitFlags& flags);
// Those alone that a domain of a tenon.toml has as keys: --timeout, --memory and --fuel.
void add_domain_limit_flags(CommandLine& line, LimitFlags& flags);

// Sets the limits of the flags. A limit that is already set can only become stricter.
// Errors: config-usage, one for each flag that cannot be read.
[[nodiscard]] Result<void> apply_limit_flags(const LimitFlags& flags, Limits& limits,
                                             RunSettings& settings);

// The requests of a manifest, one a line.
[[nodiscard]] std::string render_requests(std::span<const ManifestRequest> requests);

// Trusts the manifests of `builder` if the user has agreed to all of their requests (see
// tenon/trust.h). At a terminal, asks about new requests and stores a yes. Otherwise changes
// nothing, and `build` refuses the composition. Errors: those of TrustFile.
[[nodiscard]] Result<void> ask_for_consent(CompositionBuilder& builder);
// The same without a question.
[[nodiscard]] Result<void> apply_consent(CompositionBuilder& builder);

}  // namespace tenon::cli
