#include "registry/transparency_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "engine/sha256.h"
#include "registry/json_member.h"
#include "support/base64.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kHashBytes = 32;
// Bytes of the log's id that stand before a signature of it.
constexpr std::size_t kHintBytes = 4;

Bytes hash_of(const Bytes& bytes) {
  const engine::Sha256 hash = engine::sha256(bytes);
  return Bytes(hash.begin(), hash.end());
}

Bytes hash_node(const Bytes& left, const Bytes& right) {
  Bytes node = {1};
  node.insert(node.end(), left.begin(), left.end());
  node.insert(node.end(), right.begin(), right.end());
  return hash_of(node);
}

// The text that a promise signs: the entry as canonical JSON (RFC 8785). None of its strings needs an
// escape.
std::string promised_text(const TrustedLog& log, const LogEntry& entry) {
  return fmt::format(R"({{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}})",
                     encode_base64(entry.body), entry.time, log.id, entry.index);
}

// The root of the tree that an inclusion proof is for; absent if the proof has too few or too many hashes.
// Source: RFC 9162, 2.1.3.2.
std::optional<Bytes> find_root(const LogEntry& entry, const InclusionProof& proof) {
  if (proof.index >= proof.size) return std::nullopt;
  std::uint64_t node = proof.index;
  std::uint64_t last = proof.size - 1;
  Bytes leaf = {0};
  leaf.insert(leaf.end(), entry.body.begin(), entry.body.end());
  Bytes hash = hash_of(leaf);
  for (const Bytes& other : proof.hashes) {
    if (last == 0 || other.size() != kHashBytes) return std::nullopt;
    if (node % 2 == 1 || node == last) {
      hash = hash_node(other, hash);
      // Where a node has no neighbour on its right, it is a node of the next level as well.
      const int levels = node % 2 == 1 ? 0 : std::countr_zero(node);
      node >>= levels;
      last >>= levels;
    } else {
      hash = hash_node(hash, other);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return hash;
}

// Takes the text up to the next end of a line.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// Whether one of the lines is the log's signature of the text. Other lines are signatures by witnesses.
Result<bool, std::string> is_signed_by(const TrustedLog& log, std::string_view text,
                                       std::string_view lines) {
  constexpr std::string_view kDash = "\u2014 ";
  while (!lines.empty()) {
    const std::string_view line = take_line(lines);
    const std::size_t gap = line.rfind(' ');
    if (!line.starts_with(kDash) || gap < kDash.size()) continue;
    const std::optional<Bytes> signature = decode_base64(line.substr(gap + 1));
    if (!signature || signature->size() < kHintBytes ||
        !log.id.starts_with(encode_hex(std::span(*signature).first(kHintBytes))))
      continue;
    TENON_TRY(const bool is_valid,
              log.key.verifies(as_bytes(text), std::span(*signature).subspan(kHintBytes)));
    if (is_valid) return true;
  }
  return false;
}

// checkpoint ::= origin '\n' size '\n' root '\n' (extension '\n')* '\n' signature+
Result<void, std::string> check_proof(const TrustedLog& log, const LogEntry& entry,
                                      const InclusionProof& proof) {
  const std::string_view checkpoint = proof.checkpoint;
  const std::size_t end = checkpoint.find("\n\n");
  if (end == checkpoint.npos) return std::string("its inclusion proof has no signed checkpoint");
  TENON_TRY(const bool is_signed,
            is_signed_by(log, checkpoint.substr(0, end + 1), checkpoint.substr(end + 2)));
  if (!is_signed) return std::string("its checkpoint is not signed by the key of its log");
  std::string_view lines = checkpoint.substr(0, end);
  const std::string_view origin = take_line(lines);
  const std::string_view size = take_line(lines);
  const std::optional<Bytes> root = decode_base64(take_line(lines));
  if (origin.empty() || size != std::to_string(proof.size))
    return std::string("its checkpoint is of another tree than its inclusion proof");
  if (!root || root != find_root(entry, proof))
    return std::string("its inclusion proof does not lead to the root of its checkpoint");
  return {};
}

bool is_sha256(std::string_view name) { return name == "sha256" || name == "SHA2_256"; }

// The only signature of an entry; null if it has another number of them.
const Json* find_signature(const Json& spec) {
  const Json* const signatures = find_member(spec, {"signatures"});
  return signatures != nullptr && signatures->is_array() && signatures->size() == 1
             ? &signatures->front()
             : nullptr;
}

// The forms of Rekor 1. Certificates are PEM files in base64.
LoggedSignature read_entry(const Json& signature, std::string_view algorithm,
                           std::string_view digest, const char* content, const Bytes& pem) {
  LoggedSignature logged;
  if (is_sha256(algorithm)) logged.digest = digest;
  logged.signature = find_bytes_at(signature, {content}).value_or(Bytes());
  logged.certificate =
      decode_pem({reinterpret_cast<const char*>(pem.data()), pem.size()}, "CERTIFICATE")
          .value_or(Bytes());
  return logged;
}

// The forms of Rekor 2. hash: a member with `algorithm` and `digest`.
LoggedSignature read_entry(const Json& signature, const Json& hash) {
  LoggedSignature logged;
  if (is_sha256(find_text_at(hash, {"algorithm"})))
    logged.digest = encode_hex(find_bytes_at(hash, {"digest"}).value_or(Bytes()));
  logged.signature = find_bytes_at(signature, {"content"}).value_or(Bytes());
  logged.certificate =
      find_bytes_at(signature, {"verifier", "x509Certificate", "rawBytes"}).value_or(Bytes());
  return logged;
}

}  // namespace

Result<void, std::string> check_inclusion(const TrustedLog& log, const LogEntry& entry) {
  if (entry.promise.empty() && !entry.proof)
    return std::string("it has neither an inclusion proof nor a promise of its log");
  if (!entry.promise.empty()) {
    TENON_TRY(const bool is_signed,
              log.key.verifies(as_bytes(promised_text(log, entry)), entry.promise));
    if (!is_signed) return std::string("its promise is not signed by the key of its log");
  }
  if (entry.proof) TENON_TRY_VOID(check_proof(log, entry, *entry.proof));
  return {};
}

Result<LoggedSignature, std::string> parse_log_body(std::span<const std::uint8_t> body) {
  const Json json = Json::parse(body.begin(), body.end(), nullptr, false);
  const std::string kind = find_text_at(json, {"kind"}) + ' ' + find_text_at(json, {"apiVersion"});
  const Json none;
  const auto at = [&](std::initializer_list<const char*> path) -> const Json& {
    const Json* const member = find_member(json, path);
    return member == nullptr ? none : *member;
  };
  LoggedSignature logged;
  if (kind == "hashedrekord 0.0.1") {
    const Json& spec = at({"spec"});
    logged =
        read_entry(at({"spec", "signature"}), find_text_at(spec, {"data", "hash", "algorithm"}),
                   find_text_at(spec, {"data", "hash", "value"}), "content",
                   find_bytes_at(spec, {"signature", "publicKey", "content"}).value_or(Bytes()));
  } else if (kind == "dsse 0.0.1") {
    const Json& spec = at({"spec"});
    const Json* const signature = find_signature(spec);
    if (signature == nullptr) return std::string("it does not have one signature");
    logged = read_entry(*signature, find_text_at(spec, {"payloadHash", "algorithm"}),
                        find_text_at(spec, {"payloadHash", "value"}), "signature",
                        find_bytes_at(*signature, {"verifier"}).value_or(Bytes()));
    logged.of = LoggedSignature::Of::Payload;
  } else if (kind == "hashedrekord 0.0.2") {
    logged = read_entry(at({"spec", "hashedRekordV002", "signature"}),
                        at({"spec", "hashedRekordV002", "data"}));
  } else if (kind == "dsse 0.0.2") {
    const Json* const signature = find_signature(at({"spec", "dsseV002"}));
    if (signature == nullptr) return std::string("it does not have one signature");
    logged = read_entry(*signature, at({"spec", "dsseV002", "payloadHash"}));
    logged.of = LoggedSignature::Of::Payload;
  } else {
    return fmt::format("its kind is `{}`; expected `hashedrekord` or `dsse`, 0.0.1 or 0.0.2",
                       sanitize_text(kind));
  }
  if (!engine::is_digest(logged.digest)) return std::string("it does not name a SHA-256");
  if (logged.signature.empty() || logged.certificate.empty())
    return std::string("it does not have a signature with a certificate");
  return logged;
}

}  // namespace tenon::registry
