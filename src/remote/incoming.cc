#include "remote/incoming.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "support/try.h"

namespace tenon::remote {

Result<void, std::string> Incoming::expect(WireReader values) {
  values_.emplace(std::move(values));
  // Values without bytes, such as no parameters, are there already.
  TENON_TRY_VOID(read_values({}));
  return expect_nothing();
}

Result<void, std::string> Incoming::expect_nothing() {
  is_expecting_ = true;
  return add({});
}

Result<void, std::string> Incoming::add(std::span<const std::uint8_t> bytes) {
  // Bytes are copied only behind others that could not be read.
  if (!unread_.empty()) unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  const bool was_empty = unread_.empty();
  std::span<const std::uint8_t> rest = was_empty ? bytes : std::span<const std::uint8_t>(unread_);
  TENON_TRY(const bool has_all_of_header, frames_.read_header(rest));
  if (has_all_of_header && is_expecting_) TENON_TRY_VOID(read_frames(rest));
  if (was_empty)
    unread_.assign(rest.begin(), rest.end());
  else
    unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return {};
}

std::span<std::uint8_t> Incoming::room() {
  const std::optional<FrameReader::Expected> expected = frames_.expected();
  if (!expected || is_full() || !unread_.empty()) return {};
  if (expected->channel.empty())
    return values_ && root_.empty() ? values_->room(expected->size) : std::span<std::uint8_t>();
  const auto found = channels_.find(expected->channel);
  if (found == channels_.end()) return {};
  return found->second->room(expected->size);
}

Result<void, std::string> Incoming::add(const IndexPath& channel,
                                        std::span<const std::uint8_t> data, bool is_last) {
  if (channel.empty()) return read_root(data, is_last);
  // An empty message follows the last one of each channel.
  if (data.empty() && !channels_.contains(channel)) return {};
  return pass(channel, data);
}

Result<void, std::string> Incoming::read_frames(std::span<const std::uint8_t>& bytes) {
  if (is_full()) TENON_TRY_VOID(pass(full_, std::exchange(data_, {})));
  while (!is_full()) {
    TENON_TRY(const std::optional<FrameReader::Piece> piece, frames_.next(bytes));
    if (!piece) return {};
    if (piece->channel.empty())
      // Frames can end anywhere, but known peers send the values in one.
      TENON_TRY_VOID(read_root(piece->data, frames_.is_between_frames()));
    else
      TENON_TRY_VOID(pass(piece->channel, piece->data));
  }
  return {};
}

Result<void, std::string> Incoming::read_root(std::span<const std::uint8_t> data, bool is_whole) {
  has_root_ = true;
  // First, so that none of their handles is lost if there is no memory.
  if (values_error_.empty())
    if (const auto read = read_values(data); !read) values_error_ = read.error();
  const std::size_t kept = std::min(tail_.size(), kNoteBytes - std::min(kNoteBytes, data.size()));
  tail_.erase(tail_.begin(), tail_.end() - static_cast<std::ptrdiff_t>(kept));
  const auto last = data.last(std::min(data.size(), kNoteBytes));
  tail_.insert(tail_.end(), last.begin(), last.end());
  has_whole_root_ = is_whole;
  const std::optional<FrameReader::Expected> rest = frames_.expected();
  const bool is_near = !rest || rest->size <= most_after_error_;
  if (!values_error_.empty() && (has_whole_root_ || !is_near)) return values_error_;
  return {};
}

Result<void, std::string> Incoming::read_values(std::span<const std::uint8_t> data) {
  // Known peers ignore what follows the values.
  if (!values_ || values_->is_done()) return {};
  if (!root_.empty()) {
    root_.insert(root_.end(), data.begin(), data.end());
    data = root_;
  }
  const Result<std::size_t, abi::AbiError> taken = values_->read(data);
  if (!taken) return abi::describe(taken.error());
  Bytes rest;
  if (!values_->is_done())
    rest.assign(data.begin() + static_cast<std::ptrdiff_t>(*taken), data.end());
  root_ = std::move(rest);
  return {};
}

Result<void, std::string> Incoming::pass(const IndexPath& channel,
                                         std::span<const std::uint8_t> data) {
  const auto found = channels_.find(channel);
  if (found == channels_.end())
    return fmt::format("unexpected data on channel {}: the values have no stream or future there",
                       fmt::join(channel, "."));
  TENON_TRY(const std::size_t taken, found->second->take(data));
  if (taken == data.size()) return {};
  full_ = channel;
  data_.assign(data.begin() + static_cast<std::ptrdiff_t>(taken), data.end());
  return {};
}

Result<void, std::string> Incoming::end() const {
  if (!values_error_.empty()) return values_error_;
  if (!frames_.has_header()) return std::string("the data ends within the header");
  if (!unread_.empty() || !frames_.is_between_frames())
    return std::string("the data ends within a frame");
  if (!values_ || values_->is_done()) return {};
  const std::string place = values_->place();
  return place.empty() ? std::string("the data ends before the values")
                       : fmt::format("the data ends within `{}`", place);
}

}  // namespace tenon::remote
