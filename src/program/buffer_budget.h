// The bytes that components write into buffers count for the `memory` of the domain that writes them, until the
// buffer is destroyed. Whoever holds a buffer then can be another domain, or the program.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "tenon/buffer.h"

namespace tenon::program {

// The bytes that the guests of a domain can still write. Thread: any, as the last holder of a buffer.
class BufferBudget final {
 public:
  explicit BufferBudget(std::uint64_t bytes) : left_(bytes) {}

  // Returns false, and takes nothing, if fewer bytes are left.
  [[nodiscard]] bool take(std::uint64_t bytes) {
    std::uint64_t left = left_;
    while (left >= bytes)
      if (left_.compare_exchange_weak(left, left - bytes)) return true;
    return false;
  }
  void give_back(std::uint64_t bytes) { left_ += bytes; }

 private:
  std::atomic<std::uint64_t> left_;
};

}  // namespace tenon::program

namespace tenon::detail {

// The bytes that one buffer has taken from budgets, which get them back when the buffer is destroyed.
class BufferCharges final {
 public:
  BufferCharges() = default;
  BufferCharges(const BufferCharges&) = delete;
  BufferCharges& operator=(const BufferCharges&) = delete;
  ~BufferCharges() {
    for (const auto& [budget, bytes] : taken_) budget->give_back(bytes);
  }

  // Counts bytes that are written next. Returns false if the budget does not have them.
  [[nodiscard]] static bool add(Buffer& buffer,
                                const std::shared_ptr<program::BufferBudget>& budget,
                                std::uint64_t bytes) {
    if (buffer.charges_ == nullptr) buffer.charges_ = std::make_shared<BufferCharges>();
    std::uint64_t& taken = buffer.charges_->taken_[budget];
    if (!budget->take(bytes)) return false;
    taken += bytes;
    return true;
  }

 private:
  std::map<std::shared_ptr<program::BufferBudget>, std::uint64_t> taken_;
};

}  // namespace tenon::detail
