// Signatures without a key, by a small Sigstore of this test. tests/sigstore_bundles_test.cc checks some of
// the real one.
#include "registry/keyless.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/base64.h"
#include "support/files.h"
#include "tests/support/test_sigstore.h"

namespace tenon::registry::keyless_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kDigest = "sha256:" + std::string(64, 'a');
constexpr const char* kIdentity =
    "https://github.com/acme/math/.github/workflows/release.yml@refs/tags/v1.0.0";

class Keyless : public testing::Test {
 protected:
  // Who signed a bundle: "IDENTITY by ISSUER", or why nobody did.
  [[nodiscard]] static std::string check(const std::string& trusted_root, const json& bundle) {
    const std::string text = bundle.dump();
    const auto proof = parse_bundle_proof(as_bytes(text));
    if (!proof) return proof.error().reason;
    const auto statement = parse_sigstore_bundle(as_bytes(text));
    if (!statement) return statement.error().reason;
    return check(trusted_root, *proof, *statement);
  }
  [[nodiscard]] static std::string check(const std::string& trusted_root, const SigningProof& proof,
                                         const SignedStatement& statement) {
    const auto root = parse_trusted_root(trusted_root);
    if (!root) return root.error();
    const auto crypto = load_libcrypto();
    if (!crypto) return crypto.error();
    const auto owner = check_keyless(*crypto, *root, proof, statement);
    if (!owner) return owner.error();
    std::string text;
    for (const std::string& identity : owner->identities) text += identity + ' ';
    return text + "by " + owner->issuer;
  }
  [[nodiscard]] std::string check(const KeylessOptions& options) const {
    return check(sigstore_.trusted_root(), sigstore_.make_bundle(kDigest, options));
  }

  const TestSigstore sigstore_;
};

TEST_F(Keyless, ACertificateSaysWhoSigned) {
  EXPECT_EQ(check({}), std::string(kIdentity) + " by https://token.actions.githubusercontent.com");
  EXPECT_EQ(check({.identity = "email:ada@acme.example", .issuer = "https://accounts.example"}),
            "ada@acme.example by https://accounts.example");
  EXPECT_EQ(check({.identity = "URI:https://a.example/x,email:ada@acme.example"}),
            "https://a.example/x ada@acme.example by https://token.actions.githubusercontent.com");
  // Names of hosts are not identities.
  EXPECT_EQ(check({.identity = "DNS:acme.example"}),
            "by https://token.actions.githubusercontent.com");
  EXPECT_THAT(check({.log = KeylessOptions::Log::Rekor2}), HasSubstr(kIdentity));
}

TEST_F(Keyless, CosignTwoHasAnnotations) {
  const std::string payload = "a document";
  const json annotations = sigstore_.make_annotations(payload);
  const CosignLayer layer{.payload = {},
                          .signature = annotations["dev.cosignproject.cosign/signature"],
                          .certificate = annotations["dev.sigstore.cosign/certificate"],
                          .log_entry = annotations["dev.sigstore.cosign/bundle"]};
  SignedStatement statement{.predicate = {},
                            .subjects = {},
                            .message = Bytes(payload.begin(), payload.end()),
                            .payload_at = 0,
                            .signature = *decode_base64(layer.signature)};
  const auto proof = parse_cosign_proof(layer);
  ASSERT_TRUE(proof) << proof.error().reason;
  EXPECT_THAT(check(sigstore_.trusted_root(), *proof, statement), HasSubstr(kIdentity));
  statement.message.push_back('.');
  EXPECT_THAT(check(sigstore_.trusted_root(), *proof, statement),
              HasSubstr("it is not signed by the key of its certificate"));
  for (std::string CosignLayer::* part : {&CosignLayer::certificate, &CosignLayer::log_entry})
    for (const std::string_view text : {"", "{}", "-----BEGIN CERTIFICATE-----\nAQID", "null"}) {
      CosignLayer damaged = layer;
      damaged.*part = text;
      EXPECT_FALSE(parse_cosign_proof(damaged)) << text;
    }
}

