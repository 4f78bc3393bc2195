// A function to be run later, any number of times, which then needs no memory: what ends something must not be lost,
// so it is allocated when that begins.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace tenon::runtime {

// Its copies are the same one.
class Posting final {
 public:
  Posting() = default;  // nothing
  explicit Posting(std::function<void()> function)
      : entry_(std::make_shared<Entry>(std::move(function))) {}

  [[nodiscard]] bool is_empty() const { return entry_ == nullptr; }
  // REQUIRES: not `is_empty`
  void run() const { entry_->function(); }

 private:
  friend class Postings;
  struct Entry {
    explicit Entry(std::function<void()> posted) : function(std::move(posted)) {}

    const std::function<void()> function;
    bool is_waiting = false;      // in a list
    std::shared_ptr<Entry> next;  // in the list
  };
  explicit Posting(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}

  std::shared_ptr<Entry> entry_;
};

// Those that wait, in order. A posting can be in one list at a time. Nothing here allocates.
class Postings final {
 public:
  Postings() = default;
  Postings(Postings&& other) noexcept { append(std::move(other)); }
  Postings& operator=(Postings&& other) noexcept {
    clear();
    append(std::move(other));
    return *this;
  }
  ~Postings() { clear(); }

  [[nodiscard]] bool is_empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Nothing if it waits already, or is empty.
  void append(Posting posting) {
    if (posting.is_empty() || std::exchange(posting.entry_->is_waiting, true)) return;
    Posting::Entry* const entry = posting.entry_.get();
    (size_ == 0 ? first_ : last_->next) = std::move(posting.entry_);
    last_ = entry;
    ++size_;
  }
  void append(Postings&& others) noexcept {
    if (others.is_empty()) return;
    (size_ == 0 ? first_ : last_->next) = std::move(others.first_);
    last_ = others.last_;
    size_ += std::exchange(others.size_, 0);
  }
  // REQUIRES: not `is_empty`
  [[nodiscard]] Posting take_first() {
    Posting first(std::move(first_));
    first_ = std::move(first.entry_->next);
    first.entry_->is_waiting = false;
    --size_;
    return first;
  }

 private:
  // One after the other: a long chain of them must not end within each other.
  void clear() {
    while (!is_empty()) (void)take_first();
  }

  std::shared_ptr<Posting::Entry> first_;
  Posting::Entry* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tenon::runtime
