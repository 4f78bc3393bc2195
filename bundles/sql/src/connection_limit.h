// How many connections the guests of an instance may have at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace sql_adapter {

// Thread: any.
class ConnectionLimit final {
 public:
  explicit ConnectionLimit(std::int64_t most) : most_(most) {}

  // One of them, while it lives.
  class Place final {
   public:
    explicit Place(std::shared_ptr<ConnectionLimit> limit) : limit_(std::move(limit)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --limit_->taken_; }

   private:
    std::shared_ptr<ConnectionLimit> limit_;
  };

  // Null: there are as many as there may be.
  [[nodiscard]] static std::unique_ptr<Place> find_place(
      const std::shared_ptr<ConnectionLimit>& limit) {
    if (++limit->taken_ <= limit->most_) return std::make_unique<Place>(limit);
    --limit->taken_;
    return nullptr;
  }

  [[nodiscard]] std::int64_t most() const { return most_; }

 private:
  std::int64_t most_;
  std::atomic<std::int64_t> taken_ = 0;
};

}  // namespace sql_adapter
