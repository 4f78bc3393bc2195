// Keys with which a client proves its identity to a NATS server without a JWT: NKeys.
// Source: nkeys of NATS, "Encoding" (github.com/nats-io/nkeys): base32 of a prefix, an Ed25519 key and a
// CRC-16.
#pragma once

#include <string>
#include <string_view>

#include "tenon/result.h"

namespace tenon::remote {

// The seed in a file that has only that, in a line of its own: "SUACSSL3..". Empty: the text is something
// else, such as a credentials file with a JWT.
[[nodiscard]] std::string_view find_nats_seed(std::string_view text);

// The public key of a user: "UDXU4RCS..".
struct NatsKey {
  std::string text;
};

// The key of a user's seed. OpenSSL is loaded for it.
// Errors: why there is none, as a predicate of the seed: "is not the seed of a user".
[[nodiscard]] Result<NatsKey, std::string> nats_public_key(std::string_view seed);

}  // namespace tenon::remote
