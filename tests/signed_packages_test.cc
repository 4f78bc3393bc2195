// `ext add` of packages that a policy requires to be signed.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "extension/signature_policy.h"
#include "registry/curl_client.h"
#include "registry/oci_client.h"
#include "registry/public_key.h"
#include "registry/source.h"
#include "tenon/extension.h"
#include "tests/support/extension_stores.h"
#include "tests/support/fake_registry.h"
#include "tests/support/package_signer.h"
#include "tests/support/test_sigstore.h"

namespace tenon::signed_packages_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kRepository = "acme/math";

// A store with a policy, and a registry with the package `acme:math` 1.0.0.
class SignedPackages : public ExtensionStores {
 protected:
  SignedPackages() {
    write("config/wasm-pkg/config.toml",
          fmt::format("default_registry = \"{0}\"\n[registry.\"{0}\".oci]\n"
                      "[namespace_registries]\nlocal = \"here\"\n"
                      "[registry.here]\ntype = \"local\"\nlocal = {{ root = \"{1}\" }}\n",
                      registry_.host(), place("packages")));
    store_ = ExtensionStore({.folder = place("store"), .variables = variables()});
    digest_ = publish("acme:math");
    write("store/acme.pub", signer_.pem());
  }
  [[nodiscard]] HostVariables variables() const { return {{"XDG_CONFIG_HOME", place("config")}}; }

  // Publishes an extension, and returns the digest of its manifest.
  std::string publish(std::string_view package) {
    const std::string path = write("math.wat", component("acme:math/lib@1.0.0", 1));
    const auto published = publish_extension(path, package, variables());
    EXPECT_TRUE(published) << outcome(published);
    return published->origin.substr(published->origin.find('@') + 1);
  }
  void write_policy(std::string_view rules) const {
    write("store/policy.toml", fmt::format("[[signatures]]\n{}\n", rules));
  }
  [[nodiscard]] std::string reference() const {
    return fmt::format("oci://{}/{}:1.0.0", registry_.host(), kRepository);
  }

  FakeRegistry registry_;
  std::unique_ptr<registry::HttpClient> http_ = registry::make_curl_client({});
  registry::OciClient client_ = *registry::OciClient::open(*http_, {.registry = registry_.host()});
  PackageSigner signer_;
  PackageSigner stranger_;
  std::string digest_;
};

