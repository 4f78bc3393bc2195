// A vector whose first elements are stored in the object, so that short ones allocate nothing.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace tenon::runtime {

// T: trivially copyable.
template <class T, std::size_t kFirst = 2>
class SmallVector final {
 public:
  SmallVector() = default;
  SmallVector(const SmallVector&) = delete;
  SmallVector& operator=(const SmallVector&) = delete;

  void push_back(const T& value) {
    if (count_ < kFirst)
      first_[count_] = value;
    else
      rest_.push_back(value);
    ++count_;
  }
  void clear() {
    count_ = 0;
    rest_.clear();
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] T& operator[](std::size_t i) { return i < kFirst ? first_[i] : rest_[i - kFirst]; }
  [[nodiscard]] const T& operator[](std::size_t i) const {
    return i < kFirst ? first_[i] : rest_[i - kFirst];
  }

 private:
  std::size_t count_ = 0;
  std::array<T, kFirst> first_;
  std::vector<T> rest_;
};

}  // namespace tenon::runtime
