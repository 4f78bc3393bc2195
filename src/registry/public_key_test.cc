// Keys and signatures as `openssl` makes them.
#include "registry/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/base64.h"
#include "support/files.h"

namespace tenon::registry::public_key_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kKey = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVZDiLZSpbE/TXKIjSyZJ8DsPPq4e
3Lch/dT2xIAYKauh1ZdGNv3+OrAFGcSwajMh+4pEVxLLNXTn00wfHX33vA==
-----END PUBLIC KEY-----
)";
constexpr std::string_view kOtherKey = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiXKiIHQbqylzSt1q3MpGvh8ZtVnV
p/hjOtjaPZcsgy+gX8R6IF9UgvTTahw8NavY6DEvUhCPTW3uh7+H2i0iJw==
-----END PUBLIC KEY-----
)";
// `openssl pkey -pubin -outform DER | sha256sum`
constexpr std::string_view kFingerprint =
    "b0552f460c5b0ab75335289943675989116af263341b25ffa14f67c0f21f6b12";
constexpr std::string_view kMessage = "a message";
constexpr std::string_view kSignature =
    "MEUCIDLuP+9k6pj59btXl9Xjl6DFzM3yi2p1vSj2vHC9ib2IAiEA+3c5oSDqdoJIezLviujduj9x7vR/"
    "mequdaNTcCUn5S0"
    "=";

// "yes", "no", or why it cannot be checked.
std::string verify(std::string_view key, std::string_view message, const Bytes& signature) {
  const Result<PublicKey, std::string> parsed = PublicKey::parse(key);
  if (!parsed) return parsed.error();
  const Result<bool, std::string> verified = parsed->verifies(as_bytes(message), signature);
  if (!verified) return verified.error();
  return *verified ? "yes" : "no";
}

TEST(PublicKey, AcceptsTheSignatureOfItsOwner) {
  const Bytes signature = *decode_base64(kSignature);
  EXPECT_EQ(verify(kKey, kMessage, signature), "yes");
  std::string windows(kKey);
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
    windows.replace(at, 1, "\r\n");
  EXPECT_EQ(verify("a comment\n" + windows, kMessage, signature), "yes");
  EXPECT_EQ(verify(kOtherKey, kMessage, signature), "no");
  EXPECT_EQ(verify(kKey, "another message", signature), "no");
}

TEST(PublicKey, HasTheFingerprintOfOtherPrograms) {
  EXPECT_EQ(PublicKey::parse(kKey)->fingerprint(), kFingerprint);
}

TEST(PublicKey, RejectsDamagedSignatures) {
  const Bytes signature = *decode_base64(kSignature);
  for (std::size_t at = 0; at < signature.size(); ++at) {
    Bytes damaged = signature;
    damaged[at] ^= 1U;
    EXPECT_EQ(verify(kKey, kMessage, damaged), "no") << at;
    EXPECT_EQ(verify(kKey, kMessage,
                     Bytes(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(at))),
              "no")
        << at;
  }
  Bytes longer = signature;
  longer.push_back(0);
  EXPECT_EQ(verify(kKey, kMessage, longer), "no");
}

TEST(PublicKey, RejectsOtherKeys) {
  const auto error = [](std::string_view text) { return verify(text, kMessage, {}); };
  EXPECT_THAT(error(""), HasSubstr("is not a public key: expected a PEM file"));
  EXPECT_THAT(error("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"),
              HasSubstr("is not a public key"));
  EXPECT_THAT(error("-----END PUBLIC KEY-----\n-----BEGIN PUBLIC KEY-----\n"),
              HasSubstr("is not a public key"));
  EXPECT_EQ(error("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"),
            "is a private key; expected the public one");
  EXPECT_EQ(error("-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----\n"),
            "is damaged: it is not base64");
  // Ed25519, and P-384.
  EXPECT_EQ(error("-----BEGIN PUBLIC KEY-----\n"
                  "MCowBQYDK2VwAyEAgk+EsTBYGLmzP7hgZWP26Kx8NxIMXuvy2qUH97icaTk=\n"
                  "-----END PUBLIC KEY-----\n"),
            "is not an ECDSA key on the curve P-256");
  EXPECT_EQ(error("-----BEGIN PUBLIC KEY-----\n"
                  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEXGqXZcKru0GdSMVVuNEZ3I/qvmdOONnW\n"
                  "OFqrcUs05FFMi+qLkyxkHcCO0kTQMu4gkERqwSvL60goKa7BjPKnpeiA8dHv4eet\n"
                  "ku7l9E4H+2h352MV86bxfOtFTdFuSnGK\n-----END PUBLIC KEY-----\n"),
            "is not an ECDSA key on the curve P-256");
}

// The point of the key is not on the curve: nothing is signed by it.
TEST(PublicKey, AcceptsNothingForAPointThatIsNotOnTheCurve) {
  std::string key(kKey);
  key.replace(key.find("3Lch"), 4, "3Lci");
  EXPECT_EQ(verify(key, kMessage, *decode_base64(kSignature)), "no");
}

}  // namespace
}  // namespace tenon::registry::public_key_test