struct Refused {
  KeylessFault fault;
  const char* reason;
  KeylessOptions::Log log = KeylessOptions::Log::Rekor;
};

TEST_F(Keyless, EachRuleIsChecked) {
  constexpr auto kSecond = KeylessOptions::Log::Rekor2;
  for (const Refused& row : {
           Refused{KeylessFault::AnotherKey, "it is not signed by the key of its certificate"},
           Refused{KeylessFault::AnotherAuthority,
                   "its certificate is not valid: certificate signature"},
           Refused{KeylessFault::Expired, "its certificate is not valid: certificate has expired"},
           Refused{KeylessFault::TooEarly, "its certificate is not valid: certificate is not yet"},
           Refused{KeylessFault::NotForCode, "its certificate is not one for signing code"},
           Refused{KeylessFault::NoCertificateLog,
                   "its certificate has no timestamp of a certificate log"},
           Refused{KeylessFault::AnotherCertificateLog,
                   "its certificate was not published in a certificate log of the trusted root"},
           Refused{KeylessFault::CertificateLogKey,
                   "the timestamp of its certificate is not signed by the key of its log"},
           Refused{KeylessFault::AnotherLog, "its transparency log is not one of the trusted root"},
           Refused{KeylessFault::PromiseKey, "its promise is not signed by the key of its log"},
           Refused{KeylessFault::PromiseTime, "its promise is not signed by the key of its log"},
           Refused{KeylessFault::CheckpointKey,
                   "its checkpoint is not signed by the key of its log"},
           Refused{KeylessFault::NoCheckpoint, "its inclusion proof has no signed checkpoint"},
           Refused{KeylessFault::WrongPath,
                   "its inclusion proof does not lead to the root of its checkpoint"},
           Refused{KeylessFault::ShortPath,
                   "its inclusion proof does not lead to the root of its checkpoint"},
           Refused{KeylessFault::AnotherTree,
                   "its checkpoint is of another tree than its inclusion proof"},
           Refused{KeylessFault::AnotherMessage, "the entry of its log is for something else"},
           Refused{KeylessFault::AnotherSignature, "the entry of its log is for another signature"},
           Refused{KeylessFault::AnotherCertificate,
                   "the entry of its log is for another certificate"},
           Refused{KeylessFault::NoTime, "nothing proves when it was made", kSecond},
           Refused{KeylessFault::Expired, "certificate has expired", kSecond},
           Refused{KeylessFault::AnotherTimestamp, "its timestamp is not one of this signature",
                   kSecond},
           Refused{KeylessFault::TimestampKey, "its timestamp is not one of this signature",
                   kSecond},
           Refused{KeylessFault::WrongPath, "does not lead to the root", kSecond},
       }) {
    const std::string outcome = check({.fault = row.fault, .log = row.log});
    EXPECT_THAT(outcome, HasSubstr(row.reason)) << static_cast<int>(row.fault);
    // The reader learns whose signature it is.
    EXPECT_THAT(outcome, HasSubstr("its certificate is for `")) << static_cast<int>(row.fault);
  }
}

