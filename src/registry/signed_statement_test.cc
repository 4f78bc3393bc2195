// The documents of signatures. tests/signed_packages_test.cc checks those of a registry.
#include "registry/signed_statement.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "support/base64.h"
#include "support/files.h"

namespace tenon::registry::signed_statement_test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using Subject = SignedStatement::Subject;

const std::string kDigits(64, 'a');
const std::string kDigest = "sha256:" + kDigits;

std::string error_of(const Result<SignedStatement, ManifestError>& parsed) {
  return parsed ? "fine" : parsed.error().reason;
}

json simple_signing() {
  return {{"critical",
           {{"identity", {{"docker-reference", "registry.example/acme/math"}}},
            {"image", {{"docker-manifest-digest", kDigest}}},
            {"type", "cosign container image signature"}}},
          {"optional", nullptr}};
}

TEST(SignedStatement, SimpleSigningNamesADigest) {
  const std::string payload = simple_signing().dump();
  const auto parsed = parse_simple_signing(as_bytes(payload), "AQID");
  ASSERT_TRUE(parsed) << error_of(parsed);
  EXPECT_EQ(parsed->predicate, kSignPredicate);
  EXPECT_THAT(parsed->subjects, ElementsAre(Subject{kDigest, "registry.example/acme/math"}));
  EXPECT_EQ(parsed->message, Bytes(payload.begin(), payload.end()));
  EXPECT_EQ(parsed->payload_at, 0U);
  EXPECT_EQ(parsed->signature, (Bytes{1, 2, 3}));
}

TEST(SignedStatement, OtherDocumentsAreNotSimpleSigning) {
  const auto error = [](const json& payload, std::string_view signature = "AQID") {
    return error_of(parse_simple_signing(as_bytes(payload.dump()), signature));
  };
  EXPECT_THAT(error(json::array()), HasSubstr("its type is not `cosign container"));
  EXPECT_EQ(error(simple_signing(), "?"), "its signature is not base64");
  json payload = simple_signing();
  payload["critical"]["type"] = "atomic container signature";
  EXPECT_THAT(error(payload), HasSubstr("its type is not"));
  payload = simple_signing();
  for (const json& digest : {json("sha256:ab"), json(1), json()}) {
    payload["critical"]["image"]["docker-manifest-digest"] = digest;
    EXPECT_EQ(error(payload), "it names no digest");
  }
  payload["critical"]["image"] = kDigest;
  EXPECT_EQ(error(payload), "it names no digest");
  EXPECT_THAT(error_of(parse_simple_signing(as_bytes("{"), "")), HasSubstr("its type is not"));
}

json statement() {
  return {{"_type", "https://in-toto.io/Statement/v1"},
          {"subject", json::array({{{"digest", {{"sha256", kDigits}}}}})},
          {"predicateType", "https://sigstore.dev/cosign/sign/v1"},
          {"predicate", json::object()}};
}

json bundle(const json& content) {
  return {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
          {"verificationMaterial", {{"publicKey", {{"hint", "a key"}}}}},
          {"dsseEnvelope",
           {{"payload", encode_base64(as_bytes(content.dump()))},
            {"payloadType", "application/vnd.in-toto+json"},
            {"signatures", json::array({{{"sig", "AQID"}}})}}}};
}

Result<SignedStatement, ManifestError> parse(const json& document) {
  return parse_sigstore_bundle(as_bytes(document.dump()));
}

TEST(SignedStatement, ABundleHasASignedStatement) {
  json content = statement();
  content["subject"].push_back({{"digest", {{"sha256", std::string(64, 'b')}}}});
  content["subject"].push_back({{"digest", {{"sha512", "cc"}}}});
  content["subject"][0]["name"] = "registry.example/acme/math";
  content["subject"][1]["name"] = "math.wasm";
  const auto parsed = parse(bundle(content));
  ASSERT_TRUE(parsed) << error_of(parsed);
  EXPECT_EQ(parsed->predicate, kSignPredicate);
  // The name of a file is not a repository.
  EXPECT_THAT(parsed->subjects, ElementsAre(Subject{kDigest, "registry.example/acme/math"},
                                            Subject{"sha256:" + std::string(64, 'b'), ""}));
  const std::string text = content.dump();
  const std::string signed_text =
      fmt::format("DSSEv1 28 application/vnd.in-toto+json {} {}", text.size(), text);
  EXPECT_EQ(parsed->message, Bytes(signed_text.begin(), signed_text.end()));
  EXPECT_EQ(signed_text.substr(parsed->payload_at), text);
  EXPECT_EQ(parsed->signature, (Bytes{1, 2, 3}));
}

TEST(SignedStatement, OtherBundlesAreNotSignatures) {
  json content = statement();
  for (const json& predicate : {json(), json(1), json("")}) {
    content["predicateType"] = predicate;
    EXPECT_EQ(error_of(parse(bundle(content))), "its statement has no `predicateType`");
  }
  content = statement();
  for (const json& subject : {json(), json(1), json::array(), json::array({1}), json(kDigits)}) {
    content["subject"] = subject;
    EXPECT_EQ(error_of(parse(bundle(content))), "its statement has no subject with a SHA-256");
  }
  EXPECT_THAT(error_of(parse({{"messageSignature", {{"signature", "AQID"}}}})),
              HasSubstr("not a bundle with a `dsseEnvelope`"));
  json document = bundle(statement());
  document["dsseEnvelope"]["payloadType"] = "text/plain";
  EXPECT_THAT(error_of(parse(document)), HasSubstr("the type of its payload is `text/plain`"));
  document = bundle(statement());
  document["dsseEnvelope"]["signatures"].push_back({{"sig", "AQID"}});
  EXPECT_THAT(error_of(parse(document)), HasSubstr("not a payload with one signature"));
  document["dsseEnvelope"]["signatures"] = json::array();
  EXPECT_THAT(error_of(parse(document)), HasSubstr("not a payload with one signature"));
  document = bundle(statement());
  document["dsseEnvelope"]["signatures"][0]["sig"] = "?";
  EXPECT_EQ(error_of(parse(document)), "its signature is not base64");
  document["dsseEnvelope"]["payload"] = "?";
  EXPECT_THAT(error_of(parse(document)), HasSubstr("not a payload with one signature"));
  EXPECT_THAT(error_of(parse_sigstore_bundle(as_bytes("null"))), HasSubstr("not a bundle"));
}

}  // namespace
}  // namespace tenon::registry::signed_statement_test
