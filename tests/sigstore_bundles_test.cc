// Signatures that other programs made with the real Sigstore: bundles in the tests of a package of PyPI, and
// the trusted roots that another one contains.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "registry/keyless.h"
#include "support/base64.h"
#include "support/files.h"

namespace tenon::sigstore_bundles_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Signed by a workflow; and by a person, in the staging instance of Sigstore.
constexpr const char* kWorkflow = "workflow.sigstore.json";
constexpr const char* kPerson = "staging_person.sigstore.json";
constexpr const char* kRoot = "trusted_root.json";
constexpr const char* kStagingRoot = "staging_trusted_root.json";

class SigstoreBundles : public testing::Test {
 protected:
  void SetUp() override {
    const char* const cache = std::getenv("XDG_CACHE_HOME");
    const char* const home = std::getenv("HOME");
    folder_ = cache != nullptr && *cache != '\0'
                  ? std::filesystem::path(cache)
                  : std::filesystem::path(home != nullptr ? home : "") / ".cache";
    folder_ /= "tenon/sigstore";
    for (const char* const name : {kWorkflow, kPerson, kRoot, kStagingRoot})
      if (!std::filesystem::exists(folder_ / name))
        GTEST_SKIP() << "no signatures of Sigstore; `./dev setup --with-sigstore` fetches them";
  }

  [[nodiscard]] std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  // Who signed the bundle: "IDENTITY by ISSUER", or why nobody did.
  [[nodiscard]] std::string check(const char* root_name, const std::string& bundle) const {
    const auto root = registry::parse_trusted_root(read(root_name));
    const auto proof = registry::parse_bundle_proof(as_bytes(bundle));
    const auto statement = registry::parse_sigstore_bundle(as_bytes(bundle));
    const auto crypto = registry::load_libcrypto();
    if (!root || !crypto) return root ? crypto.error() : root.error();
    if (!proof || !statement) return proof ? statement.error().reason : proof.error().reason;
    const auto owner = registry::check_keyless(*crypto, *root, *proof, *statement);
    return owner ? owner->identities.at(0) + " by " + owner->issuer : owner.error();
  }

  std::filesystem::path folder_;
};

TEST_F(SigstoreBundles, SayWhoSigned) {
  EXPECT_EQ(
      check(kRoot, read(kWorkflow)),
      "https://github.com/trailofbits/pypi-attestation-models/.github/workflows/release.yml@refs/"
      "tags/v0.0.4a2 by https://token.actions.githubusercontent.com");
  EXPECT_EQ(check(kStagingRoot, read(kPerson)),
            "william@yossarian.net by https://github.com/login/oauth");
}

TEST_F(SigstoreBundles, CountOnlyForTheirTrustedRoot) {
  EXPECT_THAT(check(kStagingRoot, read(kWorkflow)),
              HasSubstr("its transparency log is not one of the trusted root"));
  EXPECT_THAT(check(kRoot, read(kPerson)),
              HasSubstr("its transparency log is not one of the trusted root"));
}

// One bit of each part.
TEST_F(SigstoreBundles, AreRefusedIfTheyWereAltered) {
  const json bundle = json::parse(read(kWorkflow));
  const std::string material = "/verificationMaterial";
  const std::string entry = material + "/tlogEntries/0";
  for (const std::string& path :
       {material + "/certificate/rawBytes", entry + "/canonicalizedBody", entry + "/logId/keyId",
        entry + "/inclusionPromise/signedEntryTimestamp", entry + "/inclusionProof/hashes/0",
        std::string("/dsseEnvelope/payload"), std::string("/dsseEnvelope/signatures/0/sig")}) {
    const json::json_pointer place(path);
    const Bytes whole = *decode_base64(bundle.at(place).get<std::string>());
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 8) {
      Bytes flipped = whole;
      flipped[at] ^= 1U;
      json altered = bundle;
      altered[place] = encode_base64(flipped);
      EXPECT_THAT(check(kRoot, altered.dump()), testing::Not(HasSubstr(" by https")))
          << path << ' ' << at;
    }
  }
  for (const char* const name : {"logIndex", "integratedTime"}) {
    json altered = bundle;
    altered["verificationMaterial"]["tlogEntries"][0][name] = "1718048846";
    EXPECT_THAT(check(kRoot, altered.dump()), HasSubstr("its promise is not signed")) << name;
  }
}

}  // namespace
}  // namespace tenon::sigstore_bundles_test
