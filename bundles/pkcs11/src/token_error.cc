#include "token_error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;

struct KnownCode {
  CK_RV code;
  std::string_view name;
  Kind kind;
};

// Source: PKCS #11 Base Specification 2.40, 5.1.
#define KNOWN(name, kind) \
  KnownCode { name, #name, kind }
constexpr std::array kKnownCodes = {
    KNOWN(CKR_CANCEL, Kind::other),
    KNOWN(CKR_HOST_MEMORY, Kind::token),
    KNOWN(CKR_SLOT_ID_INVALID, Kind::argument),
    KNOWN(CKR_GENERAL_ERROR, Kind::token),
    KNOWN(CKR_FUNCTION_FAILED, Kind::token),
    KNOWN(CKR_ARGUMENTS_BAD, Kind::argument),
    KNOWN(CKR_CANT_LOCK, Kind::token),
    KNOWN(CKR_ATTRIBUTE_READ_ONLY, Kind::argument),
    KNOWN(CKR_ATTRIBUTE_SENSITIVE, Kind::unsupported),
    KNOWN(CKR_ATTRIBUTE_TYPE_INVALID, Kind::unsupported),
    KNOWN(CKR_ATTRIBUTE_VALUE_INVALID, Kind::argument),
    KNOWN(CKR_ACTION_PROHIBITED, Kind::denied),
    KNOWN(CKR_DATA_INVALID, Kind::data),
    KNOWN(CKR_DATA_LEN_RANGE, Kind::data),
    KNOWN(CKR_DEVICE_ERROR, Kind::token),
    KNOWN(CKR_DEVICE_MEMORY, Kind::token),
    KNOWN(CKR_DEVICE_REMOVED, Kind::token),
    KNOWN(CKR_ENCRYPTED_DATA_INVALID, Kind::data),
    KNOWN(CKR_ENCRYPTED_DATA_LEN_RANGE, Kind::data),
    KNOWN(CKR_FUNCTION_CANCELED, Kind::other),
    KNOWN(CKR_FUNCTION_NOT_SUPPORTED, Kind::unsupported),
    KNOWN(CKR_KEY_HANDLE_INVALID, Kind::argument),
    KNOWN(CKR_KEY_SIZE_RANGE, Kind::argument),
    KNOWN(CKR_KEY_TYPE_INCONSISTENT, Kind::argument),
    KNOWN(CKR_KEY_FUNCTION_NOT_PERMITTED, Kind::argument),
    KNOWN(CKR_KEY_NOT_WRAPPABLE, Kind::argument),
    KNOWN(CKR_KEY_UNEXTRACTABLE, Kind::argument),
    KNOWN(CKR_MECHANISM_INVALID, Kind::unsupported),
    KNOWN(CKR_MECHANISM_PARAM_INVALID, Kind::argument),
    KNOWN(CKR_OBJECT_HANDLE_INVALID, Kind::argument),
    KNOWN(CKR_OPERATION_ACTIVE, Kind::other),
    KNOWN(CKR_OPERATION_NOT_INITIALIZED, Kind::other),
    KNOWN(CKR_PIN_INCORRECT, Kind::login),
    KNOWN(CKR_PIN_INVALID, Kind::login),
    KNOWN(CKR_PIN_LEN_RANGE, Kind::login),
    KNOWN(CKR_PIN_EXPIRED, Kind::login),
    KNOWN(CKR_PIN_LOCKED, Kind::login),
    KNOWN(CKR_SESSION_CLOSED, Kind::other),
    KNOWN(CKR_SESSION_COUNT, Kind::token),
    KNOWN(CKR_SESSION_HANDLE_INVALID, Kind::other),
    KNOWN(CKR_SESSION_READ_ONLY, Kind::denied),
    KNOWN(CKR_SESSION_EXISTS, Kind::other),
    KNOWN(CKR_SESSION_READ_ONLY_EXISTS, Kind::other),
    KNOWN(CKR_SESSION_READ_WRITE_SO_EXISTS, Kind::other),
    KNOWN(CKR_SIGNATURE_INVALID, Kind::data),
    KNOWN(CKR_SIGNATURE_LEN_RANGE, Kind::data),
    KNOWN(CKR_TEMPLATE_INCOMPLETE, Kind::argument),
    KNOWN(CKR_TEMPLATE_INCONSISTENT, Kind::argument),
    KNOWN(CKR_TOKEN_NOT_PRESENT, Kind::token),
    KNOWN(CKR_TOKEN_NOT_RECOGNIZED, Kind::token),
    KNOWN(CKR_TOKEN_WRITE_PROTECTED, Kind::denied),
    KNOWN(CKR_UNWRAPPING_KEY_SIZE_RANGE, Kind::argument),
    KNOWN(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, Kind::argument),
    KNOWN(CKR_USER_ALREADY_LOGGED_IN, Kind::login),
    KNOWN(CKR_USER_NOT_LOGGED_IN, Kind::login),
    KNOWN(CKR_USER_PIN_NOT_INITIALIZED, Kind::login),
    KNOWN(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, Kind::login),
    KNOWN(CKR_USER_TOO_MANY_TYPES, Kind::login),
    KNOWN(CKR_WRAPPED_KEY_INVALID, Kind::data),
    KNOWN(CKR_WRAPPED_KEY_LEN_RANGE, Kind::data),
    KNOWN(CKR_WRAPPING_KEY_HANDLE_INVALID, Kind::argument),
    KNOWN(CKR_WRAPPING_KEY_SIZE_RANGE, Kind::argument),
    KNOWN(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, Kind::argument),
    KNOWN(CKR_RANDOM_NO_RNG, Kind::unsupported),
    KNOWN(CKR_DOMAIN_PARAMS_INVALID, Kind::argument),
    KNOWN(CKR_CURVE_NOT_SUPPORTED, Kind::unsupported),
    KNOWN(CKR_BUFFER_TOO_SMALL, Kind::other),
    KNOWN(CKR_INFORMATION_SENSITIVE, Kind::denied),
    KNOWN(CKR_CRYPTOKI_NOT_INITIALIZED, Kind::other),
    KNOWN(CKR_PUBLIC_KEY_INVALID, Kind::argument),
    KNOWN(CKR_FUNCTION_REJECTED, Kind::denied),
};
#undef KNOWN

}  // namespace

tenon::unexpected<wit::error> refuse(wit::error_kind kind, std::string message) {
  wit::error error;
  error.kind = kind;
  error.message = std::move(message);
  return tenon::unexpected(std::move(error));
}

tenon::unexpected<wit::error> fail(std::string_view function, CK_RV code) {
  const auto known = std::ranges::find(kKnownCodes, code, &KnownCode::code);
  const bool is_known = known != kKnownCodes.end();
  wit::error error;
  error.kind = is_known ? known->kind : wit::error_kind::other;
  error.code = static_cast<std::uint32_t>(code);
  error.message = std::string(function) + " returned " +
                  (is_known                     ? std::string(known->name)
                   : code >= CKR_VENDOR_DEFINED ? "a vendor-defined code, " + std::to_string(code)
                                                : "the code " + std::to_string(code));
  return tenon::unexpected(std::move(error));
}

}  // namespace pkcs11_adapter
