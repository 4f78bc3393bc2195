// The PIN of the configuration. It goes from its file or variable to C_Login, and nowhere else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "token_error.h"

namespace pkcs11_adapter {

// Where it is; at most one of them is given.
struct PinPlace {
  std::optional<std::string> file;      // its first line; nobody but its owner may read it
  std::optional<std::string> variable;  // of the environment
};

// Bytes that are overwritten when they go.
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

// Errors: denied: the configuration has none, or it cannot be read. No message has any of it.
[[nodiscard]] Expected<Pin> read_pin(const PinPlace& place);

}  // namespace pkcs11_adapter
