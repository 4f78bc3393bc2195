#include "mechanisms.h"

#include <array>
#include <string>
#include <type_traits>

namespace pkcs11_adapter {

namespace {

using Case = wit::mechanism;
using Kind = wit::error_kind;

// The size of an AES block, and so of an IV for CBC.
constexpr std::size_t kBlockBytes = 16;
// NIST SP 800-38D allows longer IVs for GCM, but no module accepts them.
constexpr std::size_t kMaxIvBytes = 256;

// The codes that depend on a hash function.
struct HashCodes {
  CK_MECHANISM_TYPE digest;
  CK_RSA_PKCS_MGF_TYPE mask;
  CK_MECHANISM_TYPE rsa;
  CK_MECHANISM_TYPE pss;
  CK_MECHANISM_TYPE ecdsa;
  CK_MECHANISM_TYPE hmac;
};

// In the order of the WIT's `hash`.
constexpr std::array<HashCodes, 5> kHashes = {{
    {CKM_SHA_1, CKG_MGF1_SHA1, CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS, CKM_ECDSA_SHA1,
     CKM_SHA_1_HMAC},
    {CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS, CKM_ECDSA_SHA224,
     CKM_SHA224_HMAC},
    {CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256,
     CKM_SHA256_HMAC},
    {CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384,
     CKM_SHA384_HMAC},
    {CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512,
     CKM_SHA512_HMAC},
}};

const HashCodes& codes_of(wit::hash hash) { return kHashes[static_cast<std::size_t>(hash)]; }

}  // namespace

Expected<std::unique_ptr<Mechanism>> Mechanism::make(const wit::mechanism& request) {
  std::unique_ptr<Mechanism> mechanism(new Mechanism);
  bool is_iv_valid = true;
  bool is_tag_valid = true;
  const auto set_cbc = [&](CK_MECHANISM_TYPE type, const std::vector<std::uint8_t>& iv) {
    is_iv_valid = iv.size() == kBlockBytes;
    mechanism->set_iv(type, iv);
  };
  std::visit(
      [&]<class Active>(const Active& active) {
        if constexpr (std::is_same_v<Active, Case::rsa_pkcs>)
          mechanism->set(CKM_RSA_PKCS);
        else if constexpr (std::is_same_v<Active, Case::rsa_pkcs_hashed>)
          mechanism->set(codes_of(active.value).rsa);
        else if constexpr (std::is_same_v<Active, Case::rsa_pss>)
          mechanism->set_pss(CKM_RSA_PKCS_PSS, active.value);
        else if constexpr (std::is_same_v<Active, Case::rsa_pss_hashed>)
          mechanism->set_pss(codes_of(active.value.hash).pss, active.value);
        else if constexpr (std::is_same_v<Active, Case::rsa_oaep>)
          mechanism->set_oaep(active.value);
        else if constexpr (std::is_same_v<Active, Case::ecdsa>)
          mechanism->set(CKM_ECDSA);
        else if constexpr (std::is_same_v<Active, Case::ecdsa_hashed>)
          mechanism->set(codes_of(active.value).ecdsa);
        else if constexpr (std::is_same_v<Active, Case::eddsa>)
          mechanism->set(CKM_EDDSA);
        else if constexpr (std::is_same_v<Active, Case::hmac>)
          mechanism->set(codes_of(active.value).hmac);
        else if constexpr (std::is_same_v<Active, Case::aes_ecb>)
          mechanism->set(CKM_AES_ECB);
        else if constexpr (std::is_same_v<Active, Case::aes_cbc>)
          set_cbc(CKM_AES_CBC, active.value);
        else if constexpr (std::is_same_v<Active, Case::aes_cbc_pad>)
          set_cbc(CKM_AES_CBC_PAD, active.value);
        else if constexpr (std::is_same_v<Active, Case::aes_gcm>) {
          is_iv_valid = !active.value.iv.empty() && active.value.iv.size() <= kMaxIvBytes;
          is_tag_valid = active.value.tag_bits >= 32 && active.value.tag_bits <= 128 &&
                         active.value.tag_bits % 8 == 0;
          mechanism->set_gcm(active.value);
        } else if constexpr (std::is_same_v<Active, Case::aes_key_wrap>)
          mechanism->set(CKM_AES_KEY_WRAP);
        else {
          static_assert(std::is_same_v<Active, Case::aes_key_wrap_pad>);
          mechanism->set(CKM_AES_KEY_WRAP_PAD);
        }
      },
      request.which);
  if (!is_iv_valid)
    return refuse(Kind::argument,
                  "the IV has a wrong length: expected 16 bytes for CBC, 1 to 256 for GCM");
  if (!is_tag_valid)
    return refuse(Kind::argument,
                  "the tag of GCM has a wrong length: expected 32 to 128 bits, in whole bytes");
  return mechanism;
}

std::unique_ptr<Mechanism> Mechanism::make_digest(wit::hash hash) {
  std::unique_ptr<Mechanism> mechanism(new Mechanism);
  mechanism->set(codes_of(hash).digest);
  return mechanism;
}

void Mechanism::set(CK_MECHANISM_TYPE type) { mechanism_ = {type, nullptr, 0}; }

void Mechanism::set_iv(CK_MECHANISM_TYPE type, const std::vector<std::uint8_t>& iv) {
  iv_ = iv;
  mechanism_ = {type, iv_.data(), iv_.size()};
}

void Mechanism::set_pss(CK_MECHANISM_TYPE type, const wit::pss& pss) {
  const HashCodes& hash = codes_of(pss.hash);
  auto& parameters =
      parameters_.emplace<CK_RSA_PKCS_PSS_PARAMS>(hash.digest, hash.mask, CK_ULONG{pss.salt_bytes});
  mechanism_ = {type, &parameters, sizeof parameters};
}

void Mechanism::set_oaep(wit::hash hash) {
  auto& parameters = parameters_.emplace<CK_RSA_PKCS_OAEP_PARAMS>(
      codes_of(hash).digest, codes_of(hash).mask, CKZ_DATA_SPECIFIED, nullptr, CK_ULONG{0});
  mechanism_ = {CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
}

void Mechanism::set_gcm(const wit::gcm& gcm) {
  iv_ = gcm.iv;
  additional_data_ = gcm.additional_data;
  auto& parameters = parameters_.emplace<CK_GCM_PARAMS>(
      iv_.data(), iv_.size(), iv_.size() * 8, additional_data_.data(), additional_data_.size(),
      CK_ULONG{gcm.tag_bits});
  mechanism_ = {CKM_AES_GCM, &parameters, sizeof parameters};
}

}  // namespace pkcs11_adapter
