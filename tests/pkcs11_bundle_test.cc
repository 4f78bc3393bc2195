// Tests of the bundle `pkcs11` (bundles/pkcs11) with a SoftHSM token. OpenSSL verifies the
// signatures that a guest makes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/bundle_app.h"
#include "tests/support/temporary_folder.h"

namespace tenon::pkcs11_bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Bytes = std::vector<std::uint8_t>;

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* kPin = "8642-guests-never-see-this";

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }
Value list_of(Bytes bytes) { return Value::list(std::move(bytes)); }

// Calls a function and returns the bytes of its result `ok(list<u8>)`; anything else fails the test.
Bytes ok_bytes(const Composition& app, std::string_view function,
               const std::vector<Value>& arguments) {
  const Result<WaveCall> name = parse_wave_call(std::string(function) + "()");
  const Result<Function> exported = app.find_function(*name);
  if (!exported) {
    ADD_FAILURE() << problems_text(exported.error());
    return {};
  }
  const CallResult<std::optional<Value>> returned = exported->call(arguments);
  const auto* const result = returned && *returned ? (*returned)->get_if<ValueResult>() : nullptr;
  const auto* const list = result != nullptr && result->is_ok && result->payload.get() != nullptr
                               ? result->payload.get()->get_if<ValueList>()
                               : nullptr;
  const Bytes* const bytes = list == nullptr ? nullptr : list->get_if<std::uint8_t>();
  if (bytes == nullptr) ADD_FAILURE() << function << ": " << result_text(returned);
  return bytes == nullptr ? Bytes() : *bytes;
}

