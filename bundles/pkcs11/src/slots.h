// Slots and their tokens, as far as a guest may see them.
#pragma once

#include <p11-kit/pkcs11.h>

#include <optional>
#include <vector>

#include "settings.h"
#include "token_error.h"

namespace pkcs11_adapter {

// Errors: of the module.
[[nodiscard]] Expected<std::vector<wit::slot>> read_slots(const CK_FUNCTION_LIST& functions,
                                                          const Settings& settings);

// The slot of the configured token, or the one that a guest names, or the only one with a token.
// Errors: denied: it is another than the configured; argument: there is none, or more than one.
[[nodiscard]] Expected<CK_SLOT_ID> choose_slot(const CK_FUNCTION_LIST& functions,
                                               const Settings& settings,
                                               std::optional<std::uint64_t> named);

[[nodiscard]] Expected<std::vector<wit::mechanism_info>> read_mechanisms(
    const CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);

}  // namespace pkcs11_adapter
