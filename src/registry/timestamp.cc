#include "registry/timestamp.h"

#include <ctime>

#include "registry/certificate.h"

namespace tenon::registry {

namespace {

// A response contains up to a handful of certificates.
constexpr std::size_t kMostTimestampBytes = std::size_t{1} << 16;

bool is_valid(const Libcrypto& crypto, TS_RESP* response, std::span<const std::uint8_t> signature,
              const TrustedAuthority& authority, std::int64_t time) {
  const Owned<TS_VERIFY_CTX> check(crypto.TS_VERIFY_CTX_new(), crypto.TS_VERIFY_CTX_free);
  Owned<X509_STORE> store = make_store(crypto, authority.certificates, time);
  if (check == nullptr || store == nullptr) return false;
  // A response does not have to contain the certificate of its signer.
  OPENSSL_STACK* const certificates = crypto.OPENSSL_sk_new_null();
  for (const Bytes& der : authority.certificates) {
    const std::uint8_t* at = der.data();
    (void)crypto.OPENSSL_sk_push(certificates,
                                 crypto.d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  }
  // The check owns all of these.
  crypto.TS_VERIFY_CTX_set_certs(check.get(), reinterpret_cast<STACK_OF(X509)*>(certificates));
  crypto.TS_VERIFY_CTX_set_store(check.get(), store.release());
  crypto.TS_VERIFY_CTX_set_data(
      check.get(), crypto.BIO_new_mem_buf(signature.data(), static_cast<int>(signature.size())));
  crypto.TS_VERIFY_CTX_set_flags(check.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
  return crypto.TS_RESP_verify_response(check.get(), response) == 1;
}

}  // namespace

Result<std::int64_t, std::string> check_timestamp(const Libcrypto& crypto,
                                                  std::span<const TrustedAuthority> authorities,
                                                  std::span<const std::uint8_t> response,
                                                  std::span<const std::uint8_t> signature) {
  const std::uint8_t* at = response.data();
  const Owned<TS_RESP> read(
      response.size() > kMostTimestampBytes
          ? nullptr
          : crypto.d2i_TS_RESP(nullptr, &at, static_cast<long>(response.size())),
      crypto.TS_RESP_free);
  TS_TST_INFO* const info = read == nullptr ? nullptr : crypto.TS_RESP_get_tst_info(read.get());
  std::tm date = {};
  const bool has_time =
      info != nullptr && crypto.ASN1_TIME_to_tm(crypto.TS_TST_INFO_get_time(info), &date) == 1;
  crypto.ERR_clear_error();
  if (!has_time) return std::string("its timestamp cannot be read");
  const std::int64_t time = ::timegm(&date);
  for (const TrustedAuthority& authority : authorities) {
    if (!authority.validity.contains(time)) continue;
    const bool valid = is_valid(crypto, read.get(), signature, authority, time);
    crypto.ERR_clear_error();
    if (valid) return time;
  }
  return std::string(
      "its timestamp is not one of this signature by an authority of the trusted root");
}

}  // namespace tenon::registry
