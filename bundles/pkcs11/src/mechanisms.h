// Mechanisms of PKCS#11, with parameters that are made here: those of a guest could hold addresses.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "token_error.h"

namespace pkcs11_adapter {

class Mechanism final {
 public:
  // Errors: argument: a parameter of another length than the mechanism takes.
  [[nodiscard]] static Expected<std::unique_ptr<Mechanism>> make(const wit::mechanism& wanted);
  [[nodiscard]] static std::unique_ptr<Mechanism> make_digest(wit::hash hash);
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;

  // Lifetime: this. Modules take it as what they may change.
  [[nodiscard]] CK_MECHANISM* get() { return &mechanism_; }

 private:
  Mechanism() = default;
  void set(CK_MECHANISM_TYPE type);
  void set_iv(CK_MECHANISM_TYPE type, const std::vector<std::uint8_t>& iv);
  void set_pss(CK_MECHANISM_TYPE type, const wit::pss& pss);
  void set_oaep(wit::hash hash);
  void set_gcm(const wit::gcm& gcm);

  CK_MECHANISM mechanism_ = {};
  std::vector<std::uint8_t> iv_;
  std::vector<std::uint8_t> additional_data_;
  std::variant<std::monostate, CK_RSA_PKCS_PSS_PARAMS, CK_RSA_PKCS_OAEP_PARAMS, CK_GCM_PARAMS>
      parameters_;
};

}  // namespace pkcs11_adapter
