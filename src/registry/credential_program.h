// Programs that keep secrets for docker and its like: `docker-credential-NAME get`.
//
// Source: docker-credential-helpers, README.md ("Development").
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tenon/result.h"

namespace tenon::registry {

struct CredentialAnswer {
  std::string user;
  std::string secret;
};

struct CredentialProgramOptions {
  std::string folders;  // where programs are looked for, as PATH has it
  std::chrono::milliseconds time{30'000};
};

// Asks the helper for what it knows of a server; nothing if it knows nothing. name: the NAME above.
// One that takes longer is ended. Errors: ext-auth.
[[nodiscard]] Result<std::optional<CredentialAnswer>> ask_credential_program(
    const std::string& name, const std::string& server, const CredentialProgramOptions& options);

}  // namespace tenon::registry
