// Mechanisms of PKCS#11: an algorithm with its parameters.
//
// The parameters of a mechanism are C structs with pointers. A guest gives the values as WIT types,
// and the structs are built here, so that a guest can never pass an address to the module.
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
  // Errors: argument: a parameter has a length that the mechanism does not accept.
  [[nodiscard]] static Expected<std::unique_ptr<Mechanism>> make(const wit::mechanism& request);
  [[nodiscard]] static std::unique_ptr<Mechanism> make_digest(wit::hash hash);
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;

  // Not const, because functions of PKCS#11 take a CK_MECHANISM*. Lifetime: as long as this.
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