TEST_F(Keyless, ThePeriodsOfTheTrustedRootCount) {
  const json bundle = sigstore_.make_bundle(kDigest);
  const auto check_period = [&](const json& period, const char* list, bool is_log) {
    json root = sigstore_.make_trusted_root();
    json& owner = is_log ? root[list][0]["publicKey"] : root[list][0];
    owner["validFor"] = period;
    return check(root.dump(), bundle);
  };
  // TestSigstore::kTime is 2025-06-15T15:06:40Z.
  const json exact = {{"start", "2025-06-15T15:06:40Z"}, {"end", "2025-06-15T15:06:40.999Z"}};
  const json before = {{"start", "2021-01-12T11:53:27Z"}, {"end", "2025-06-15T15:06:39Z"}};
  const json after = {{"start", "2025-06-15T15:06:41Z"}};
  for (const json& period : {before, after}) {
    EXPECT_THAT(check_period(period, "tlogs", true),
                HasSubstr("does not trust its transparency log at that time"));
    EXPECT_THAT(check_period(period, "ctlogs", true), HasSubstr("was not published in"));
    EXPECT_THAT(check_period(period, "certificateAuthorities", false),
                HasSubstr("has no certificate authority for that time"));
  }
  EXPECT_THAT(check_period(exact, "tlogs", true), HasSubstr(kIdentity));
  EXPECT_THAT(check_period(exact, "ctlogs", true), HasSubstr(kIdentity));
  EXPECT_THAT(check_period(exact, "certificateAuthorities", false), HasSubstr(kIdentity));
}

TEST_F(Keyless, BundlesAreOfSeveralVersions) {
  json bundle = sigstore_.make_bundle(kDigest);
  json& material = bundle["verificationMaterial"];
  const json certificate = material["certificate"];
  material.erase("certificate");
  EXPECT_EQ(check(sigstore_.trusted_root(), bundle), "it has no certificate");
  material["x509CertificateChain"] = {{"certificates", json::array({certificate})}};
  bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2";
  EXPECT_THAT(check(sigstore_.trusted_root(), bundle), HasSubstr(kIdentity));
  // The first version has no inclusion proof, or one without a checkpoint.
  json& entry = material["tlogEntries"][0];
  const json proof = entry["inclusionProof"];
  entry["inclusionProof"].erase("checkpoint");
  EXPECT_THAT(check(sigstore_.trusted_root(), bundle), HasSubstr("no signed checkpoint"));
  bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1";
  EXPECT_THAT(check(sigstore_.trusted_root(), bundle), HasSubstr(kIdentity));
  entry["inclusionProof"] = nullptr;
  EXPECT_THAT(check(sigstore_.trusted_root(), bundle), HasSubstr(kIdentity));
  bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2";
  EXPECT_EQ(check(sigstore_.trusted_root(), bundle),
            "the entry of its log has no `inclusionProof`");
  bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=99.9";
  EXPECT_THAT(check(sigstore_.trusted_root(), bundle), HasSubstr("its `mediaType` is"));
}

// Whatever is left out, changed or cut, nobody has signed it.
TEST_F(Keyless, DamageIsFound) {
  const json bundle = sigstore_.make_bundle(kDigest);
  for (const char* const path :
       {"/verificationMaterial", "/verificationMaterial/certificate/rawBytes",
        "/verificationMaterial/tlogEntries", "/verificationMaterial/tlogEntries/0/logIndex",
        "/verificationMaterial/tlogEntries/0/logId/keyId",
        "/verificationMaterial/tlogEntries/0/canonicalizedBody",
        "/verificationMaterial/tlogEntries/0/integratedTime",
        "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
        "/verificationMaterial/tlogEntries/0/inclusionProof/logIndex",
        "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
        "/verificationMaterial/tlogEntries/0/inclusionProof/hashes",
        "/verificationMaterial/tlogEntries/0/inclusionProof/hashes/1",
        "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope",
        "/dsseEnvelope/payload", "/dsseEnvelope/signatures/0/sig"})
    for (const json& value : {json(), json("?"), json("-1"), json("AAAA"), json::array({"AAAA"}),
                              json("1152921504606846976000"), json(std::string(100, 'A'))}) {
      json damaged = bundle;
      damaged[json::json_pointer(path)] = value;
      EXPECT_THAT(check(sigstore_.trusted_root(), damaged), testing::Not(HasSubstr(" by https")))
          << path << ' ' << value;
    }
}

