// Errors of `tenon:pkcs11/token`.
#pragma once

#include <p11-kit/pkcs11.h>

#include <string>
#include <string_view>

#include "pkcs11_host.h"

namespace pkcs11_adapter {

namespace wit = pkcs11_host::token;

template <class T>
using Expected = tenon::expected<T, wit::error>;

// One that the adapter finds itself: its code is 0.
[[nodiscard]] tenon::unexpected<wit::error> refuse(wit::error_kind kind, std::string message);

// What `function` returned; not CKR_OK.
[[nodiscard]] tenon::unexpected<wit::error> fail(std::string_view function, CK_RV code);

}  // namespace pkcs11_adapter
