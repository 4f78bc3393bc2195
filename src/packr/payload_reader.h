// Integers of the wire form, and a place in a node's payload that is read with a look at its end.
//
// What has been checked once is read with `load`, without another look.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "packr/graph_format.h"
#include "tenon/result.h"

namespace tenon::packr {

// The little-endian integer at `at`.
template <class Integer>
[[nodiscard]] inline Integer load(const std::uint8_t* at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value |= std::uint64_t{at[i]} << (8 * i);
  return static_cast<Integer>(value);
}

[[nodiscard]] inline std::uint32_t load_u32(const std::uint8_t* at) {
  return load<std::uint32_t>(at);
}

template <class Integer>
inline void store(std::uint8_t* at, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    at[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i));
}

// The text at `at`: a length and that many bytes.  REQUIRES: it has been checked
[[nodiscard]] inline std::string_view load_text(const std::uint8_t* at) {
  return {reinterpret_cast<const char*>(at) + 4, load_u32(at)};
}

// A place in bytes; every step is asked for first:
//
//   if (!in.has(4)) return in.too_small(4);
//   const std::uint32_t count = in.take_u32();
class PayloadReader {
 public:
  explicit PayloadReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool has(std::uint64_t size) const { return size <= bytes_.size() - at_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] GraphError too_small(std::uint64_t size) const {
    return buffer_too_small(at_ + size, bytes_.size());
  }

  // REQUIRES: has(what is taken)
  std::uint8_t take_byte() { return bytes_[at_++]; }
  std::uint32_t take_u32() {
    at_ += 4;
    return load_u32(bytes_.data() + at_ - 4);
  }
  std::span<const std::uint8_t> take(std::size_t size) {
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// Reads over a text; `rule` is the error where it is not UTF-8.
[[nodiscard]] Result<void, GraphError> check_text(PayloadReader& in, std::string_view rule);

}  // namespace tenon::packr