TEST_F(SignedPackages, APackageWithoutASignatureIsRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  EXPECT_THAT(
      add({"acme:math"}),
      HasSubstr(fmt::format("ext-signature: `oci://{}/{}:1.0.0@{}` is not signed; the policy "
                            "requires a signature by acme.pub",
                            registry_.host(), kRepository, digest_)));
  EXPECT_THAT(add({reference()}), HasSubstr("ext-signature"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(SignedPackages, BothFormsOfSignaturesAreAccepted) {
  write_policy("packages = [\"acme:*\"]\nsigned-by = [\"acme.pub\"]");
  signer_.push_simple_signing(client_, kRepository, digest_);
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(call("math", "acme:math/lib"), "2");
  registry_.forget(kRepository, "sha256-" + digest_.substr(7) + ".sig");
  EXPECT_THAT(add({reference()}), HasSubstr("is not signed"));
  signer_.push_bundle(client_, kRepository, digest_);
  EXPECT_EQ(add({reference()}), "fine");
  // From the exact source in the index, as `--locked` does.
  EXPECT_EQ(add({store_.list()->front().source}), "fine");
}

TEST_F(SignedPackages, ReferrersCanComeFromTheApi) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_bundle(client_, kRepository, digest_);
  std::string tag = "sha256-" + digest_.substr(7);
  registry_.lie(fmt::format("GET /v2/{}/referrers/{}", kRepository, digest_),
                make_reply(200, registry_.find_manifest(kRepository, tag)));
  registry_.forget(kRepository, tag);
  EXPECT_EQ(add({"acme:math"}), "fine");
}

TEST_F(SignedPackages, SignaturesByOthersAreRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  stranger_.push_simple_signing(client_, kRepository, digest_);
  stranger_.push_bundle(client_, kRepository, digest_);
  EXPECT_THAT(add({"acme:math"}),
              AllOf(HasSubstr("has no signature by an accepted key"),
                    HasSubstr("signature 1 is not used: it is not by an accepted key"),
                    HasSubstr("signature 2 is not used: it is not by an accepted key")));
  // One of several keys is enough.
  write("store/keys/stranger.pub", stranger_.pem());
  write_policy("signed-by = [\"acme.pub\", \"keys/stranger.pub\"]");
  EXPECT_EQ(add({"acme:math"}), "fine");
}

TEST_F(SignedPackages, ASignatureOfAnotherPackageIsRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  const std::string other = "sha256:" + std::string(64, 'b');
  signer_.push_simple_signing(client_, kRepository, other, digest_);
  EXPECT_THAT(add({"acme:math"}), HasSubstr("it is signed by acme.pub, but for another manifest"));
}

// The manifest and its signature are those of another version, and both are genuine.
TEST_F(SignedPackages, AnOldVersionUnderANewTagIsRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_bundle(client_, kRepository, digest_);
  signer_.push_simple_signing(client_, kRepository, digest_);
  const std::string manifest = registry_.find_manifest(kRepository, "1.0.0");
  registry_.add_manifest(kRepository, "1.1.0", manifest);
  EXPECT_THAT(add({"acme:math"}),
              AllOf(HasSubstr("ext-signature"), HasSubstr(":1.1.0@"),
                    HasSubstr("is another version: its manifest says `1.0.0`")));
  EXPECT_THAT(add({fmt::format("oci://{}/{}", registry_.host(), kRepository)}),
              HasSubstr("is another version"));
  EXPECT_EQ(add({"acme:math@1.0.0"}), "fine");
  // Other tags and digests do not say which version is asked for.
  registry_.add_manifest(kRepository, "newest", manifest);
  for (const std::string& end : {std::string(":newest"), "@" + digest_})
    EXPECT_EQ(add({fmt::format("oci://{}/{}{}", registry_.host(), kRepository, end)}), "fine");
  EXPECT_EQ(outcome(store_.check()), "fine");
  // Without a rule, nothing is compared. With one, what is installed is.
  write_policy("packages = [\"other:*\"]\nsigned-by = [\"acme.pub\"]");
  EXPECT_EQ(add({"acme:math"}), "fine");
  write_policy("signed-by = [\"acme.pub\"]");
  EXPECT_THAT(outcome(store_.check()), HasSubstr("is another version"));
}

TEST_F(SignedPackages, ASignatureNamesItsPackage) {
  write_policy("signed-by = [\"acme.pub\"]");
  for (const char* const identity : {"registry.example/acme/other", "registry.example/other/math",
                                     "acme/math/lib", "registry.example/math"}) {
    signer_.push_simple_signing(client_, kRepository, digest_, {}, identity);
    EXPECT_THAT(
        add({"acme:math"}),
        HasSubstr(fmt::format("it is signed by acme.pub, but for the repository `{}`", identity)));
  }
  // Copies of a repository have the name that it had.
  for (const char* const identity :
       {"registry.example/acme/math", "ghcr.io:443/x/y/acme/math:1.0.0",
        "registry.example/acme/math@sha256:00"}) {
    signer_.push_simple_signing(client_, kRepository, digest_, {}, identity);
    EXPECT_EQ(add({"acme:math"}), "fine") << identity;
  }
}

// A statement about how a package was built is signed by its builder, who may be somebody else.
TEST_F(SignedPackages, AnotherStatementIsNotASignature) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_bundle(client_, kRepository, digest_, "https://slsa.dev/provenance/v1");
  EXPECT_THAT(add({"acme:math"}), HasSubstr("it is not a signature: its predicate is"));
}

// The signature is valid, but the manifest that the tag names now is another one.
TEST_F(SignedPackages, AReplacedPackageIsRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_simple_signing(client_, kRepository, digest_);
  std::string manifest = registry_.find_manifest(kRepository, "1.0.0");
  manifest.insert(manifest.size() - 1, " ");
  registry_.add_manifest(kRepository, "1.0.0", manifest);
  EXPECT_THAT(add({"acme:math"}), HasSubstr("is not signed"));
}

TEST_F(SignedPackages, DamagedSignaturesAreRefused) {
  write_policy("signed-by = [\"acme.pub\"]");
  const std::string tag = "sha256-" + digest_.substr(7);
  for (const char* const text : {"{}", "null", R"({"schemaVersion":2,"layers":[{"mediaType":1}]})",
                                 R"({"schemaVersion":2,"layers":[{"mediaType":)"
                                 R"("application/vnd.dev.cosign.simplesigning.v1+json"}]})"}) {
    registry_.add_manifest(kRepository, tag + ".sig", text);
    registry_.add_manifest(kRepository, tag, text);
    EXPECT_THAT(add({"acme:math"}), HasSubstr("ext-signature")) << text;
  }
  registry_.lie(fmt::format("GET /v2/{}/manifests/{}.sig", kRepository, tag), make_reply(500, ""));
  EXPECT_THAT(add({"acme:math"}), HasSubstr("ext-fetch"));
}

TEST_F(SignedPackages, RulesAreForPackagesAndRegistries) {
  for (const std::string& rule :
       {std::string("packages = [\"other:*\"]"), std::string("registries = [\"*.example\"]"),
        fmt::format("packages = [\"other:*\"]\nregistries = [\"{}\"]", registry_.host())}) {
    write_policy(rule + "\nsigned-by = [\"acme.pub\"]");
    EXPECT_EQ(add({"acme:math"}), "fine") << rule;
  }
  for (const std::string& rule :
       {std::string("packages = [\"x:y\", \"acme:m*\"]"),
        fmt::format("packages = [\"acme:math\"]\nregistries = [\"{}\"]", registry_.host())}) {
    write_policy(rule + "\nsigned-by = [\"acme.pub\"]");
    EXPECT_THAT(add({"acme:math"}), HasSubstr("ext-signature")) << rule;
    // The name of a package is the end of its repository.
    EXPECT_THAT(add({reference()}), HasSubstr("ext-signature")) << rule;
  }
  // Every rule that matches must be satisfied.
  signer_.push_simple_signing(client_, kRepository, digest_);
  write("store/stranger.pub", stranger_.pem());
  write_policy("signed-by = [\"acme.pub\"]\n[[signatures]]\nsigned-by = [\"stranger.pub\"]");
  EXPECT_THAT(add({"acme:math"}), HasSubstr("requires a signature by stranger.pub"));
}

// The metadata of a registry says which host has its packages, so its owner could choose one that no
// rule names.
TEST_F(SignedPackages, TheRegistryDoesNotChooseTheRules) {
  const std::string other = "localhost" + registry_.host().substr(registry_.host().find(':'));
  registry_.lie("GET /.well-known/wasm-pkg/registry.json",
                make_reply(200, fmt::format(R"({{"ociRegistry":"{}"}})", other)));
  const std::string rule =
      fmt::format("registries = [\"{}\"]\nsigned-by = [\"acme.pub\"]", registry_.host());
  write_policy(rule);
  EXPECT_THAT(add({"acme:math"}), HasSubstr("ext-signature"));
  // The host that is contacted counts as well.
  write_policy(fmt::format("registries = [\"{}\"]\nsigned-by = [\"acme.pub\"]", other));
  EXPECT_THAT(add({"acme:math"}), HasSubstr("ext-signature"));
  write_policy(rule);
  signer_.push_bundle(client_, kRepository, digest_);
  ASSERT_EQ(add({"acme:math"}), "fine");
  EXPECT_THAT(store_.find("math")->source, HasSubstr(other));
  EXPECT_EQ(store_.find("math")->registry, registry_.host());
  EXPECT_EQ(outcome(store_.check()), "fine");
  // The source in index.json and ext.lock has the other host.
  registry_.forget(kRepository, "sha256-" + digest_.substr(7));
  EXPECT_THAT(outcome(store_.check()), HasSubstr("is not signed"));
  write("store/acme.pub", stranger_.pem());
  EXPECT_THAT(outcome(store_.check({.offline = true})), HasSubstr("ext-signature"));
  fs::create_directory(place("second"));
  for (const char* const file : {"ext.lock", "policy.toml", "acme.pub"})
    fs::copy_file(fs::path(place("store")) / file, fs::path(place("second")) / file);
  ExtensionStore second({.folder = place("second"), .variables = variables()});
  EXPECT_THAT(outcome(second.add({}, {.locked = true})), HasSubstr("ext-signature"));
  write("second/policy.toml", "");
  ASSERT_EQ(outcome(second.add({}, {.locked = true})), "fine");
  EXPECT_EQ(second.find("math")->registry, registry_.host());
}

TEST_F(SignedPackages, ADefaultPortMakesNoDifference) {
  const auto applies = [&](const std::string& rule, const std::vector<std::string>& registries) {
    return extension::SignaturePolicy::make(
               {{.registries = {rule}, .signed_by = {{"ours", signer_.pem()}}}})
        ->applies_to({"acme:math", registries});
  };
  for (const char* const rule : {"registry.example", "Registry.example:443", "*.example"})
    for (const char* const name :
         {"registry.example", "registry.example:443", "REGISTRY.example:80"}) {
      EXPECT_TRUE(applies(rule, {name})) << rule << ' ' << name;
      EXPECT_TRUE(applies(rule, {"configured", name})) << rule << ' ' << name;
      EXPECT_TRUE(applies(rule, {name, "other.host"})) << rule << ' ' << name;
    }
  for (const char* const name : {"registry.example:5000", "registry.example.evil", "other.host"})
    EXPECT_FALSE(applies("registry.example", {name})) << name;
  EXPECT_TRUE(applies("registry.example:5000", {"registry.example:5000"}));
}

TEST_F(SignedPackages, WhatCannotBeSignedIsRefused) {
  (void)publish("local:math");
  write_policy("signed-by = [\"acme.pub\"]");
  EXPECT_THAT(add({"local:math"}), HasSubstr("ext-signature: `local:math` cannot be checked for a "
                                             "signature: packages in folders have none"));
  AddOptions options;
  options.unpinned = true;
  EXPECT_THAT(add({registry_.server().url("/math.wasm")}, options),
              HasSubstr("components at URLs have none"));
  // The user names a file that is there.
  EXPECT_EQ(add({place("math.wat")}), "fine");
  // The folder has a name in the configuration of wkg.
  write_policy("registries = [\"127.*\"]\nsigned-by = [\"acme.pub\"]");
  EXPECT_EQ(add({"local:math"}), "fine");
}

TEST_F(SignedPackages, WrongRulesAreReported) {
  write_policy("packages = \"acme:*\"\nsigned-by = []\nsigned = 1");
  EXPECT_THAT(add({"acme:math"}), AllOf(HasSubstr("must name the file of at least one public key"),
                                        HasSubstr("config-unknown-key")));
  write_policy("signed-by = [\"none.pub\"]");
  EXPECT_THAT(
      add({"acme:math"}),
      HasSubstr("config-value: `signed-by` names the key `none.pub`, which does not exist"));
  write("store/bad.pub", "-----BEGIN PRIVATE KEY-----\n");
  write_policy("signed-by = [\"bad.pub\"]");
  EXPECT_THAT(add({"acme:math"}), HasSubstr("the key `bad.pub` of a rule for signatures is a "
                                            "private key"));
  // A link out of the store is not followed.
  const std::string outside = write("outside.pub", signer_.pem());
  std::filesystem::create_symlink(outside, place("store/link.pub"));
  write_policy("signed-by = [\"link.pub\"]");
  EXPECT_THAT(add({"acme:math"}), HasSubstr("read-file"));
  // Other commands do not need the keys.
  EXPECT_THAT(names(), IsEmpty());
  // Without a list, the default libraries are allowed.
  write_policy("packages = [\"other:*\"]\nsigned-by = [\"acme.pub\"]");
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(store_.libraries()->front().why_not, "");
}

TEST_F(SignedPackages, TheKeyIsRecorded) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_simple_signing(client_, kRepository, digest_);
  for (const std::string& source : {std::string("acme:math"), reference()}) {
    EXPECT_EQ(add({source}), "fine");
    const auto key = registry::PublicKey::parse(signer_.pem());
    EXPECT_THAT(store_.find("math")->signed_by,
                ElementsAre(ExtensionSigner{"acme.pub", key->fingerprint()}));
  }
  // Without a rule, nobody looks.
  write_policy("packages = [\"other:*\"]\nsigned-by = [\"acme.pub\"]");
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_THAT(store_.find("math")->signed_by, IsEmpty());
}

