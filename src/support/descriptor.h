// A file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace tenon {

class Descriptor final {
 public:
  // number: negative: none is open.
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
  // Gives it away: it is not closed here.
  int release() { return std::exchange(number_, -1); }
  // Closes it; false where the system reports a write that failed late.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

}  // namespace tenon
