// Entries of a transparency log (Rekor), in which the signatures of signers without a key are published:
// anyone can see what an identity has signed.
//
// One or both of these prove that an entry is in the log:
//
//   a promise             the log signs the entry, its place and the time at which it was added. Rekor 2
//                         makes none.
//   an inclusion proof    hashes that lead from the entry to the root of the log's tree, and the root,
//                         which the log signs (a checkpoint). It does not prove the time.
//
// Source: Rekor, "Signed Entry Timestamp" and types/{hashedrekord,dsse}; RFC 9162, 2.1.3 (Merkle
//         inclusion proofs); C2SP, tlog-checkpoint and signed-note.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "registry/trusted_root.h"
#include "support/files.h"
#include "tenon/result.h"

namespace tenon::registry {

struct InclusionProof {
  std::uint64_t index = 0;  // in the tree, which can be a part of the log
  std::uint64_t size = 0;   // of the tree
  std::vector<Bytes> hashes;
  std::string checkpoint;
};

struct LogEntry {
  std::string log_id;  // in hexadecimal digits
  std::uint64_t index = 0;
  std::int64_t time = 0;  // when it was added, if there is a promise; in seconds since 1970
  Bytes body;             // a JSON document
  Bytes promise;          // a signature; can be empty
  std::optional<InclusionProof> proof;
};

// The content of an entry: a signature, its signer's certificate, and the digest of the signed data.
struct LoggedSignature {
  enum class Of {
    Message,
    Payload
  };  // what the digest is of; an envelope has a payload in its message

  Of of = Of::Message;
  std::string digest;  // SHA-256, in hexadecimal digits
  Bytes signature;
  Bytes certificate;  // DER
};

// Checks that the log has the entry: by the promise, and by the inclusion proof if there is one. A promise
// proves `entry.time`.
// Errors: the rule that the entry breaks, as a clause: "its inclusion proof leads to another root".
[[nodiscard]] Result<void, std::string> check_inclusion(const TrustedLog& log,
                                                        const LogEntry& entry);

// Errors: as above.
[[nodiscard]] Result<LoggedSignature, std::string> parse_log_body(
    std::span<const std::uint8_t> body);

}  // namespace tenon::registry