TEST_F(Keyless, TruncatedPartsAreRefused) {
  for (const auto log : {KeylessOptions::Log::Rekor, KeylessOptions::Log::Rekor2}) {
    const json bundle = sigstore_.make_bundle(kDigest, {.log = log});
    for (const char* const path :
         {"/verificationMaterial/certificate/rawBytes",
          "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp",
          "/verificationMaterial/tlogEntries/0/canonicalizedBody",
          "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
          "/dsseEnvelope/signatures/0/sig"}) {
      const json::json_pointer place(path);
      if (!bundle.contains(place)) continue;
      const Bytes whole = *decode_base64(bundle[place].get<std::string>());
      for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 6) {
        json cut = bundle;
        cut[place] = encode_base64(std::span(whole).first(size));
        EXPECT_THAT(check(sigstore_.trusted_root(), cut), testing::Not(HasSubstr(" by https")))
            << path << ' ' << size;
        // Some parts of a timestamp are not signed, so a change there is not noticed.
        if (std::string_view(path).ends_with("signedTimestamp")) continue;
        Bytes flipped = whole;
        flipped[size] ^= 1U;
        cut[place] = encode_base64(flipped);
        EXPECT_THAT(check(sigstore_.trusted_root(), cut), testing::Not(HasSubstr(" by https")))
            << path << ' ' << size;
      }
    }
  }
}

TEST_F(Keyless, OtherFilesAreNotTrustedRoots) {
  const auto error = [](const std::string& text) {
    const auto root = parse_trusted_root(text);
    return root ? std::string("fine") : root.error();
  };
  EXPECT_EQ(error("{"), "is not JSON");
  EXPECT_THAT(error("[]"), HasSubstr("has the `mediaType` ``; expected `application/vnd.dev.sig"));
  for (const char* const list : {"certificateAuthorities", "ctlogs", "tlogs"}) {
    for (const json& value : {json(), json(1), json::array()}) {
      json root = sigstore_.make_trusted_root();
      root[list] = value;
      EXPECT_THAT(error(root.dump()), HasSubstr(std::string("has no list `") + list));
    }
    for (const json& value : {json(), json(1), json::object()}) {
      json root = sigstore_.make_trusted_root();
      root[list][0] = value;
      EXPECT_THAT(error(root.dump()), HasSubstr(list));
    }
  }
  for (const char* const time : {"", "2021", "2021-13-12T11:53:27Z", "2021-01-12T11:53:27",
                                 "2021-01-12 11:53:27Z", "2021-01-12T11:5a:27Z"})
    for (const char* const path :
         {"/tlogs/0/publicKey/validFor/start", "/tlogs/0/publicKey/validFor/end"}) {
      json root = sigstore_.make_trusted_root();
      root[json::json_pointer(path)] = time;
      EXPECT_THAT(error(root.dump()), HasSubstr("has a log in `tlogs` with")) << time;
    }
  json root = sigstore_.make_trusted_root();
  root["ctlogs"][0]["publicKey"]["rawBytes"] = "?";
  EXPECT_EQ(error(root.dump()), "has a log in `ctlogs` whose key is not base64");
  root = sigstore_.make_trusted_root();
  root["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = "?";
  EXPECT_EQ(error(root.dump()), "has a certificate in `certificateAuthorities` that is not base64");
  // Keys and certificates that OpenSSL cannot read verify nothing.
  root = sigstore_.make_trusted_root();
  root["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = "AAAA";
  EXPECT_THAT(check(root.dump(), sigstore_.make_bundle(kDigest)),
              HasSubstr("authority in the trusted root cannot be read"));
  root = sigstore_.make_trusted_root();
  root["tlogs"][0]["publicKey"]["rawBytes"] = "AAAA";
  EXPECT_THAT(check(root.dump(), sigstore_.make_bundle(kDigest)),
              HasSubstr("its promise is not signed by the key of its log"));
}

}  // namespace
}  // namespace tenon::registry::keyless_test
