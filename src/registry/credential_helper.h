// Programs that keep secrets for docker and its like: `docker-credential-NAME get`.
//
// Source: docker-credential-helpers, README.md ("Development").
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tenon/result.h"

namespace tenon::registry {

struct HelperAnswer {
  std::string user;
  std::string secret;
};

struct HelperOptions {
  std::string folders;  // where programs are looked for, as PATH has it
  std::chrono::milliseconds time{30'000};
};

// Asks the helper for what it knows of a server; nothing if it knows nothing. name: the NAME above.
// One that takes longer is ended. Errors: ext-auth.
[[nodiscard]] Result<std::optional<HelperAnswer>> ask_credential_helper(
    const std::string& name, const std::string& server, const HelperOptions& options);

}  // namespace tenon::registry
