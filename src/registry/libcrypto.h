// OpenSSL's libcrypto, as far as signatures of packages need it. It is loaded by its name for each check,
// so that nothing else needs it to be installed.
//
//   const Result<Libcrypto, std::string> crypto = load_libcrypto();
//   const Owned<X509> certificate(crypto->d2i_X509(nullptr, &at, size), crypto->X509_free);
#pragma once

#include <openssl/bio.h>
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "tenon/result.h"

namespace tenon::registry {

#define TENON_LIBCRYPTO_FUNCTIONS(X) \
  X(ASN1_OBJECT_free)                \
  X(ASN1_STRING_free)                \
  X(ASN1_STRING_get0_data)           \
  X(ASN1_STRING_length)              \
  X(ASN1_TIME_to_tm)                 \
  X(BIO_new_mem_buf)                 \
  X(ERR_clear_error)                 \
  X(EVP_DigestVerify)                \
  X(EVP_DigestVerifyInit)            \
  X(EVP_MD_CTX_free)                 \
  X(EVP_MD_CTX_new)                  \
  X(EVP_PKEY_free)                   \
  X(EVP_PKEY_get_id)                 \
  X(EVP_sha256)                      \
  X(GENERAL_NAMES_free)              \
  X(OBJ_txt2obj)                     \
  X(OPENSSL_sk_free)                 \
  X(OPENSSL_sk_new_null)             \
  X(OPENSSL_sk_num)                  \
  X(OPENSSL_sk_push)                 \
  X(OPENSSL_sk_value)                \
  X(SCT_LIST_free)                   \
  X(SCT_get0_extensions)             \
  X(SCT_get0_log_id)                 \
  X(SCT_get0_signature)              \
  X(SCT_get_timestamp)               \
  X(SCT_get_version)                 \
  X(TS_RESP_free)                    \
  X(TS_RESP_get_tst_info)            \
  X(TS_RESP_verify_response)         \
  X(TS_TST_INFO_get_time)            \
  X(TS_VERIFY_CTX_free)              \
  X(TS_VERIFY_CTX_new)               \
  X(TS_VERIFY_CTX_set_certs)         \
  X(TS_VERIFY_CTX_set_data)          \
  X(TS_VERIFY_CTX_set_flags)         \
  X(TS_VERIFY_CTX_set_store)         \
  X(X509_EXTENSION_free)             \
  X(X509_EXTENSION_get_data)         \
  X(X509_STORE_CTX_free)             \
  X(X509_STORE_CTX_get0_chain)       \
  X(X509_STORE_CTX_get_error)        \
  X(X509_STORE_CTX_init)             \
  X(X509_STORE_CTX_new)              \
  X(X509_STORE_add_cert)             \
  X(X509_STORE_free)                 \
  X(X509_STORE_get0_param)           \
  X(X509_STORE_new)                  \
  X(X509_VERIFY_PARAM_set_flags)     \
  X(X509_VERIFY_PARAM_set_time)      \
  X(X509_delete_ext)                 \
  X(X509_free)                       \
  X(X509_get_X509_PUBKEY)            \
  X(X509_get_ext)                    \
  X(X509_get_ext_by_NID)             \
  X(X509_get_ext_by_OBJ)             \
  X(X509_get_ext_d2i)                \
  X(X509_get_extended_key_usage)     \
  X(X509_up_ref)                     \
  X(X509_verify_cert)                \
  X(X509_verify_cert_error_string)   \
  X(d2i_ASN1_UTF8STRING)             \
  X(d2i_PUBKEY)                      \
  X(d2i_TS_RESP)                     \
  X(d2i_X509)                        \
  X(i2d_X509_PUBKEY)                 \
  X(i2d_re_X509_tbs)

struct Libcrypto {
#define TENON_LIBCRYPTO_MEMBER(name) decltype(&::name) name = nullptr;
  TENON_LIBCRYPTO_FUNCTIONS(TENON_LIBCRYPTO_MEMBER)  // NOLINT(readability-identifier-naming)
#undef TENON_LIBCRYPTO_MEMBER
};

// Errors: why it cannot be used, as a sentence: "OpenSSL cannot be used: ..".
[[nodiscard]] Result<Libcrypto, std::string> load_libcrypto();

// An object of libcrypto with the function that frees it.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

}  // namespace tenon::registry