TEST_F(SignedPackages, SignaturesAreCheckedAgain) {
  const CheckOptions offline{.offline = true};
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(outcome(store_.check()), "fine");
  // A rule applies to what is installed, too.
  write_policy("signed-by = [\"acme.pub\"]");
  EXPECT_THAT(outcome(store_.check()), HasSubstr("is not signed"));
  EXPECT_THAT(outcome(store_.check(offline)),
              HasSubstr("ext-signature: `math` 1.0.0 has no recorded signature from an accepted "
                        "key; the policy requires a signature by acme.pub"));
  signer_.push_bundle(client_, kRepository, digest_);
  EXPECT_EQ(outcome(store_.check()), "fine");
  EXPECT_THAT(outcome(store_.check(offline)), HasSubstr("ext-signature"));
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(outcome(store_.check(offline)), "fine");
  // A key that is not trusted any more.
  write("store/acme.pub", stranger_.pem());
  EXPECT_THAT(outcome(store_.check()), HasSubstr("it is not by an accepted key"));
  EXPECT_THAT(outcome(store_.check(offline)), HasSubstr("it is signed by acme.pub, sha256 "));
  write("store/acme.pub", signer_.pem());
  // The registry has lost the package.
  registry_.forget(kRepository, digest_);
  registry_.forget(kRepository, "1.0.0");
  EXPECT_THAT(outcome(store_.check()), HasSubstr("ext-not-found: the signature of `math`"));
  EXPECT_EQ(outcome(store_.check(offline)), "fine");
}