// Each test has a token of its own. SoftHSM reads its location when it is initialized.
class Pkcs11Bundle : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(kModule)) << "SoftHSM is missing; run: ./dev setup";
    fs::create_directory(place("tokens"));
    std::ofstream(place("softhsm2.conf"))
        << "directories.tokendir = " << place("tokens") << "\nobjectstore.backend = file\n";
    ::setenv("SOFTHSM2_CONF", place("softhsm2.conf").c_str(), 1);
    ::setenv("SPY_LOG", place("log").c_str(), 1);
    ASSERT_EQ(make_token("signing"), 0);
    std::ofstream(place("pin")) << kPin << '\n';
    fs::permissions(place("pin"), fs::perms::owner_read | fs::perms::owner_write);
  }
  void TearDown() override {
    ::unsetenv("SOFTHSM2_CONF");
    ::unsetenv("SPY_LOG");
  }

  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }

  // Creates the token with SoftHSM's own command.
  [[nodiscard]] static int make_token(const char* label) {
    const pid_t child = ::fork();
    if (child == 0) {
      const int nowhere = ::open("/dev/null", O_WRONLY);
      ::dup2(nowhere, STDOUT_FILENO);
      ::execlp("softhsm2-util", "softhsm2-util", "--init-token", "--free", "--label", label,
               "--pin", kPin, "--so-pin", "13579", nullptr);
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  [[nodiscard]] BundleConfig config(const BundleConfig& more = {}) const {
    BundleConfig all = {{"module", kModule}, {"pin-file", place("pin")}};
    for (const auto& [key, value] : more) {
      const auto same = std::ranges::find(all, key, &BundleConfig::value_type::first);
      if (same != all.end()) all.erase(same);
      if (!value.empty()) all.emplace_back(key, value);
    }
    return all;
  }
  [[nodiscard]] Composition start(const BundleConfig& more = {}) const {
    return start_bundle_app("signer", "pkcs11", config(more));
  }
  static std::string open(const Composition& app, const char* access = "read-only") {
    return call_app(app, "open", {Value::none(), Value::enumerator(access)});
  }
  // Opens a session and logs in.
  static void log_in(const Composition& app, const char* access = "read-only") {
    ASSERT_EQ(open(app, access), "ok");
    ASSERT_EQ(call_app(app, "login", {}), "ok");
  }
  static Value ecdsa() { return Value::variant("ecdsa"); }
  static Value hash(const char* name) { return Value::enumerator(name); }
  static std::string verify(const Composition& app, Value mechanism, Bytes data, Bytes signature) {
    return call_app(
        app, "verify",
        {std::move(mechanism), list_of(std::move(data)), list_of(std::move(signature))});
  }
  [[nodiscard]] std::vector<std::string> log() const {
    std::vector<std::string> lines;
    std::ifstream file(place("log"));
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  TemporaryFolder folder_;
};

template <class T, void (*Free)(T*)>
struct FreeWith {
  void operator()(T* held) const { Free(held); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY, EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM, OSSL_PARAM_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BIGNUM, BN_free>>;

Key make_key(const char* type, OSSL_PARAM* parameters) {
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
  return Key(key);
}

// point: the attribute CKA_EC_POINT, a DER octet string of 65 bytes.
Key make_ec_key(const Bytes& point) {
  EXPECT_EQ(point.size(), 67U);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data() + 2,
                                   point.size() - 2);
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return make_key("EC", parameters.get());
}

Bytes sha256(const Bytes& data) {
  Bytes digest(SHA256_DIGEST_LENGTH);
  SHA256(data.data(), data.size(), digest.data());
  return digest;
}

// signature: both numbers, concatenated.
bool is_signed_by(EVP_PKEY* key, const Bytes& digest, const Bytes& signature) {
  EXPECT_EQ(signature.size(), 64U);
  ECDSA_SIG* const both = ECDSA_SIG_new();
  ECDSA_SIG_set0(both, BN_bin2bn(signature.data(), 32, nullptr),
                 BN_bin2bn(signature.data() + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both, &der);
  const Context context(EVP_PKEY_CTX_new(key, nullptr));
  EXPECT_EQ(EVP_PKEY_verify_init(context.get()), 1);
  const int verified = EVP_PKEY_verify(context.get(), der, static_cast<std::size_t>(size),
                                       digest.data(), digest.size());
  OPENSSL_free(der);
  ECDSA_SIG_free(both);
  return verified == 1;
}

TEST_F(Pkcs11Bundle, OpensslVerifiesEcdsaSignatures) {
  const Composition app = start();
  log_in(app);
  const Bytes point = ok_bytes(app, "make-ec-pair", {Value::string("pair"), Value::boolean(false)});
  const Bytes text = bytes_of("a text to be signed");
  const Bytes digest =
      ok_bytes(app, "digest", {hash("sha256"), Value::list(std::vector<Value>{list_of(text)})});
  EXPECT_EQ(digest, sha256(text));
  const Bytes signature = ok_bytes(app, "sign", {ecdsa(), list_of(digest)});
  const Key key = make_ec_key(point);
  EXPECT_TRUE(is_signed_by(key.get(), sha256(text), signature));
  EXPECT_FALSE(is_signed_by(key.get(), sha256(bytes_of("another text")), signature));

  EXPECT_EQ(verify(app, ecdsa(), digest, signature), "true");
  EXPECT_EQ(verify(app, ecdsa(), sha256(bytes_of("another text")), signature), "false");
  Bytes changed = signature;
  changed[40] ^= 1;
  EXPECT_EQ(verify(app, ecdsa(), digest, changed), "false");
  EXPECT_EQ(verify(app, ecdsa(), digest, bytes_of("short")), "false");
}

TEST_F(Pkcs11Bundle, OpensslVerifiesRsaSignatures) {
  const Composition app = start();
  log_in(app);
  const Result<WaveCall> call = parse_wave_call("make-rsa-pair(2048)");
  const Result<Function> function = app.find_function(*call);
  ASSERT_TRUE(function);
  const auto returned = function->call(*parse_wave_arguments(*call, function->type()));
  ASSERT_TRUE(returned) << result_text(returned);
  const auto* const pair = (*returned)->get_if<ValueResult>()->payload.get()->get_if<ValueTuple>();
  ASSERT_NE(pair, nullptr) << result_text(returned);
  const Bytes& modulus = *pair->values[0].get_if<ValueList>()->get_if<std::uint8_t>();
  const Bytes& exponent = *pair->values[1].get_if<ValueList>()->get_if<std::uint8_t>();
  ASSERT_EQ(modulus.size(), 256U);

  const Builder builder(OSSL_PARAM_BLD_new());
  const Number n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Key key = make_key("RSA", parameters.get());
  const auto is_verified = [&](int padding, const Bytes& data, const Bytes& signature) {
    const Bytes digest = sha256(data);
    const Context context(EVP_PKEY_CTX_new(key.get(), nullptr));
    EVP_PKEY_verify_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), padding);
    EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256());
    if (padding == RSA_PKCS1_PSS_PADDING) EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), 32);
    return EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                           digest.size()) == 1;
  };
  const Bytes text = bytes_of("a text to be signed");
  const Value hashed = Value::variant("rsa-pkcs-hashed", hash("sha256"));
  const Value pss = Value::variant(
      "rsa-pss-hashed", Value::record({{"hash", hash("sha256")}, {"salt-bytes", Value::u32(32)}}));
  const Bytes plain = ok_bytes(app, "sign", {hashed, list_of(text)});
  EXPECT_TRUE(is_verified(RSA_PKCS1_PADDING, text, plain));
  EXPECT_FALSE(is_verified(RSA_PKCS1_PADDING, bytes_of("another"), plain));
  EXPECT_TRUE(
      is_verified(RSA_PKCS1_PSS_PADDING, text, ok_bytes(app, "sign", {pss, list_of(text)})));

  const auto parts = [] {
    return Value::list(std::vector<Value>{list_of(bytes_of("a text ")), list_of(Bytes()),
                                          list_of(bytes_of("to be signed"))});
  };
  EXPECT_EQ(ok_bytes(app, "sign-parts", {hashed, parts()}), plain);
  EXPECT_EQ(call_app(app, "verify-parts", {hashed, parts(), list_of(plain)}), "true");
  EXPECT_EQ(call_app(app, "verify-parts", {pss, parts(), list_of(plain)}), "false");

  const Value oaep = Value::variant("rsa-oaep", hash("sha1"));
  const Bytes secret = ok_bytes(app, "encrypt", {oaep, list_of(text)});
  EXPECT_EQ(ok_bytes(app, "decrypt", {oaep, list_of(secret)}), text);
}

