// A key and a self-signed certificate for 127.0.0.1, created for each test: for https servers and
// token servers.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/base64.h"

namespace tenon {

class TestIdentity final {
 public:
  TestIdentity() {
    key_.reset(EVP_RSA_gen(2048));
    certificate_.reset(X509_new());
    X509_set_version(certificate_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_NAME* const name = X509_get_subject_name(certificate_.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("tenon test"), -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), name);
    add_extension(NID_basic_constraints, "critical,CA:TRUE");
    add_extension(NID_subject_alt_name, "IP:127.0.0.1");
    EXPECT_NE(X509_sign(certificate_.get(), key_.get(), EVP_sha256()), 0);
  }

  // Writes both as PEM files.
  void write(const std::filesystem::path& certificate, const std::filesystem::path& key) const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(bio.get(), certificate_.get());
    drain(bio.get(), certificate);
    PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    drain(bio.get(), key);
  }

  // A signed JSON web token (RS256) with these claims and the certificate (`x5c`).
  [[nodiscard]] std::string sign_token(std::string_view claims) const {
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate_.get(), &der);
    const std::string chain = encode_base64({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    const std::string text = encode_url(R"({"alg":"RS256","typ":"JWT","x5c":[")" + chain + "\"]}") +
                             '.' + encode_url(claims);
    return text + '.' + encode_url(sign(text));
  }

 private:
  void add_extension(int kind, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static void drain(BIO* bio, const std::filesystem::path& path) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    std::ofstream(path, std::ios::binary).write(text, size);
    BIO_reset(bio);
  }

  [[nodiscard]] std::string sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::size_t size = 0;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    std::string made(size, '\0');
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &size,
                             bytes, text.size()),
              1);
    made.resize(size);
    return made;
  }

  // base64 with the URL alphabet, without padding.
  static std::string encode_url(std::string_view text) {
    std::string made =
        encode_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    while (made.ends_with('=')) made.pop_back();
    for (char& c : made) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return made;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, &EVP_PKEY_free};
  std::unique_ptr<X509, decltype(&X509_free)> certificate_{nullptr, &X509_free};
};

}  // namespace tenon
