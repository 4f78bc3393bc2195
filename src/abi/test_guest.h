// A guest without an engine, for tests. Its memory only grows, and handles are numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "abi/guest.h"

namespace tenon::abi {

class TestGuest final : public Guest {
 public:
  struct Realloc {
    std::uint32_t old = 0;
    std::uint32_t old_size = 0;
    std::uint32_t align = 0;
    std::uint32_t size = 0;

    bool operator==(const Realloc&) const = default;
  };
  struct Lowered {
    HandlePart part;
    ResourceToken resource = 0;
    HandlePlace place;

    bool operator==(const Lowered&) const = default;
  };

  // filler: the value of bytes that were never written.
  explicit TestGuest(Encoding encoding = Encoding::Utf8, std::size_t size = 1024,
                     std::uint8_t filler = 0xa5)
      : bytes(size, filler), encoding_(encoding), filler_(filler) {}

  std::vector<std::uint8_t> bytes;
  std::uint32_t next = 16;  // start of free memory
  // Destinations of lowered handles that are not in memory.
  std::span<FlatValue> flat = {};
  std::span<std::uint8_t> host_bytes = {};
  std::vector<Realloc> reallocs = {};
  std::vector<HandlePart> lifted = {};
  std::vector<Lowered> lowered = {};
  // Whether realloc moves the whole memory to another address.
  enum class Moves { No, Yes };
  Moves moves = Moves::No;
  // Replaces realloc if set; may change `bytes`.
  std::function<Result<std::uint32_t, AbiError>(const Realloc&)> instead = {};

  std::uint32_t allocate(std::uint32_t size, std::uint32_t align) {
    next = (next + align - 1) / align * align;
    const std::uint32_t block = next;
    next += size;
    if (bytes.size() < next) bytes.resize(next + next / 2, filler_);
    return block;
  }
  template <class T>
  void put(std::uint32_t address, T value) {
    std::memcpy(&bytes.at(address + sizeof(T) - 1) - (sizeof(T) - 1), &value, sizeof(T));
  }
  template <class T>
  [[nodiscard]] T get(std::uint32_t address) const {
    T value{};
    std::memcpy(&value, &bytes.at(address + sizeof(T) - 1) - (sizeof(T) - 1), sizeof(T));
    return value;
  }

  std::span<std::uint8_t> memory() override { return bytes; }
  [[nodiscard]] Encoding encoding() const override { return encoding_; }

  Result<std::uint32_t, AbiError> reallocate(std::uint32_t old, std::uint32_t old_size,
                                             std::uint32_t align, std::uint32_t size) override {
    reallocs.push_back({old, old_size, align, size});
    if (instead) return instead(reallocs.back());
    const std::uint32_t block = allocate(size, align);
    const std::uint32_t kept = std::min(old_size, size);
    if (kept > 0) std::memcpy(bytes.data() + block, bytes.data() + old, kept);
    if (moves == Moves::Yes) {
      std::vector<std::uint8_t> other(bytes);
      bytes.swap(other);
    }
    return block;
  }

  Result<ResourceToken, AbiError> lift_handle(HandlePart part, std::uint32_t handle) override {
    lifted.push_back(part);
    if (handle == kNoHandle) return AbiError{AbiErrorKind::Guest, "no such handle"};
    return ResourceToken{handle};
  }
  Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                      HandlePlace place) override {
    lowered.push_back({part, resource, place});
    const auto handle = static_cast<std::uint32_t>(resource);
    switch (place.where) {
      case HandlePlace::Where::Flat:
        flat[place.at] = handle;
        break;
      case HandlePlace::Where::Memory:
        put(place.at, handle);
        break;
      case HandlePlace::Where::Bytes:
        std::memcpy(host_bytes.subspan(place.at, 4).data(), &handle, 4);
        break;
    }
    return {};
  }

  static constexpr std::uint32_t kNoHandle = 0xdead;

 private:
  Encoding encoding_;
  std::uint8_t filler_;
};

}  // namespace tenon::abi
