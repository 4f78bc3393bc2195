// A small Sigstore for tests: a certificate authority, a certificate log, a transparency log and a
// timestamp authority, with keys of their own. It signs as `cosign sign` does without a key.
//
//   const TestSigstore sigstore;
//   write("trusted_root.json", sigstore.trusted_root());
//   const std::string bundle = sigstore.make_bundle(digest).dump();
//   const std::string damaged = sigstore.make_bundle(digest, {.fault = KeylessFault::NoLog}).dump();
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sha256.h"
#include "support/base64.h"
#include "support/files.h"

namespace tenon {

// What is wrong with a signature. By another: by a key that the trusted root does not have.
enum class KeylessFault {
  None,
  AnotherKey,             // than that of the certificate
  AnotherAuthority,       // issued the certificate
  Expired,                // certificate, when the entry was added
  TooEarly,               // the entry was added before the certificate was valid
  NotForCode,             // certificate
  NoCertificateLog,       // has a timestamp in the certificate
  AnotherCertificateLog,  // is not known
  CertificateLogKey,      // the timestamp is by another key than that of its log
  AnotherLog,             // is not known
  PromiseKey,             // the promise is by another key
  PromiseTime,            // the time is not the one that was promised
  CheckpointKey,          // the checkpoint is by another key
  NoCheckpoint,
  WrongPath,           // one hash of the inclusion proof is another one
  ShortPath,           // one hash of the inclusion proof is missing
  AnotherTree,         // the size is not that of the checkpoint
  AnotherMessage,      // is in the log
  AnotherSignature,    // is in the log
  AnotherCertificate,  // is in the log
  NoTime,              // neither a promise nor a timestamp
  AnotherTimestamp,    // is of another signature
  TimestampKey,        // the timestamp is by another authority
};

struct KeylessOptions {
  // As OpenSSL writes names of certificates.
  std::string identity =
      "URI:https://github.com/acme/math/.github/workflows/release.yml@refs/tags/v1.0.0";
  std::string issuer = "https://token.actions.githubusercontent.com";
  std::string predicate = "https://sigstore.dev/cosign/sign/v1";
  std::string subject = {};  // the name in the statement
  KeylessFault fault = KeylessFault::None;
  // As Rekor 2 does: entries have no promise, so a timestamp proves the time.
  enum class Log { Rekor, Rekor2 } log = Log::Rekor;
};

class TestSigstore final {
 public:
  using Json = nlohmann::json;

  static constexpr std::int64_t kTime = 1'750'000'000;  // of all signatures

  TestSigstore()
      : root_(make_authority("root", nullptr, root_key_)),
        fulcio_(make_authority("fulcio", &root_, fulcio_key_)),
        tsa_(make_tsa(tsa_key_)),
        other_(make_authority("fulcio", nullptr, other_key_)),
        other_tsa_(make_tsa(other_key_)) {}

  [[nodiscard]] std::string trusted_root() const { return make_trusted_root().dump(); }
  [[nodiscard]] Json make_trusted_root() const {
    const Json validity = {{"start", "2021-01-12T11:53:27.000Z"}};
    const auto log = [&](const Key& key) {
      return Json::array({{{"publicKey",
                            {{"rawBytes", encode_base64(key.der())},
                             {"keyDetails", "PKIX_ECDSA_P256_SHA_256"},
                             {"validFor", validity}}},
                           {"logId", {{"keyId", encode_base64(key.id())}}}}});
    };
    const auto authority = [&](std::vector<const X509*> chain) {
      Json certificates = Json::array();
      for (const X509* const certificate : chain)
        certificates.push_back({{"rawBytes", encode_base64(der_of(certificate))}});
      return Json::array(
          {{{"certChain", {{"certificates", certificates}}}, {"validFor", validity}}});
    };
    return {{"mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1"},
            {"tlogs", log(rekor_key_)},
            {"certificateAuthorities", authority({fulcio_.get(), root_.get()})},
            {"ctlogs", log(ct_key_)},
            {"timestampAuthorities", authority({tsa_.get()})}};
  }