TEST_F(Pkcs11Bundle, SecretKeysEncryptAndWrap) {
  const Composition app = start();
  log_in(app);
  const Bytes text = bytes_of("some text, not of whole blocks");
  const Value cbc = Value::variant("aes-cbc-pad", list_of(Bytes(16, 7)));
  const Value gcm =
      Value::variant("aes-gcm", Value::record({{"iv", list_of(Bytes(12, 1))},
                                               {"additional-data", list_of(bytes_of("header"))},
                                               {"tag-bits", Value::u32(128)}}));
  ASSERT_EQ(call_app(app, "create-aes-key", {list_of(Bytes(32, 9))}), "ok");
  const Bytes secret = ok_bytes(app, "encrypt", {cbc, list_of(text)});
  EXPECT_EQ(secret.size(), 32U);
  // OpenSSL does the same, with the same key.
  EVP_CIPHER_CTX* const cipher = EVP_CIPHER_CTX_new();
  Bytes plain(64);
  int size = 0;
  int rest = 0;
  EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, Bytes(32, 9).data(), Bytes(16, 7).data());
  EVP_DecryptUpdate(cipher, plain.data(), &size, secret.data(), static_cast<int>(secret.size()));
  EXPECT_EQ(EVP_DecryptFinal_ex(cipher, plain.data() + size, &rest), 1);
  EVP_CIPHER_CTX_free(cipher);
  plain.resize(static_cast<std::size_t>(size + rest));
  EXPECT_EQ(plain, text);

  ASSERT_EQ(call_app(app, "make-aes-key", {Value::u32(32), Value::boolean(true)}), "ok");
  Bytes sealed = ok_bytes(app, "encrypt", {gcm, list_of(text)});
  EXPECT_EQ(sealed.size(), text.size() + 16);
  EXPECT_EQ(ok_bytes(app, "decrypt", {gcm, list_of(sealed)}), text);
  EXPECT_EQ(call_app(app, "wrap-and-unwrap", {Value::variant("aes-key-wrap")}), "40");
  EXPECT_EQ(ok_bytes(app, "decrypt", {gcm, list_of(sealed)}), text);
  sealed.front() ^= 1;
  EXPECT_THAT(call_app(app, "decrypt", {gcm, list_of(sealed)}), StartsWith("error "));

  const auto fails = [&](const Value& mechanism) {
    return call_app(app, "encrypt", {mechanism, list_of(text)});
  };
  EXPECT_THAT(fails(Value::variant("aes-cbc-pad", list_of(Bytes(15, 7)))),
              StartsWith("error argument: the IV has a wrong length"));
  EXPECT_THAT(fails(Value::variant("aes-gcm", Value::record({{"iv", list_of(Bytes(12, 1))},
                                                             {"additional-data", list_of({})},
                                                             {"tag-bits", Value::u32(4096)}}))),
              StartsWith("error argument: the tag of GCM"));
  EXPECT_THAT(fails(Value::variant("aes-cbc", list_of(Bytes(16, 7)))), StartsWith("error "));
  EXPECT_THAT(call_app(app, "sign", {Value::variant("hmac", hash("sha256")), list_of(text)}),
              AllOf(StartsWith("error argument: "), HasSubstr("CKR_KEY_TYPE_INCONSISTENT")));
}

