// Shared by the fuzz targets: checks of their properties, and choices that are read from the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <span>

// Prints the place and aborts, so that the fuzzer reports the input.
inline void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: the property does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

// Reads small numbers from the input, and returns 0 after its end.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  std::uint32_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint32_t word() { return byte() | byte() << 8 | byte() << 16 | byte() << 24; }
  std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(byte() % bound); }
  // True once in `times`, and never after the end of the input.
  bool is_rare(std::size_t times) { return below(times) + 1 == times; }
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return rest_; }

 private:
  std::span<const std::uint8_t> rest_;
};