  // A Sigstore bundle, as cosign 3 makes it. digest: of the manifest that is signed.
  [[nodiscard]] Json make_bundle(const std::string& digest,
                                 const KeylessOptions& options = {}) const {
    Json subject = {{"digest", {{"sha256", digest.substr(digest.find(':') + 1)}}}};
    if (!options.subject.empty()) subject["name"] = options.subject;
    const std::string payload = Json({{"_type", "https://in-toto.io/Statement/v1"},
                                      {"subject", Json::array({subject})},
                                      {"predicateType", options.predicate},
                                      {"predicate", Json::object()}})
                                    .dump();
    const std::string type = "application/vnd.in-toto+json";
    const std::string message =
        fmt::format("DSSEv1 {} {} {} {}", type.size(), type, payload.size(), payload);
    const bool is_second = options.log == KeylessOptions::Log::Rekor2;
    const Signature made = sign(message, is_second ? message : payload, options);
    Json material = {{"certificate", {{"rawBytes", encode_base64(made.certificate)}}},
                     {"tlogEntries", Json::array({make_entry(made, options)})}};
    if (is_second && options.fault != KeylessFault::NoTime)
      material["timestampVerificationData"] = {
          {"rfc3161Timestamps",
           Json::array({{{"signedTimestamp", encode_base64(make_timestamp(made, options))}}})}};
    return {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
            {"verificationMaterial", material},
            {"dsseEnvelope",
             {{"payload", encode_base64(as_bytes(payload))},
              {"payloadType", type},
              {"signatures", Json::array({{{"sig", encode_base64(made.signature)}}})}}}};
  }

  // The annotations of a layer with a payload of simple signing, as cosign 2 makes them.
  [[nodiscard]] Json make_annotations(const std::string& payload,
                                      const KeylessOptions& options = {}) const {
    const Signature made = sign(payload, payload, options);
    const Json entry = make_entry(made, options);
    return {{"dev.cosignproject.cosign/signature", encode_base64(made.signature)},
            {"dev.sigstore.cosign/certificate", pem_of(made.certificate)},
            {"dev.sigstore.cosign/bundle",
             Json({{"SignedEntryTimestamp", entry["inclusionPromise"]["signedEntryTimestamp"]},
                   {"Payload",
                    {{"body", entry["canonicalizedBody"]},
                     {"integratedTime", std::stoll(entry["integratedTime"].get<std::string>())},
                     {"logIndex", kIndex},
                     {"logID",
                      encode_hex(*decode_base64(entry["logId"]["keyId"].get<std::string>()))}}}})
                 .dump()}};
  }

 private:
  static constexpr int kIndex = 1234;  // in the log; the tree is a part of it

  class Key final {
   public:
    Key() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {}

    [[nodiscard]] EVP_PKEY* get() const { return key_.get(); }
    [[nodiscard]] Bytes der() const {
      std::uint8_t* text = nullptr;
      const int size = i2d_PUBKEY(key_.get(), &text);
      Bytes bytes(text, text + size);
      OPENSSL_free(text);
      return bytes;
    }
    [[nodiscard]] Bytes id() const { return sha256(der()); }
    [[nodiscard]] Bytes sign(std::span<const std::uint8_t> message) const {
      const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                            &EVP_MD_CTX_free);
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
      Bytes signature(256);
      std::size_t size = signature.size();
      EXPECT_EQ(
          EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()),
          1);
      signature.resize(size);
      return signature;
    }