TEST_F(Pkcs11Bundle, GuestsLogInWithoutSeeingThePin) {
  const Composition app = start();
  ASSERT_EQ(open(app), "ok");
  EXPECT_THAT(call_app(app, "login-with", {Value::string(kPin)}),
              StartsWith("error denied: the bundle accepts no PIN from components"));
  // Without a login, private objects cannot be created.
  EXPECT_THAT(call_app(app, "make-aes-key", {Value::u32(32), Value::boolean(false)}),
              StartsWith("error login: C_GenerateKey returned CKR_USER_NOT_LOGGED_IN"));
  EXPECT_EQ(call_app(app, "login", {}), "ok");
  // A second login succeeds, because another session can have logged in.
  EXPECT_EQ(call_app(app, "login", {}), "ok");
  EXPECT_EQ(call_app(app, "make-aes-key", {Value::u32(32), Value::boolean(false)}), "ok");
  EXPECT_EQ(call_app(app, "logout", {}), "ok");
  EXPECT_THAT(call_app(app, "make-aes-key", {Value::u32(32), Value::boolean(false)}),
              StartsWith("error login: "));
}

TEST_F(Pkcs11Bundle, NoMessageContainsThePin) {
  const auto fails = [&](const BundleConfig& more) {
    const Composition app = start(more);
    EXPECT_EQ(open(app), "ok");
    const std::string message = call_app(app, "login", {});
    EXPECT_THAT(message, Not(HasSubstr("wrong-pin")));
    return message;
  };
  std::ofstream(place("pin")) << "wrong-pin-4711";
  EXPECT_EQ(fails({}), "error login: C_Login returned CKR_PIN_INCORRECT");
  ::setenv("TENON_TEST_PIN", "wrong-pin-0815", 1);
  EXPECT_EQ(fails({{"pin-file", ""}, {"pin-env", "TENON_TEST_PIN"}}),
            "error login: C_Login returned CKR_PIN_INCORRECT");
  ::setenv("TENON_TEST_PIN", kPin, 1);
  EXPECT_EQ(fails({{"pin-file", ""}, {"pin-env", "TENON_TEST_PIN"}}), "ok");
  ::unsetenv("TENON_TEST_PIN");
  EXPECT_EQ(fails({{"pin-file", ""}, {"pin-env", "TENON_TEST_PIN"}}),
            "error denied: the environment variable named by `pin-env` of the bundle is not set");
  EXPECT_EQ(fails({{"pin-file", ""}}),
            "error denied: no PIN is configured for the bundle: set `pin-file` or `pin-env`");
  EXPECT_EQ(fails({{"pin-file", place("none")}}),
            "error denied: `pin-file` of the bundle cannot be opened");
  EXPECT_EQ(fails({{"pin-file", folder_.path().string()}}),
            "error denied: `pin-file` of the bundle is not a file");
  std::ofstream(place("pin")) << "\nwrong-pin";
  EXPECT_EQ(fails({}),
            "error denied: `pin-file` of the bundle has no PIN in its first line, or is too long");
  fs::permissions(place("pin"), fs::perms::owner_all | fs::perms::group_read);
  EXPECT_EQ(fails({}),
            "error denied: `pin-file` of the bundle can be read or written by others; "
            "run `chmod 600` on it");
}