// A component that somebody put into the store, as the one of a package that is signed.
TEST_F(SignedPackages, AnotherComponentIsFound) {
  write_policy("signed-by = [\"acme.pub\"]");
  signer_.push_bundle(client_, kRepository, digest_);
  EXPECT_EQ(add({"acme:math"}), "fine");
  const std::string source = store_.find("math")->source;
  EXPECT_EQ(add({write("other.wat", component("acme:math/lib@1.0.0", 2))}), "fine");
  std::stringstream text;
  text << std::ifstream(place("store/index.json")).rdbuf();
  std::string index = text.str();
  const std::string path = store_.find("other")->source;
  index.replace(index.find(path), path.size(), source);
  write("store/index.json", index);
  EXPECT_THAT(outcome(store_.check()),
              HasSubstr("ext-digest: the component of `other` does not match its package"));
}

TEST_F(SignedPackages, WhatCannotBeSignedIsFoundAgain) {
  (void)publish("local:math");
  EXPECT_EQ(add({"local:math"}), "fine");
  EXPECT_EQ(add({write("file.wat", component("acme:file/lib@1.0.0", 1))}), "fine");
  write_policy("packages = [\"local:*\"]\nsigned-by = [\"acme.pub\"]");
  for (const bool is_offline : {false, true})
    EXPECT_THAT(outcome(store_.check({.offline = is_offline})),
                AllOf(HasSubstr("cannot be checked for a signature: folders and URLs have none"),
                      Not(HasSubstr("file.wat"))));
  write_policy("packages = [\"acme:*\"]\nsigned-by = [\"acme.pub\"]");
  EXPECT_EQ(outcome(store_.check()), "fine");
}

