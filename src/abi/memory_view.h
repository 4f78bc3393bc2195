// Memory that values are copied from, where they are: a side of a call that only gives, without handles.
#pragma once

#include <cstdint>
#include <span>

#include "abi/guest.h"

namespace tenon::abi {

class MemoryView final : public Guest {
 public:
  // Lifetime: refers to `bytes`. Strings are UTF-8.
  explicit MemoryView(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  // Nothing is written to the memory of a side that gives.
  [[nodiscard]] std::span<std::uint8_t> memory() override {
    return {const_cast<std::uint8_t*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] Encoding encoding() const override { return Encoding::Utf8; }
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t /*old*/,
                                                           std::uint32_t /*old_size*/,
                                                           std::uint32_t /*align*/,
                                                           std::uint32_t /*new_size*/) override {
    return refuse();
  }
  [[nodiscard]] Result<ResourceToken, AbiError> lift_handle(HandlePart /*part*/,
                                                            std::uint32_t /*handle*/) override {
    return refuse();
  }
  [[nodiscard]] Result<void, AbiError> lower_handle(HandlePart /*part*/, ResourceToken /*resource*/,
                                                    HandlePlace /*place*/) override {
    return refuse();
  }

 private:
  static AbiError refuse() {
    return {.message = "a view of memory has no handles, and does not grow"};
  }

  std::span<const std::uint8_t> bytes_;
};

}  // namespace tenon::abi
