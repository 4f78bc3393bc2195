// Which rows of a column are not null.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace sql_adapter {

// The bitmap of `cells.validity`, row by row. It takes no memory while no row is null.
class Validity final {
 public:
  void add(bool is_valid) {
    if (!is_valid && bits_.empty()) bits_.assign(rows_ / 8 + 1, 0xFF);
    if (!bits_.empty()) {
      if (rows_ / 8 == bits_.size()) bits_.push_back(0xFF);
      if (!is_valid) bits_[rows_ / 8] &= static_cast<std::uint8_t>(~(1U << rows_ % 8));
    }
    ++rows_;
  }

  [[nodiscard]] bool is_valid(std::size_t row) const {
    return bits_.empty() || (bits_[row / 8] >> row % 8 & 1U) != 0;
  }

  // Absent: no row is null. Bits after the last row are 0.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> take() && {
    if (bits_.empty()) return std::nullopt;
    bits_.resize((rows_ + 7) / 8, 0xFF);
    if (rows_ % 8 != 0) bits_.back() &= static_cast<std::uint8_t>((1U << rows_ % 8) - 1);
    return std::move(bits_);
  }

 private:
  std::size_t rows_ = 0;
  std::vector<std::uint8_t> bits_;
};

}  // namespace sql_adapter
