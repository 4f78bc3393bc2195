// Signs packages of an OCI registry with a key, in the two forms of cosign.
//
//   const PackageSigner signer;
//   signer.push_simple_signing(client, "acme/math", digest);
//   signer.push_bundle(client, "acme/math", digest);
//
// `push_cosign_layer` and `push_cosign_bundle` store signatures by others.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/oci_client.h"
#include "registry/oci_manifest.h"
#include "support/base64.h"
#include "support/files.h"
#include "tests/support/problem_text.h"

namespace tenon {

inline constexpr const char* kBundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

inline void check_pushed(const Result<void>& result) { EXPECT_TRUE(result) << problem_of(result); }

// Pushes a blob, and returns its descriptor.
inline nlohmann::json push_blob(registry::OciClient& client, const std::string& repository,
                                const std::string& type, const std::string& blob) {
  const registry::OciDescriptor descriptor{type, registry::digest_of(as_bytes(blob)), blob.size()};
  check_pushed(client.push_blob(repository, descriptor, as_bytes(blob)));
  return {{"mediaType", type}, {"digest", descriptor.digest}, {"size", descriptor.size}};
}

inline void push_manifest(registry::OciClient& client, const std::string& repository,
                          const std::string& tag, std::string_view type,
                          const nlohmann::json& manifest) {
  check_pushed(client.push_manifest(repository, tag, as_bytes(manifest.dump()), type));
}

// What cosign 2 signs. digest: of a manifest. identity: what the signer calls its repository.
inline std::string make_simple_signing(const std::string& digest, const std::string& identity) {
  return nlohmann::json({{"critical",
                          {{"identity", {{"docker-reference", identity}}},
                           {"image", {{"docker-manifest-digest", digest}}},
                           {"type", "cosign container image signature"}}},
                         {"optional", nullptr}})
      .dump();
}

// Stores a signature of cosign 2. tagged: the digest of the manifest beside which it is stored.
inline void push_cosign_layer(registry::OciClient& client, const std::string& repository,
                              const std::string& tagged, const std::string& payload,
                              const nlohmann::json& annotations) {
  nlohmann::json layer =
      push_blob(client, repository, "application/vnd.dev.cosign.simplesigning.v1+json", payload);
  layer["annotations"] = annotations;
  std::string tag = tagged + ".sig";
  tag.replace(tag.find(':'), 1, "-");
  push_manifest(
      client, repository, tag, registry::kManifestType,
      {{"schemaVersion", 2},
       {"mediaType", registry::kManifestType},
       {"config", push_blob(client, repository, "application/vnd.oci.image.config.v1+json", "{}")},
       {"layers", nlohmann::json::array({layer})}});
}

// Stores a bundle of cosign 3, in a registry without an API for referrers.
inline void push_cosign_bundle(registry::OciClient& client, const std::string& repository,
                               const std::string& digest, const std::string& bundle) {
  const auto artifact =
      registry::make_oci_artifact(kBundleMediaType, "signature", as_bytes(bundle));
  check_pushed(
      client.push_document(repository, "bundle", kBundleMediaType, "signature", as_bytes(bundle)));
  std::string tag = digest;
  tag.replace(tag.find(':'), 1, "-");
  push_manifest(
      client, repository, tag, registry::kIndexManifestType,
      {{"schemaVersion", 2},
       {"mediaType", registry::kIndexManifestType},
       {"manifests", nlohmann::json::array({{{"mediaType", registry::kManifestType},
                                             {"artifactType", kBundleMediaType},
                                             {"digest", registry::digest_of(artifact.manifest)},
                                             {"size", artifact.manifest.size()}}})}});
}

class PackageSigner final {
 public:
  PackageSigner() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {}

  // The public key, as a PEM file.
  [[nodiscard]] std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  // A signature in base64.
  [[nodiscard]] std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::vector<std::uint8_t> signature(256);
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size,
                             reinterpret_cast<const std::uint8_t*>(message.data()), message.size()),
              1);
    return encode_base64(std::span(signature).first(size));
  }

  // As `cosign sign` of cosign 2. digest: of the manifest that is signed.
  // tagged: the digest of the manifest beside which the signature is stored; empty: `digest`.
  // identity: what the signer calls the repository; empty: its host and name.
  void push_simple_signing(registry::OciClient& client, const std::string& repository,
                           const std::string& digest, const std::string& tagged = {},
                           std::string identity = {}) const {
    if (identity.empty()) identity = fmt::format("{}/{}", client.registry(), repository);
    const std::string payload = make_simple_signing(digest, identity);
    push_cosign_layer(client, repository, tagged.empty() ? digest : tagged, payload,
                      {{"dev.cosignproject.cosign/signature", sign(payload)}});
  }

  // As `cosign sign` of cosign 3.
  void push_bundle(registry::OciClient& client, const std::string& repository,
                   const std::string& digest,
                   const char* predicate = "https://sigstore.dev/cosign/sign/v1") const {
    const std::string statement =
        nlohmann::json(
            {{"_type", "https://in-toto.io/Statement/v1"},
             {"subject", nlohmann::json::array(
                             {{{"digest", {{"sha256", digest.substr(digest.find(':') + 1)}}}}})},
             {"predicateType", predicate},
             {"predicate", nlohmann::json::object()}})
            .dump();
    const std::string type = "application/vnd.in-toto+json";
    const std::string signature =
        sign(fmt::format("DSSEv1 {} {} {} {}", type.size(), type, statement.size(), statement));
    push_cosign_bundle(
        client, repository, digest,
        nlohmann::json({{"mediaType", kBundleMediaType},
                        {"verificationMaterial", {{"publicKey", {{"hint", ""}}}}},
                        {"dsseEnvelope",
                         {{"payload", encode_base64(as_bytes(statement))},
                          {"payloadType", type},
                          {"signatures", nlohmann::json::array({{{"sig", signature}}})}}}})
            .dump());
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace tenon