TEST_F(Pkcs11Bundle, APinOfAGuestIsAcceptedIfConfigured) {
  const Composition app = start({{"pin-file", ""}, {"allow-guest-pin", "true"}});
  ASSERT_EQ(open(app), "ok");
  EXPECT_EQ(call_app(app, "login-with", {Value::string("1111")}),
            "error login: C_Login returned CKR_PIN_INCORRECT");
  EXPECT_EQ(call_app(app, "login-with", {Value::string("")}),
            "error login: C_Login returned CKR_PIN_INCORRECT");
  EXPECT_EQ(call_app(app, "login-with", {Value::string(kPin)}), "ok");
  EXPECT_EQ(call_app(app, "login-with", {Value::string(kPin)}),
            "error login: C_Login returned CKR_USER_ALREADY_LOGGED_IN");
}

TEST_F(Pkcs11Bundle, SensitiveValuesStayOnTheToken) {
  const Composition app = start();
  log_in(app);
  ASSERT_FALSE(
      ok_bytes(app, "make-ec-pair", {Value::string("pair"), Value::boolean(false)}).empty());
  const auto attributes = [&](const char* which, const std::vector<const char*>& names) {
    std::vector<Value> asked;
    for (const char* const name : names) asked.push_back(Value::enumerator(name));
    return call_app(app, "attributes", {Value::enumerator(which), Value::list(std::move(asked))});
  };
  EXPECT_EQ(attributes("private-key", {"class", "key-type", "label", "sensitive", "extractable",
                                       "value", "sign", "token", "modulus", "always-sensitive"}),
            "[class(private-key), key-type(ec), label(\"pair\"), sensitive(true), "
            "extractable(false), sign(true), token(false), always-sensitive(true)]");
  EXPECT_EQ(attributes("public-key", {"ec-params"}),
            "[ec-params([6, 8, 42, 134, 72, 206, 61, 3, 1, 7])]");
  ASSERT_EQ(call_app(app, "make-aes-key", {Value::u32(16), Value::boolean(false)}), "ok");
  EXPECT_EQ(attributes("secret-key", {"value", "value-len"}), "[value-len(16)]");
}