TEST_F(SignedPackages, AProgramCanHaveRules) {
  const auto open_with = [&](SignatureRule rule) {
    store_ = ExtensionStore({.folder = place("store"),
                             .policy = ExtensionPolicy{.signatures = {std::move(rule)}},
                             .variables = variables()});
  };
  open_with({.packages = {"acme:*"}, .signed_by = {{"ours", signer_.pem()}}});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("requires a signature by ours"));
  signer_.push_bundle(client_, kRepository, digest_);
  EXPECT_EQ(add({"acme:math"}), "fine");
  open_with({});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("a rule for signatures has no keys and no identities"));
}

// Signers without keys: their names are in certificates.
class KeylessPackages : public SignedPackages {
 protected:
  static constexpr const char* kIdentity =
      "https://github.com/acme/math/.github/workflows/release.yml@refs/tags/v1.0.0";
  static constexpr const char* kIssuer = "https://token.actions.githubusercontent.com";

  KeylessPackages() {
    write("store/root.json", sigstore_.trusted_root());
    write_identities("");
  }
  // more: keys of the identity, after a comma.
  void write_identities(std::string_view more, std::string_view identity = kIdentity,
                        std::string_view issuer = kIssuer) const {
    write_policy(
        fmt::format("trusted-root = \"root.json\"\n"
                    "identities = [{{ identity = \"{}\", issuer = \"{}\"{} }}]",
                    identity, issuer, more));
  }
  void push_bundle(const KeylessOptions& options = {}) {
    push_cosign_bundle(client_, kRepository, digest_,
                       sigstore_.make_bundle(digest_, options).dump());
  }
  void push_simple_signing(const std::string& identity, const KeylessOptions& options = {}) {
    const std::string payload = make_simple_signing(digest_, identity);
    push_cosign_layer(client_, kRepository, digest_, payload,
                      sigstore_.make_annotations(payload, options));
  }

