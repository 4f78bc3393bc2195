// The keys and certificates that signatures without a key are checked with: a file `trusted_root.json`
// of Sigstore, which its user got from a source that he trusts.
//
//   certificate authorities   issue certificates for the identities of signers (Fulcio)
//   certificate logs          publish those certificates (CT)
//   transparency logs         publish signatures (Rekor)
//   timestamp authorities     say when something was signed (RFC 3161)
//
// Source: sigstore/protobuf-specs, sigstore_trustroot.proto, `TrustedRoot`, as protobuf writes JSON.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/public_key.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

// Both ends belong to it. In seconds since 1970.
struct Period {
  std::int64_t start = 0;
  std::int64_t end = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] bool contains(std::int64_t time) const { return start <= time && time <= end; }
};

struct TrustedLog {
  std::string id;  // in hexadecimal digits
  PublicKey key;
  Period validity;
};

struct TrustedAuthority {
  std::vector<Bytes> certificates;  // from the one that issues to the root; DER
  Period validity;
};

struct TrustedRoot {
  std::vector<TrustedAuthority> certificate_authorities;
  std::vector<TrustedLog> certificate_logs;
  std::vector<TrustedLog> transparency_logs;
  std::vector<TrustedAuthority> timestamp_authorities;  // can be empty
};

// The first log with this id; null if there is none.
[[nodiscard]] const TrustedLog* find_log(std::span<const TrustedLog> logs, std::string_view id);

// Errors: the rule that it breaks, as a predicate of the file: "has no list `tlogs`".
[[nodiscard]] Result<TrustedRoot, std::string> parse_trusted_root(std::string_view text);

}  // namespace tenon::registry
