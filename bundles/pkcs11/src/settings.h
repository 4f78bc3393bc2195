// The configuration of an instance, and the PIN in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "token_error.h"

namespace pkcs11_adapter {

// Where the user's PIN is; at most one of the two is set.
struct PinPlace {
  std::optional<std::string> file;      // in its first line; only its owner can read the file
  std::optional<std::string> variable;  // of the environment
};

enum class GuestPin { Refused, Allowed };
enum class TokenAccess { ReadOnly, ReadWrite };

// ../host.toml describes the keys.
struct Settings {
  std::string module;                // path of the library
  std::optional<std::string> token;  // a label; absent: any token
  PinPlace pin;
  GuestPin guest_pin = GuestPin::Refused;
  TokenAccess access = TokenAccess::ReadOnly;
  std::int64_t max_sessions = 16;  // at a time
};

// Throws std::runtime_error if values contradict each other; the bundle cannot start then.
[[nodiscard]] Settings read_settings(const tenon::host_config& config);

// A PIN on its way to C_Login. The bytes are overwritten when the object is destroyed or moved
// from, so that no copy stays in freed memory.
class Pin final {
 public:
  explicit Pin(std::string_view text) : text_(text) {}
  Pin(Pin&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Pin& operator=(Pin&&) = delete;
  ~Pin() { wipe(); }

  [[nodiscard]] std::string& text() { return text_; }

 private:
  void wipe();

  std::string text_;
};

// Errors: denied: no PIN is configured, or it cannot be read. No message contains any of it.
[[nodiscard]] Expected<Pin> read_pin(const PinPlace& place);

}  // namespace pkcs11_adapter
