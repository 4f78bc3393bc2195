// What an instance of the bundle is configured with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pin.h"

namespace pkcs11_adapter {

enum class GuestPin { Refused, Allowed };
enum class TokenAccess { ReadOnly, ReadWrite };

struct Settings {
  std::string module;                // the library
  std::optional<std::string> token;  // a label; absent: any token
  PinPlace pin;
  GuestPin guest_pin = GuestPin::Refused;
  TokenAccess access = TokenAccess::ReadOnly;
  std::int64_t max_sessions = 16;  // at a time
};

}  // namespace pkcs11_adapter