  const TestSigstore sigstore_;
};

TEST_F(KeylessPackages, BothFormsOfSignaturesAreAccepted) {
  EXPECT_THAT(
      add({"acme:math"}),
      HasSubstr(fmt::format("is not signed; the policy requires a signature by `{}` of `{}`",
                            kIdentity, kIssuer)));
  push_simple_signing("registry.example/acme/math");
  EXPECT_EQ(add({"acme:math"}), "fine");
  registry_.forget(kRepository, "sha256-" + digest_.substr(7) + ".sig");
  for (const auto log : {KeylessOptions::Log::Rekor, KeylessOptions::Log::Rekor2}) {
    push_bundle({.log = log});
    EXPECT_EQ(add({"acme:math"}), "fine");
  }
  EXPECT_THAT(store_.find("math")->signed_by,
              ElementsAre(ExtensionSigner{.identity = kIdentity, .issuer = kIssuer}));
}

TEST_F(KeylessPackages, OnlyTheIdentitiesOfThePolicyAreAccepted) {
  push_bundle();
  for (const char* const identity :
       {"https://github.com/acme/math/.github/workflows/release.yml@refs/tags/*",
        "https://github.com/acme/*", "*"}) {
    write_identities("", identity);
    EXPECT_EQ(add({"acme:math"}), "fine") << identity;
  }
  for (const char* const identity :
       {"https://github.com/acme/math/.github/workflows/release.yml@refs/heads/*",
        "https://github.com/acme/math", "github.com/acme/*", "acme"}) {
    write_identities("", identity);
    EXPECT_THAT(add({"acme:math"}),
                AllOf(HasSubstr("has no signature by an accepted signer"),
                      HasSubstr(fmt::format("it is signed by `{}` of `{}`, which the policy does "
                                            "not accept",
                                            kIdentity, kIssuer))))
        << identity;
  }
  for (const char* const issuer :
       {"https://token.actions.githubusercontent.com/", "*", "https://accounts.example"}) {
    write_identities("", kIdentity, issuer);
    EXPECT_THAT(add({"acme:math"}), HasSubstr("which the policy does not accept")) << issuer;
  }
  // Nor is what another Sigstore vouches for.
  write_identities("");
  write("store/root.json", TestSigstore().trusted_root());
  EXPECT_THAT(add({"acme:math"}), HasSubstr("its transparency log is not one of the trusted root"));
}

TEST_F(KeylessPackages, AKeyOrAnIdentityIsEnough) {
  const std::string identity = fmt::format(
      "trusted-root = \"root.json\"\nidentities = [{{ identity = \"{}\", issuer = \"{}\" }}]",
      kIdentity, kIssuer);
  write_policy("signed-by = [\"acme.pub\"]\n" + identity);
  stranger_.push_bundle(client_, kRepository, digest_);
  EXPECT_THAT(add({"acme:math"}),
              AllOf(HasSubstr("requires a signature by acme.pub or `https://github.com/acme"),
                    HasSubstr("it is not by an accepted key; it has no certificate")));
  signer_.push_bundle(client_, kRepository, digest_);
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(store_.find("math")->signed_by.front().key, "acme.pub");
  push_bundle();
  EXPECT_EQ(add({"acme:math"}), "fine");
  EXPECT_EQ(store_.find("math")->signed_by.front().identity, kIdentity);
  // Without identities, certificates are not read.
  write_policy("signed-by = [\"acme.pub\"]");
  EXPECT_THAT(add({"acme:math"}), HasSubstr("it is not by an accepted key"));
}