   private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  };
  using OwnedX509 = std::unique_ptr<X509, decltype(&X509_free)>;

  // A signature, and what the log says of it.
  struct Signature {
    Bytes certificate;
    Bytes signature;
    std::string hashed;  // the text whose SHA-256 is in the log
  };

  static Bytes sha256(std::span<const std::uint8_t> bytes) {
    const engine::Sha256 hash = engine::sha256(bytes);
    return Bytes(hash.begin(), hash.end());
  }
  static Bytes der_of(const X509* certificate) {
    std::uint8_t* text = nullptr;
    const int size = i2d_X509(certificate, &text);
    Bytes bytes(text, text + size);
    OPENSSL_free(text);
    return bytes;
  }
  static std::string pem_of(const Bytes& der) {
    return "-----BEGIN CERTIFICATE-----\n" + encode_base64(der) + "\n-----END CERTIFICATE-----\n";
  }
  static void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  static void append_number(Bytes& bytes, std::uint64_t number, int size) {
    for (int i = size - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
  }

  // A certificate that is not signed yet. issuer: null for one that signs itself.
  static OwnedX509 start_certificate(std::string_view name, const X509* issuer, const Key& key,
                                     std::int64_t start, std::int64_t end) {
    OwnedX509 certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 7);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const std::uint8_t*>(name.data()),
                               static_cast<int>(name.size()), -1, 0);
    X509_set_issuer_name(certificate.get(),
                         X509_get_subject_name(issuer == nullptr ? certificate.get() : issuer));
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), start);
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), end);
    X509_set_pubkey(certificate.get(), key.get());
    return certificate;
  }
  static void add_extension(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static void add_extension(X509* certificate, const char* oid, const Bytes& value) {
    const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> text(
        ASN1_OCTET_STRING_new(), &ASN1_OCTET_STRING_free);
    ASN1_OCTET_STRING_set(text.get(), value.data(), static_cast<int>(value.size()));
    ASN1_OBJECT* const object = OBJ_txt2obj(oid, 1);
    X509_EXTENSION* const extension = X509_EXTENSION_create_by_OBJ(nullptr, object, 0, text.get());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(object);
  }
  // DER of a string with fewer than 65536 bytes.
  static Bytes string_of(std::uint8_t tag, const Bytes& content) {
    Bytes der = {tag};
    if (content.size() >= 128) der.push_back(0x82);
    append_number(der, content.size(), content.size() < 128 ? 1 : 2);
    append(der, content);
    return der;
  }

  OwnedX509 make_authority(std::string_view name, const OwnedX509* issuer, const Key& key) const {
    OwnedX509 certificate = start_certificate(name, issuer == nullptr ? nullptr : issuer->get(),
                                              key, kTime - 100'000'000, kTime + 1'000'000'000);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(certificate.get(), (issuer == nullptr ? key : root_key_).get(), EVP_sha256());
    return certificate;
  }
  static OwnedX509 make_tsa(const Key& key) {
    OwnedX509 certificate =
        start_certificate("tsa", nullptr, key, kTime - 100'000'000, kTime + 1'000'000'000);
    add_extension(certificate.get(), NID_ext_key_usage, "critical,timeStamping");
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return certificate;
  }

  [[nodiscard]] Bytes make_certificate(const Key& key, const KeylessOptions& options) const {
    const bool is_other = options.fault == KeylessFault::AnotherAuthority;
    const X509* const issuer = (is_other ? other_ : fulcio_).get();
    const Key& issuer_key = is_other ? other_key_ : fulcio_key_;
    const OwnedX509 certificate = start_certificate("", issuer, key, kTime - 60, kTime + 540);
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    if (options.fault != KeylessFault::NotForCode)
      add_extension(certificate.get(), NID_ext_key_usage, "codeSigning");
    add_extension(certificate.get(), NID_subject_alt_name, "critical," + options.identity);
    add_extension(
        certificate.get(), "1.3.6.1.4.1.57264.1.8",
        string_of(V_ASN1_UTF8STRING, Bytes(options.issuer.begin(), options.issuer.end())));
    X509_sign(certificate.get(), issuer_key.get(), EVP_sha256());
    if (options.fault == KeylessFault::NoCertificateLog) return der_of(certificate.get());
    add_extension(certificate.get(), "1.3.6.1.4.1.11129.2.4.2",
                  string_of(V_ASN1_OCTET_STRING,
                            make_log_timestamps(certificate.get(), issuer_key, options.fault)));
    X509_sign(certificate.get(), issuer_key.get(), EVP_sha256());
    return der_of(certificate.get());
  }

  // A list with one timestamp of the certificate log. Source: RFC 6962, 3.2 and 3.3.
  [[nodiscard]] Bytes make_log_timestamps(X509* certificate, const Key& issuer_key,
                                          KeylessFault fault) const {
    std::uint8_t* text = nullptr;
    const int size = i2d_re_X509_tbs(certificate, &text);
    const Bytes logged(text, text + size);
    OPENSSL_free(text);
    constexpr std::uint64_t kMilliseconds = std::uint64_t{kTime} * 1000;
    Bytes message = {0, 0};
    append_number(message, kMilliseconds, 8);
    append_number(message, 1, 2);
    append(message, sha256(issuer_key.der()));
    append_number(message, logged.size(), 3);
    append(message, logged);
    append_number(message, 0, 2);
    const bool is_other = fault == KeylessFault::AnotherCertificateLog;
    const Bytes signature =
        (is_other || fault == KeylessFault::CertificateLogKey ? other_key_ : ct_key_).sign(message);
    Bytes timestamp = {0};
    append(timestamp, (is_other ? other_key_ : ct_key_).id());
    append_number(timestamp, kMilliseconds, 8);
    append_number(timestamp, 0, 2);
    append_number(timestamp, 0x0403, 2);  // ECDSA with SHA-256
    append_number(timestamp, signature.size(), 2);
    append(timestamp, signature);
    Bytes list;
    append_number(list, timestamp.size() + 2, 2);
    append_number(list, timestamp.size(), 2);
    append(list, timestamp);
    return list;
  }

  // message: what is signed. hashed: what the log has the SHA-256 of.
  [[nodiscard]] Signature sign(const std::string& message, const std::string& hashed,
                               const KeylessOptions& options) const {
    const Key key;
    const Bytes signature =
        (options.fault == KeylessFault::AnotherKey ? other_key_ : key).sign(as_bytes(message));
    return {make_certificate(key, options), signature, hashed};
  }

  [[nodiscard]] std::string make_body(Signature made, const KeylessOptions& options) const {
    if (options.fault == KeylessFault::AnotherMessage) made.hashed += ' ';
    if (options.fault == KeylessFault::AnotherSignature)
      made.signature = other_key_.sign(as_bytes(made.hashed));
    if (options.fault == KeylessFault::AnotherCertificate)
      made.certificate = make_certificate(other_key_, options);
    const Bytes hash = sha256(as_bytes(made.hashed));
    const std::string signature = encode_base64(made.signature);
    const std::string certificate = encode_base64(as_bytes(pem_of(made.certificate)));
    if (options.log == KeylessOptions::Log::Rekor2)
      return Json({{"apiVersion", "0.0.2"},
                   {"kind", "hashedrekord"},
                   {"spec",
                    {{"hashedRekordV002",
                      {{"data", {{"algorithm", "SHA2_256"}, {"digest", encode_base64(hash)}}},
                       {"signature",
                        {{"content", signature},
                         {"verifier",
                          {{"x509Certificate",
                            {{"rawBytes", encode_base64(made.certificate)}}}}}}}}}}}})
          .dump();
    const Json digest = {{"algorithm", "sha256"}, {"value", encode_hex(hash)}};
    if (made.hashed.starts_with(R"({"_type")"))
      return Json({{"apiVersion", "0.0.1"},
                   {"kind", "dsse"},
                   {"spec",
                    {{"payloadHash", digest},
                     {"signatures",
                      Json::array({{{"signature", signature}, {"verifier", certificate}}})}}}})
          .dump();
    return Json({{"apiVersion", "0.0.1"},
                 {"kind", "hashedrekord"},
                 {"spec",
                  {{"data", {{"hash", digest}}},
                   {"signature",
                    {{"content", signature}, {"publicKey", {{"content", certificate}}}}}}}})
        .dump();
  }

  [[nodiscard]] Json make_entry(const Signature& made, const KeylessOptions& options) const {
    const std::string body = make_body(made, options);
    const KeylessFault fault = options.fault;
    const Key& log = fault == KeylessFault::AnotherLog ? other_key_ : rekor_key_;
    std::int64_t time = kTime;
    if (fault == KeylessFault::Expired) time += 3600;
    if (fault == KeylessFault::TooEarly) time -= 3600;
    Json entry = {{"logIndex", std::to_string(kIndex)},
                  {"logId", {{"keyId", encode_base64(log.id())}}},
                  {"canonicalizedBody", encode_base64(as_bytes(body))},
                  {"inclusionProof", make_proof(body, log, fault)}};
    if (options.log == KeylessOptions::Log::Rekor2) return entry;
    const std::string promised =
        fmt::format(R"({{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}})",
                    encode_base64(as_bytes(body)), time, encode_hex(log.id()), kIndex);
    if (fault == KeylessFault::PromiseTime) ++time;
    entry["integratedTime"] = std::to_string(time);
    const Bytes promise =
        (fault == KeylessFault::PromiseKey ? other_key_ : log).sign(as_bytes(promised));
    entry["inclusionPromise"] = {{"signedEntryTimestamp", encode_base64(promise)}};
    return entry;
  }

  // In a tree of five entries, of which this is the third:
  //
  //            root
  //          /      \                .
  //        n03       e4
  //       /   \                      .
  //     n01   n23
  //           /  \                   .
  //      [entry]  e3
  [[nodiscard]] Json make_proof(const std::string& body, const Key& log, KeylessFault fault) const {
    const auto leaf = [](const std::string& text) {
      return sha256(as_bytes(std::string(1, '\0') + text));
    };
    const auto node = [](const Bytes& left, const Bytes& right) {
      Bytes bytes = {1};
      append(bytes, left);
      append(bytes, right);
      return sha256(bytes);
    };
    Bytes n01 = node(leaf("0"), leaf("1"));
    const Bytes e3 = leaf("3");
    const Bytes e4 = leaf("4");
    const Bytes root = node(node(n01, node(leaf(body), e3)), e4);
    if (fault == KeylessFault::WrongPath) n01[5] ^= 1U;
    Json hashes = Json::array({encode_base64(e3), encode_base64(n01), encode_base64(e4)});
    if (fault == KeylessFault::ShortPath) hashes.erase(hashes.size() - 1);
    const std::string text = fmt::format("rekor.test - 1\n5\n{}\n", encode_base64(root));
    Bytes signature = log.id();
    signature.resize(4);
    append(signature,
           (fault == KeylessFault::CheckpointKey ? other_key_ : log).sign(as_bytes(text)));
    Bytes witness = {1, 2, 3, 4, 5};
    Json proof = {{"logIndex", "2"},
                  {"treeSize", fault == KeylessFault::AnotherTree ? "6" : "5"},
                  {"rootHash", encode_base64(root)},
                  {"hashes", hashes}};
    if (fault != KeylessFault::NoCheckpoint)
      proof["checkpoint"] = {
          {"envelope", fmt::format("{}\n\u2014 witness {}\n\u2014 rekor.test {}\n", text,
                                   encode_base64(witness), encode_base64(signature))}};
    return proof;
  }

  // A response of the timestamp authority. Source: RFC 3161.
  [[nodiscard]] Bytes make_timestamp(const Signature& made, const KeylessOptions& options) const {
    Bytes hash = sha256(made.signature);
    if (options.fault == KeylessFault::AnotherTimestamp) hash[0] ^= 1U;
    const bool is_other = options.fault == KeylessFault::TimestampKey;
    const std::unique_ptr<TS_REQ, decltype(&TS_REQ_free)> request(TS_REQ_new(), &TS_REQ_free);
    const std::unique_ptr<TS_MSG_IMPRINT, decltype(&TS_MSG_IMPRINT_free)> imprint(
        TS_MSG_IMPRINT_new(), &TS_MSG_IMPRINT_free);
    const std::unique_ptr<X509_ALGOR, decltype(&X509_ALGOR_free)> algorithm(X509_ALGOR_new(),
                                                                            &X509_ALGOR_free);
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    TS_MSG_IMPRINT_set_msg(imprint.get(), hash.data(), static_cast<int>(hash.size()));
    TS_REQ_set_version(request.get(), 1);
    TS_REQ_set_msg_imprint(request.get(), imprint.get());
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    i2d_TS_REQ_bio(bio.get(), request.get());

    const std::unique_ptr<TS_RESP_CTX, decltype(&TS_RESP_CTX_free)> context(TS_RESP_CTX_new(),
                                                                            &TS_RESP_CTX_free);
    std::int64_t time = kTime;
    if (options.fault == KeylessFault::Expired) time += 3600;
    TS_RESP_CTX_set_time_cb(
        context.get(),
        [](TS_RESP_CTX* /*context*/, void* data, long* seconds, long* micros) {
          *seconds = static_cast<long>(*static_cast<std::int64_t*>(data));
          *micros = 0;
          return 1;
        },
        &time);
    TS_RESP_CTX_set_serial_cb(
        context.get(),
        [](TS_RESP_CTX* /*context*/, void* /*data*/) {
          ASN1_INTEGER* const serial = ASN1_INTEGER_new();
          ASN1_INTEGER_set(serial, 1);
          return serial;
        },
        nullptr);
    TS_RESP_CTX_set_signer_cert(context.get(), (is_other ? other_tsa_ : tsa_).get());
    TS_RESP_CTX_set_signer_key(context.get(), (is_other ? other_key_ : tsa_key_).get());
    TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256());
    TS_RESP_CTX_add_md(context.get(), EVP_sha256());
    ASN1_OBJECT* const policy = OBJ_txt2obj("1.2.3.4", 1);
    TS_RESP_CTX_set_def_policy(context.get(), policy);
    ASN1_OBJECT_free(policy);
    const std::unique_ptr<TS_RESP, decltype(&TS_RESP_free)> response(
        TS_RESP_create_response(context.get(), bio.get()), &TS_RESP_free);
    std::uint8_t* text = nullptr;
    const int size = i2d_TS_RESP(response.get(), &text);
    EXPECT_GT(size, 0);
    Bytes bytes(text, text + size);
    OPENSSL_free(text);
    return bytes;
  }

  Key root_key_;
  Key fulcio_key_;
  Key ct_key_;
  Key rekor_key_;
  Key tsa_key_;
  Key other_key_;
  OwnedX509 root_;
  OwnedX509 fulcio_;
  OwnedX509 tsa_;
  OwnedX509 other_;
  OwnedX509 other_tsa_;
};

}  // namespace tenon