TEST_F(Pkcs11Bundle, SessionObjectsAreDestroyedAndTokenObjectsStay) {
  const std::string spy = std::string(TENON_BINARY_DIR) + "/bundles/pkcs11_spy.so";
  {
    const Composition app = start({{"module", spy}, {"read-only", "false"}});
    log_in(app, "read-write");
    ASSERT_FALSE(
        ok_bytes(app, "make-ec-pair", {Value::string("short"), Value::boolean(false)}).empty());
    EXPECT_EQ(call_app(app, "forget", {Value::enumerator("private-key")}), "ok");
    // The key that it finds replaces the key that it created, which is destroyed with its resource.
    EXPECT_EQ(call_app(app, "find", {Value::string("short")}), "1");
    EXPECT_EQ(call_app(app, "find", {Value::string("short")}), "0");
    ASSERT_EQ(call_app(app, "make-aes-key", {Value::u32(16), Value::boolean(false)}), "ok");
    EXPECT_EQ(call_app(app, "destroy", {Value::enumerator("secret-key")}), "ok");
    EXPECT_EQ(call_app(app, "destroy", {Value::enumerator("secret-key")}),
              "error argument: the object was destroyed");
    ASSERT_FALSE(
        ok_bytes(app, "make-ec-pair", {Value::string("kept"), Value::boolean(true)}).empty());
    EXPECT_EQ(call_app(app, "forget", {Value::enumerator("private-key")}), "ok");
    EXPECT_EQ(call_app(app, "close", {}), "ok");
    EXPECT_THAT(log(), ElementsAre("initialize", "open read-write", "login user", "destroy object",
                                   "destroy object", "destroy object", "close"));
  }
  EXPECT_THAT(log().back(), "finalize");

  const Composition again = start({{"module", spy}});
  log_in(again);
  EXPECT_EQ(call_app(again, "find", {Value::string("kept")}), "2");
  EXPECT_FALSE(ok_bytes(again, "sign", {ecdsa(), list_of(Bytes(32, 1))}).empty());
  EXPECT_EQ(open(again, "read-write"),
            "error denied: sessions are read-only: the bundle is not configured with `read-only = "
            "false`");
  log_in(again);
  EXPECT_EQ(call_app(again, "find", {Value::string("kept")}), "2");
  EXPECT_EQ(call_app(again, "destroy", {Value::enumerator("private-key")}),
            "error denied: C_DestroyObject returned CKR_SESSION_READ_ONLY");
  EXPECT_THAT(call_app(again, "make-ec-pair", {Value::string("new"), Value::boolean(true)}),
              "error denied: C_GenerateKeyPair returned CKR_SESSION_READ_ONLY");
}

TEST_F(Pkcs11Bundle, AModuleIsInitializedAndFinalizedOnce) {
  const std::string spy = std::string(TENON_BINARY_DIR) + "/bundles/pkcs11_spy.so";
  {
    const Composition first = start({{"module", spy}});
    log_in(first);
    {
      const Composition second = start({{"module", spy}});
      ASSERT_EQ(open(second), "ok");
      // The login belongs to the token, not to the session.
      EXPECT_FALSE(
          ok_bytes(second, "make-ec-pair", {Value::string("x"), Value::boolean(false)}).empty());
    }
    EXPECT_EQ(call_app(first, "find", {Value::string("x")}), "0");
    EXPECT_THAT(log(), ElementsAre("initialize", "open read-only", "login user", "open read-only",
                                   "destroy object", "destroy object", "close"));
  }
  EXPECT_THAT(log(), ElementsAre("initialize", "open read-only", "login user", "open read-only",
                                 "destroy object", "destroy object", "close", "close", "finalize"));
}

TEST_F(Pkcs11Bundle, OneOperationAtATime) {
  const Composition app = start();
  log_in(app);
  ASSERT_THAT(call_app(app, "make-rsa-pair", {Value::u32(1024)}), StartsWith("("));
  const Value hashed = Value::variant("rsa-pkcs-hashed", hash("sha256"));
  EXPECT_EQ(call_app(app, "interleave", {hashed}),
            "error other: the operation has ended: it failed, or another one began");
  // The session is still valid.
  EXPECT_EQ(ok_bytes(app, "sign", {hashed, list_of(bytes_of("x"))}).size(), 128U);
  EXPECT_EQ(call_app(app, "outlive-session", {hashed}), "error argument: the session was dropped");
}