TEST_F(KeylessPackages, DamagedSignaturesAreRefused) {
  push_bundle({.fault = KeylessFault::PromiseKey});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("its promise is not signed by the key of its log"));
  push_simple_signing("registry.example/acme/math", {.fault = KeylessFault::Expired});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("certificate has expired"));
}

// What a workflow says of how it built a package counts only if the policy says so.
TEST_F(KeylessPackages, AnotherStatementCanBeAccepted) {
  const std::string provenance = "https://slsa.dev/provenance/v1";
  push_bundle({.predicate = provenance});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("but the policy accepts another `statement`: its "
                                            "predicate is `https://slsa.dev/provenance/v1`"));
  write_identities(", statement = \"" + provenance + '"');
  EXPECT_EQ(add({"acme:math"}), "fine");
  // It can name the package.
  push_bundle({.predicate = provenance, .subject = "ghcr.io/copies/acme/math"});
  EXPECT_EQ(add({"acme:math"}), "fine");
  push_bundle({.predicate = provenance, .subject = "ghcr.io/acme/other"});
  EXPECT_THAT(add({"acme:math"}), HasSubstr("but for the repository `ghcr.io/acme/other`"));
  push_bundle();
  EXPECT_THAT(add({"acme:math"}), HasSubstr("accepts another `statement`"));
}

TEST_F(KeylessPackages, TheSubjectIsCheckedAsWithKeys) {
  push_simple_signing("registry.example/acme/other");
  EXPECT_THAT(add({"acme:math"}),
              HasSubstr("but for the repository `registry.example/acme/other`"));
  const std::string payload =
      make_simple_signing("sha256:" + std::string(64, 'b'), "registry.example/acme/math");
  push_cosign_layer(client_, kRepository, digest_, payload, sigstore_.make_annotations(payload));
  EXPECT_THAT(add({"acme:math"}), HasSubstr("but for another manifest"));
  push_simple_signing("registry.example/acme/math");
  registry_.add_manifest(kRepository, "1.1.0", registry_.find_manifest(kRepository, "1.0.0"));
  EXPECT_THAT(add({"acme:math"}), HasSubstr("is another version"));
}

TEST_F(KeylessPackages, SignaturesAreCheckedAgain) {
  push_bundle();
  EXPECT_EQ(add({"acme:math"}), "fine");
  const CheckOptions offline{.offline = true};
  EXPECT_EQ(outcome(store_.check()), "fine");
  EXPECT_EQ(outcome(store_.check(offline)), "fine");
  write_identities("", "https://github.com/other/*");
  EXPECT_THAT(outcome(store_.check()), HasSubstr("which the policy does not accept"));
  EXPECT_THAT(outcome(store_.check(offline)),
              AllOf(HasSubstr("has no recorded signature from an accepted signer"),
                    HasSubstr(fmt::format("it is signed by `{}` of `{}`", kIdentity, kIssuer))));
}

TEST_F(KeylessPackages, ThePolicyMustBeComplete) {
  push_bundle();
  const auto outcome_with = [&](std::string_view rule) {
    write_policy(rule);
    return add({"acme:math"});
  };
  EXPECT_THAT(outcome_with("identities = [{ identity = \"a\", issuer = \"b\" }]"),
              HasSubstr("config-value: `trusted-root` in `[[signatures]]` must name a file"));
  EXPECT_THAT(outcome_with("trusted-root = \"root.json\"\nidentities = [{ identity = \"a\" }]"),
              HasSubstr("`issuer` in `[[signatures.identities]]` is missing"));
  EXPECT_THAT(outcome_with("trusted-root = \"root.json\"\n"
                           "identities = [{ identity = \"\", issuer = \"b\" }]"),
              HasSubstr("config-value: the identity `` of a rule for signatures has no text"));
  EXPECT_THAT(
      outcome_with("trusted-root = \"no.json\"\n"
                   "identities = [{ identity = \"a\", issuer = \"b\" }]"),
      HasSubstr("config-value: `trusted-root` names the file `no.json`, which does not exist"));
  write("store/root.json", "{}");
  EXPECT_THAT(
      outcome_with("trusted-root = \"root.json\"\n"
                   "identities = [{ identity = \"a\", issuer = \"b\" }]"),
      HasSubstr("config-value: the trusted root `root.json` of a rule for signatures has the "
                "`mediaType` ``"));
}

}  // namespace
}  // namespace tenon::signed_packages_test
