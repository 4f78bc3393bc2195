// What fuzz targets share: claims, and choices that their input makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>

// Says where and ends the target, which is how a fuzzer learns that it found something.
inline void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: what the target claims does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

// Draws small numbers from the input, and 0 after its end.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
  unsigned below(unsigned bound) { return data_ == end_ ? 0 : *data_++ % bound; }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};