TEST_F(Pkcs11Bundle, ATokenIsSelectedByItsLabel) {
  ASSERT_EQ(make_token("other"), 0);
  const Composition any = start();
  EXPECT_THAT(open(any), StartsWith("error argument: there is more than one token"));
  const Composition one = start({{"token", "signing"}});
  EXPECT_EQ(open(one), "ok");
  EXPECT_THAT(
      call_app(one, "slots", {}),
      AllOf(HasSubstr("label: \"signing\""), Not(HasSubstr("other")),
            HasSubstr("needs-login: true"), HasSubstr("manufacturer: \"SoftHSM project\"")));
  EXPECT_THAT(
      call_app(one, "open", {Value::some(Value::u64(123456)), Value::enumerator("read-only")}),
      "error denied: the slot does not have the token that the bundle is configured with");
  EXPECT_THAT(
      call_app(any, "open", {Value::some(Value::u64(123456)), Value::enumerator("read-only")}),
      "error argument: there is no slot 123456");
  const Composition none = start({{"token", "absent"}});
  EXPECT_EQ(open(none), "error argument: there is no token `absent`");
  EXPECT_EQ(call_app(none, "slots", {}), "[]");
}

TEST_F(Pkcs11Bundle, WrongConfigurationIsReportedAtTheStart) {
  const auto refused = [&](const BundleConfig& more) {
    return refused_start("signer", "pkcs11", config(more));
  };
  EXPECT_THAT(refused({{"module", place("none.so")}}),
              AllOf(HasSubstr("host-create"), HasSubstr("there is no such file")));
  EXPECT_THAT(refused({{"module", place("pin")}}), HasSubstr("cannot be used: "));
  EXPECT_THAT(refused({{"module", bundle_folder("sqlite") + "/lib/libsqlite_host.so"}}),
              HasSubstr("it has no `C_GetFunctionList`"));
  EXPECT_THAT(refused({{"module", ""}}), HasSubstr("requires the configuration key `module`"));
  EXPECT_THAT(refused({{"pin-env", "X"}}), HasSubstr("`pin-file` and `pin-env` are both given"));
  EXPECT_THAT(refused({{"max-sessions", "0"}}), HasSubstr("`max-sessions` must be at least 1"));
}

TEST_F(Pkcs11Bundle, HostileRequestsAreErrors) {
  const Composition app = start();
  log_in(app);
  EXPECT_THAT(call_app(app, "make-rsa-pair", {Value::u32(4'000'000'000)}),
              StartsWith("error argument: a modulus can have at most"));
  EXPECT_THAT(call_app(app, "make-rsa-pair", {Value::u32(0)}), StartsWith("error "));
  EXPECT_THAT(call_app(app, "make-aes-key", {Value::u32(4'000'000'000), Value::boolean(true)}),
              StartsWith("error "));
  // SoftHSM creates keys of any length, but cannot use them.
  EXPECT_EQ(call_app(app, "create-aes-key", {list_of(Bytes(17, 1))}), "ok");
  EXPECT_THAT(call_app(app, "encrypt", {Value::variant("aes-ecb"), list_of(Bytes(16, 1))}),
              StartsWith("error "));
  EXPECT_THAT(call_app(app, "random", {Value::u32(4'000'000'000)}),
              StartsWith("error argument: more than"));
  EXPECT_THAT(ok_bytes(app, "random", {Value::u32(0)}), IsEmpty());
  EXPECT_EQ(ok_bytes(app, "random", {Value::u32(64)}).size(), 64U);
  EXPECT_NE(ok_bytes(app, "random", {Value::u32(16)}), ok_bytes(app, "random", {Value::u32(16)}));
  ASSERT_FALSE(
      ok_bytes(app, "make-ec-pair", {Value::string("pair"), Value::boolean(false)}).empty());
  EXPECT_THAT(call_app(app, "sign", {Value::variant("rsa-pkcs"), list_of(Bytes(8, 1))}),
              StartsWith("error "));
  EXPECT_EQ(ok_bytes(app, "sign", {ecdsa(), list_of(Bytes(32, 1))}).size(), 64U);
}

TEST_F(Pkcs11Bundle, ClosedSessionsDoNotCount) {
  const Composition app = start({{"max-sessions", "1"}});
  for (int k = 0; k < 100; ++k) ASSERT_EQ(open(app), "ok");
}

}  // namespace
}  // namespace tenon::pkcs11_bundle_test
