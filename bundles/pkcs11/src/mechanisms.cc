#include "mechanisms.h"

#include <array>
#include <string>
#include <type_traits>

namespace pkcs11_adapter {

namespace {

using Case = wit::mechanism;
using Kind = wit::error_kind;

// A block of AES; an IV of CBC is one.
constexpr std::size_t kBlockBytes = 16;
// What NIST SP 800-38D allows for an IV is more; no module takes it.
constexpr std::size_t kMostIvBytes = 256;

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

Expected<std::unique_ptr<Mechanism>> Mechanism::make(const wit::mechanism& wanted) {
  std::unique_ptr<Mechanism> made(new Mechanism);
  bool has_iv = true;   // of the length that it takes
  bool has_tag = true;  // the same
  const auto set_cbc = [&](CK_MECHANISM_TYPE type, const std::vector<std::uint8_t>& iv) {
    has_iv = iv.size() == kBlockBytes;
    made->set_iv(type, iv);
  };
  std::visit(
      [&]<class One>(const One& one) {
        if constexpr (std::is_same_v<One, Case::rsa_pkcs>)
          made->set(CKM_RSA_PKCS);
        else if constexpr (std::is_same_v<One, Case::rsa_pkcs_hashed>)
          made->set(codes_of(one.value).rsa);
        else if constexpr (std::is_same_v<One, Case::rsa_pss>)
          made->set_pss(CKM_RSA_PKCS_PSS, one.value);
        else if constexpr (std::is_same_v<One, Case::rsa_pss_hashed>)
          made->set_pss(codes_of(one.value.hash).pss, one.value);
        else if constexpr (std::is_same_v<One, Case::rsa_oaep>)
          made->set_oaep(one.value);
        else if constexpr (std::is_same_v<One, Case::ecdsa>)
          made->set(CKM_ECDSA);
        else if constexpr (std::is_same_v<One, Case::ecdsa_hashed>)
          made->set(codes_of(one.value).ecdsa);
        else if constexpr (std::is_same_v<One, Case::eddsa>)
          made->set(CKM_EDDSA);
        else if constexpr (std::is_same_v<One, Case::hmac>)
          made->set(codes_of(one.value).hmac);
        else if constexpr (std::is_same_v<One, Case::aes_ecb>)
          made->set(CKM_AES_ECB);
        else if constexpr (std::is_same_v<One, Case::aes_cbc>)
          set_cbc(CKM_AES_CBC, one.value);
        else if constexpr (std::is_same_v<One, Case::aes_cbc_pad>)
          set_cbc(CKM_AES_CBC_PAD, one.value);
        else if constexpr (std::is_same_v<One, Case::aes_gcm>) {
          has_iv = !one.value.iv.empty() && one.value.iv.size() <= kMostIvBytes;
          has_tag =
              one.value.tag_bits >= 32 && one.value.tag_bits <= 128 && one.value.tag_bits % 8 == 0;
          made->set_gcm(one.value);
        } else if constexpr (std::is_same_v<One, Case::aes_key_wrap>)
          made->set(CKM_AES_KEY_WRAP);
        else {
          static_assert(std::is_same_v<One, Case::aes_key_wrap_pad>);
          made->set(CKM_AES_KEY_WRAP_PAD);
        }
      },
      wanted.which);
  if (!has_iv)
    return refuse(Kind::argument,
                  "the IV has another length: CBC takes 16 bytes, GCM takes from 1 to 256");
  if (!has_tag)
    return refuse(Kind::argument, "a tag of GCM has from 32 to 128 bits, in whole bytes");
  return made;
}

std::unique_ptr<Mechanism> Mechanism::make_digest(wit::hash hash) {
  std::unique_ptr<Mechanism> made(new Mechanism);
  made->set(codes_of(hash).digest);
  return made;
}

void Mechanism::set(CK_MECHANISM_TYPE type) { mechanism_ = {type, nullptr, 0}; }

void Mechanism::set_iv(CK_MECHANISM_TYPE type, const std::vector<std::uint8_t>& iv) {
  iv_ = iv;
  mechanism_ = {type, iv_.data(), iv_.size()};
}

void Mechanism::set_pss(CK_MECHANISM_TYPE type, const wit::pss& pss) {
  const HashCodes& hash = codes_of(pss.hash);
  auto& made =
      parameters_.emplace<CK_RSA_PKCS_PSS_PARAMS>(hash.digest, hash.mask, CK_ULONG{pss.salt_bytes});
  mechanism_ = {type, &made, sizeof made};
}

void Mechanism::set_oaep(wit::hash hash) {
  auto& made = parameters_.emplace<CK_RSA_PKCS_OAEP_PARAMS>(
      codes_of(hash).digest, codes_of(hash).mask, CKZ_DATA_SPECIFIED, nullptr, CK_ULONG{0});
  mechanism_ = {CKM_RSA_PKCS_OAEP, &made, sizeof made};
}

void Mechanism::set_gcm(const wit::gcm& gcm) {
  iv_ = gcm.iv;
  additional_data_ = gcm.additional_data;
  auto& made = parameters_.emplace<CK_GCM_PARAMS>(iv_.data(), iv_.size(), iv_.size() * 8,
                                                  additional_data_.data(), additional_data_.size(),
                                                  CK_ULONG{gcm.tag_bits});
  mechanism_ = {CKM_AES_GCM, &made, sizeof made};
}

}  // namespace pkcs11_adapter
