// A module of PKCS#11 (a shared library), and the slots and tokens that guests can see in it.
//
// A process can initialize a module once, and finalizing it ends the sessions of everyone. So all
// instances that are configured with one file share a Module, and it finalizes the library only if
// it was the one that initialized it.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "settings.h"
#include "token_error.h"

namespace pkcs11_adapter {

// Thread: the bundle is TENON_SERIAL_LIBRARY, so only one thread at a time creates, uses or
// destroys modules.
class Module final {
 public:
  // The library is never unloaded: modules of PKCS#11 register exit handlers.
  // Throws std::runtime_error if it cannot be loaded or initialized; the bundle cannot start then.
  [[nodiscard]] static std::shared_ptr<Module> load(const std::string& path);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  // Finalizes the library if it was initialized here.
  ~Module();

  [[nodiscard]] const CK_FUNCTION_LIST& functions() const { return *functions_; }

 private:
  // Elsewhere: by another part of the process.
  enum class Initialized { Here, Elsewhere };

  Module(const CK_FUNCTION_LIST& functions, Initialized initialized)
      : functions_(&functions), initialized_(initialized) {}

  const CK_FUNCTION_LIST* functions_;
  Initialized initialized_;
};

// The slots that guests can see: all, or those with the configured token. Errors: the module's.
[[nodiscard]] Expected<std::vector<wit::slot>> read_slots(const CK_FUNCTION_LIST& functions,
                                                          const Settings& settings);

// The slot that a guest names, or else the only one with a token that the guest can see.
// Errors: denied: the named slot is not that of the configured token; argument: there is no such
// slot, or more than one to choose from.
[[nodiscard]] Expected<CK_SLOT_ID> choose_slot(const CK_FUNCTION_LIST& functions,
                                               const Settings& settings,
                                               std::optional<std::uint64_t> named);

[[nodiscard]] Expected<std::vector<wit::mechanism_info>> read_mechanisms(
    const CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);

}  // namespace pkcs11_adapter
