// Errors of `tenon:pkcs11/token`, and how codes of a module become errors.
#pragma once

#include <p11-kit/pkcs11.h>

#include <string>
#include <string_view>

#include "pkcs11_host.h"

namespace pkcs11_adapter {

namespace wit = pkcs11_host::token;

template <class T>
using Expected = tenon::expected<T, wit::error>;

// An error that the adapter itself reports. Its code is 0: codes are the module's.
[[nodiscard]] tenon::unexpected<wit::error> refuse(wit::error_kind kind, std::string message);

// The error for a code that `function` returned. REQUIRES: the code is not CKR_OK.
[[nodiscard]] tenon::unexpected<wit::error> fail(std::string_view function, CK_RV code);

}  // namespace pkcs11_adapter
