// A file descriptor with one owner, and functions that read or write a whole file. They retry calls
// that a signal interrupted.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tenon {

class Descriptor final {
 public:
  // number: negative if nothing is open, such as after a failed `open`.
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  // Gives up ownership: the caller closes it.
  int release() { return std::exchange(number_, -1); }
  // Closes it. False if the system reports a delayed write error.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

// The system's message for an errno, in lower case: "connection refused".
[[nodiscard]] std::string describe_error(int error);

// On failure these return nothing or false, and set errno.

// Reads from the current position to the end. EFBIG if that is more than `max_bytes`; for a regular
// file the size is checked before memory is reserved.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_all(int file, std::uint64_t max_bytes);
[[nodiscard]] bool write_all(int file, std::span<const std::uint8_t> content);
// The names in a folder, without `.` and `..`, sorted bytewise.
[[nodiscard]] std::optional<std::vector<std::string>> list_names(int folder);

}  // namespace tenon
