#include "remote/frames.h"

#include <fmt/core.h>

#include <algorithm>

#include "support/check.h"
#include "support/leb128.h"
#include "support/limits.h"
#include "support/try.h"
#include "support/utf8.h"

namespace tenon::remote {

namespace {

using Input = std::span<const std::uint8_t>;

constexpr std::uint8_t kVersion = 0;

void append_name(Bytes& out, std::string_view name) {
  TENON_CHECK(name.size() <= limits::kNameBytes);
  append_leb128(out, static_cast<std::uint32_t>(name.size()));
  out.insert(out.end(), name.begin(), name.end());
}

// Nothing if more bytes are needed.
Result<std::optional<std::uint32_t>, std::string> read_number(Input& bytes, std::string_view what) {
  using Fault = Leb128<std::uint32_t>::Fault;
  const Leb128<std::uint32_t> number = read_leb128<std::uint32_t>(bytes);
  if (number.fault == Fault::Short) return std::optional<std::uint32_t>();
  if (number.fault != Fault::None) return fmt::format("{} does not fit in 32 bits", what);
  bytes = bytes.subspan(number.size);
  return std::optional(number.value);
}

// Nothing if more bytes are needed.
Result<std::optional<std::string>, std::string> read_name(Input& bytes, std::string_view what) {
  Input rest = bytes;
  TENON_TRY(const std::optional<std::uint32_t> size, read_number(rest, what));
  if (!size) return std::optional<std::string>();
  if (*size > limits::kNameBytes)
    return fmt::format("{} has {} bytes, more than the limit of {}", what, *size,
                       limits::kNameBytes);
  if (rest.size() < *size) return std::optional<std::string>();
  std::string name(rest.begin(), rest.begin() + *size);
  if (!is_utf8(name)) return fmt::format("{} is not UTF-8", what);
  bytes = rest.subspan(*size);
  return std::optional(std::move(name));
}

}  // namespace

void append_header(Bytes& out, std::string_view instance, std::string_view function) {
  out.push_back(kVersion);
  append_name(out, instance);
  append_name(out, function);
}

void append_frame_head(Bytes& out, const IndexPath& channel, std::size_t size) {
  TENON_CHECK(size <= UINT32_MAX);
  append_leb128(out, static_cast<std::uint32_t>(channel.size()));
  for (const std::uint32_t index : channel) append_leb128(out, index);
  append_leb128(out, static_cast<std::uint32_t>(size));
}

void append_frame(Bytes& out, const IndexPath& channel, std::span<const std::uint8_t> data) {
  append_frame_head(out, channel, data.size());
  out.insert(out.end(), data.begin(), data.end());
}

Result<std::optional<FrameReader::Piece>, std::string> FrameReader::next(Input& bytes) {
  TENON_TRY(const bool has_all, read_header(bytes));
  if (!has_all) return std::optional<Piece>();
  TENON_TRY(const bool has_path, read_path(bytes));
  if (!has_path) return std::optional<Piece>();
  if (state_ == State::Size) {
    TENON_TRY(const std::optional<std::uint32_t> size, read_number(bytes, "the size of a frame"));
    if (!size) return std::optional<Piece>();
    data_left_ = *size;
    state_ = State::Data;
  } else if (bytes.empty()) {
    return std::optional<Piece>();
  }
  const std::size_t size = std::min<std::size_t>(data_left_, bytes.size());
  const Input data = bytes.first(size);
  bytes = bytes.subspan(size);
  data_left_ -= static_cast<std::uint32_t>(size);
  if (data_left_ == 0) state_ = State::Path;
  return std::optional(Piece{channel_, data});
}

Result<bool, std::string> FrameReader::read_header(Input& bytes) {
  if (state_ == State::Version) {
    if (bytes.empty()) return false;
    if (bytes[0] != kVersion)
      return fmt::format("unsupported framing version {} (expected {})", bytes[0], kVersion);
    bytes = bytes.subspan(1);
    state_ = State::Instance;
  }
  if (state_ == State::Instance) {
    TENON_TRY(std::optional<std::string> name, read_name(bytes, "the name of the interface"));
    if (!name) return false;
    instance_ = *std::move(name);
    state_ = State::Function;
  }
  if (state_ == State::Function) {
    TENON_TRY(std::optional<std::string> name, read_name(bytes, "the name of the function"));
    if (!name) return false;
    function_ = *std::move(name);
    state_ = State::Path;
  }
  return true;
}

Result<bool, std::string> FrameReader::read_path(Input& bytes) {
  if (state_ != State::Path) return true;
  if (!has_path_size_) {
    TENON_TRY(const std::optional<std::uint32_t> size,
              read_number(bytes, "the depth of a channel"));
    if (!size) return false;
    if (*size > kChannelDepth)
      return fmt::format("a channel has {} indices, more than the limit of {}", *size,
                         kChannelDepth);
    path_size_ = *size;
    has_path_size_ = true;
    channel_.clear();
  }
  while (channel_.size() < path_size_) {
    TENON_TRY(const std::optional<std::uint32_t> index,
              read_number(bytes, "an index of a channel"));
    if (!index) return false;
    channel_.push_back(*index);
  }
  has_path_size_ = false;
  state_ = State::Size;
  return true;
}

}  // namespace tenon::remote
