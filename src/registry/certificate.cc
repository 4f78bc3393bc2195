#include "registry/certificate.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/sha256.h"
#include "support/base64.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

// Source: Fulcio, docs/oid-info.md. The older extension has the text as its bytes, without a type.
constexpr const char* kIssuer = "1.3.6.1.4.1.57264.1.8";
constexpr const char* kOldIssuer = "1.3.6.1.4.1.57264.1.1";
// Certificates of Fulcio have two kilobytes.
constexpr std::size_t kMostCertificateBytes = std::size_t{1} << 16;

X509* read_x509(const Libcrypto& crypto, std::span<const std::uint8_t> der) {
  const std::uint8_t* at = der.data();
  if (der.empty() || der.size() > kMostCertificateBytes) return nullptr;
  X509* const certificate = crypto.d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (certificate == nullptr || at == der.data() + der.size()) return certificate;
  crypto.X509_free(certificate);
  return nullptr;
}

std::string text_of(const Libcrypto& crypto, const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(crypto.ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(crypto.ASN1_STRING_length(string))};
}

// Bytes that a function of libcrypto writes: it returns their number, and without a place only that.
template <class Write>
Bytes write_der(Write&& write) {
  const int size = write(nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* at = der.data();
  (void)write(&at);
  return der;
}

// A number in the form of TLS: big-endian, in a fixed number of bytes.
void append_number(Bytes& bytes, std::uint64_t number, int size) {
  for (int i = size - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

// A part of a timestamp that a function of libcrypto points to.
template <class Get>
std::span<const std::uint8_t> part_of(SCT* timestamp, Get&& get) {
  std::uint8_t* data = nullptr;
  const std::size_t size = get(timestamp, &data);
  return {data, size};
}

}  // namespace

Result<Certificate, std::string> Certificate::read(const Libcrypto& crypto,
                                                   std::span<const std::uint8_t> der) {
  Owned<X509> certificate(read_x509(crypto, der), crypto.X509_free);
  crypto.ERR_clear_error();
  if (certificate == nullptr) return std::string("its certificate cannot be read");
  return Certificate(crypto, std::move(certificate), Bytes(der.begin(), der.end()));
}

PublicKey Certificate::key() const {
  return PublicKey::from_der(write_der([&](std::uint8_t** at) {
    return crypto_.i2d_X509_PUBKEY(crypto_.X509_get_X509_PUBKEY(x509_.get()), at);
  }));
}

Bytes Certificate::find_extension(const char* oid) const {
  const Owned<ASN1_OBJECT> object(crypto_.OBJ_txt2obj(oid, 1), crypto_.ASN1_OBJECT_free);
  const int place = crypto_.X509_get_ext_by_OBJ(x509_.get(), object.get(), -1);
  if (place < 0) return {};
  const std::string value =
      text_of(crypto_, crypto_.X509_EXTENSION_get_data(crypto_.X509_get_ext(x509_.get(), place)));
  return Bytes(value.begin(), value.end());
}

CertificateOwner Certificate::owner() const {
  CertificateOwner owner;
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(crypto_.X509_get_ext_d2i(
                                       x509_.get(), NID_subject_alt_name, nullptr, nullptr)),
                                   crypto_.GENERAL_NAMES_free);
  const auto* const stack = reinterpret_cast<const OPENSSL_STACK*>(names.get());
  for (int i = 0; i < crypto_.OPENSSL_sk_num(stack); ++i) {
    const auto* const name = static_cast<const GENERAL_NAME*>(crypto_.OPENSSL_sk_value(stack, i));
    if (name->type != GEN_URI && name->type != GEN_EMAIL) continue;
    std::string identity = text_of(crypto_, name->d.ia5);
    if (std::ranges::all_of(identity, [](char c) { return c > ' ' && c < 0x7f; }))
      owner.identities.push_back(std::move(identity));
  }
  if (const Bytes value = find_extension(kIssuer); !value.empty()) {
    const std::uint8_t* at = value.data();
    const Owned<ASN1_STRING> text(
        crypto_.d2i_ASN1_UTF8STRING(nullptr, &at, static_cast<long>(value.size())),
        crypto_.ASN1_STRING_free);
    if (text != nullptr) owner.issuer = text_of(crypto_, text.get());
  } else {
    const Bytes old = find_extension(kOldIssuer);
    owner.issuer.assign(old.begin(), old.end());
  }
  crypto_.ERR_clear_error();
  return owner;
}

bool Certificate::is_for_code() const {
  // All bits are set if it has no list of purposes.
  const std::uint32_t purposes = crypto_.X509_get_extended_key_usage(x509_.get());
  return purposes != UINT32_MAX && (purposes & XKU_CODE_SIGN) != 0;
}

Owned<X509_STORE> make_store(const Libcrypto& crypto, std::span<const Bytes> certificates,
                             std::int64_t time) {
  Owned<X509_STORE> store(crypto.X509_STORE_new(), crypto.X509_STORE_free);
  for (const Bytes& der : certificates) {
    const Owned<X509> certificate(read_x509(crypto, der), crypto.X509_free);
    if (store == nullptr || certificate == nullptr ||
        crypto.X509_STORE_add_cert(store.get(), certificate.get()) != 1)
      return {nullptr, crypto.X509_STORE_free};
  }
  X509_VERIFY_PARAM* const options = crypto.X509_STORE_get0_param(store.get());
  crypto.X509_VERIFY_PARAM_set_time(options, time);
  // The last certificate of a trusted chain does not have to be one that signed itself.
  crypto.X509_VERIFY_PARAM_set_flags(options, X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

Result<PublicKey, std::string> Certificate::check_chain(const TrustedAuthority& authority,
                                                        std::int64_t time) const {
  const Owned<X509_STORE> store = make_store(crypto_, authority.certificates, time);
  const Owned<X509_STORE_CTX> check(crypto_.X509_STORE_CTX_new(), crypto_.X509_STORE_CTX_free);
  if (store == nullptr || check == nullptr ||
      crypto_.X509_STORE_CTX_init(check.get(), store.get(), x509_.get(), nullptr) != 1)
    return std::string("the certificates of the authority in the trusted root cannot be read");
  const bool is_valid = crypto_.X509_verify_cert(check.get()) == 1;
  crypto_.ERR_clear_error();
  if (!is_valid)
    return fmt::format(
        "its certificate is not valid: {}",
        crypto_.X509_verify_cert_error_string(crypto_.X509_STORE_CTX_get_error(check.get())));
  const auto* const chain =
      reinterpret_cast<const OPENSSL_STACK*>(crypto_.X509_STORE_CTX_get0_chain(check.get()));
  if (crypto_.OPENSSL_sk_num(chain) < 2)
    return std::string("its certificate is one of the authority itself");
  const auto* const issuer = static_cast<const X509*>(crypto_.OPENSSL_sk_value(chain, 1));
  return PublicKey::from_der(write_der([&](std::uint8_t** at) {
    return crypto_.i2d_X509_PUBKEY(crypto_.X509_get_X509_PUBKEY(issuer), at);
  }));
}

Bytes Certificate::logged_bytes() const {
  const Owned<X509> copy(read_x509(crypto_, der_), crypto_.X509_free);
  const int place =
      copy == nullptr ? -1 : crypto_.X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, -1);
  if (place < 0) return {};
  crypto_.X509_EXTENSION_free(crypto_.X509_delete_ext(copy.get(), place));
  return write_der([&](std::uint8_t** at) { return crypto_.i2d_re_X509_tbs(copy.get(), at); });
}

Result<void, std::string> Certificate::check_log(std::span<const TrustedLog> logs,
                                                 const PublicKey& issuer) const {
  const Owned<STACK_OF(SCT)> timestamps(static_cast<STACK_OF(SCT)*>(crypto_.X509_get_ext_d2i(
                                            x509_.get(), NID_ct_precert_scts, nullptr, nullptr)),
                                        crypto_.SCT_LIST_free);
  crypto_.ERR_clear_error();
  const auto* const stack = reinterpret_cast<const OPENSSL_STACK*>(timestamps.get());
  if (crypto_.OPENSSL_sk_num(stack) <= 0)
    return std::string("its certificate has no timestamp of a certificate log");
  const Bytes logged = logged_bytes();
  const engine::Sha256 issuer_hash = engine::sha256(issuer.der());
  bool is_known = false;
  for (int i = 0; i < crypto_.OPENSSL_sk_num(stack); ++i) {
    auto* const timestamp = static_cast<SCT*>(crypto_.OPENSSL_sk_value(stack, i));
    const TrustedLog* const log =
        find_log(logs, encode_hex(part_of(timestamp, crypto_.SCT_get0_log_id)));
    const std::uint64_t time = crypto_.SCT_get_timestamp(timestamp);  // in milliseconds
    if (log == nullptr || crypto_.SCT_get_version(timestamp) != SCT_VERSION_V1 ||
        !log->validity.contains(static_cast<std::int64_t>(time / 1000)))
      continue;
    is_known = true;
    // digitally-signed struct (RFC 6962, 3.2) of a precert_entry, with one version and type of 0
    Bytes text = {0, 0};
    append_number(text, time, 8);
    append_number(text, 1, 2);
    text.insert(text.end(), issuer_hash.begin(), issuer_hash.end());
    append_number(text, logged.size(), 3);
    text.insert(text.end(), logged.begin(), logged.end());
    const auto extensions = part_of(timestamp, crypto_.SCT_get0_extensions);
    append_number(text, extensions.size(), 2);
    text.insert(text.end(), extensions.begin(), extensions.end());
    TENON_TRY(const bool is_signed,
              log->key.verifies(text, part_of(timestamp, crypto_.SCT_get0_signature)));
    if (is_signed) return {};
  }
  return std::string(is_known
                         ? "the timestamp of its certificate is not signed by the key of its log"
                         : "its certificate was not published in a certificate log of the "
                           "trusted root");
}

}  // namespace tenon::registry
