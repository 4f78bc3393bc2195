// Timestamps of signatures by a timestamp authority: the time for signatures whose log does not prove one,
// such as Rekor 2.
//
// Source: RFC 3161. libcrypto parses and checks them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "registry/libcrypto.h"
#include "registry/trusted_root.h"
#include "tenon/result.h"

namespace tenon::registry {

// When the signature existed, in seconds since 1970. response: a TimeStampResp, in DER.
// Errors: the rule that it breaks, as a clause: "its timestamp is not by an authority of the trusted root".
[[nodiscard]] Result<std::int64_t, std::string> check_timestamp(
    const Libcrypto& crypto, std::span<const TrustedAuthority> authorities,
    std::span<const std::uint8_t> response, std::span<const std::uint8_t> signature);

}  // namespace tenon::registry
