#include "support/byte_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/check.h"
#include "support/leb128.h"

namespace tenon {

void ByteWriter::mark(std::string_view label, ByteLabel::Shows shows) {
  if (keep_ == KeepLabels::Yes) labels_.push_back({bytes_.size(), label, shows});
}

void ByteWriter::byte(std::uint8_t value, std::string_view label) {
  mark(label);
  bytes_.push_back(value);
}

void ByteWriter::raw(std::span<const std::uint8_t> bytes, std::string_view label) {
  if (bytes.empty()) return;
  mark(label);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void ByteWriter::u32(std::uint32_t value, std::string_view label) {
  mark(label);
  append_leb128(bytes_, value);
}

void ByteWriter::s33(std::int64_t value, std::string_view label) {
  mark(label);
  append_leb128(bytes_, value);
}

void ByteWriter::count(std::size_t count, std::string_view label) {
  TENON_CHECK(count <= UINT32_MAX);
  u32(static_cast<std::uint32_t>(count), label);
}

void ByteWriter::name(std::string_view text, std::string_view label) {
  const std::size_t labelled = labels_.size();
  count(text.size(), label);
  if (keep_ == KeepLabels::Yes) labels_[labelled].shows = ByteLabel::Shows::Text;
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void ByteWriter::block(const ByteWriter& body, std::string_view label) {
  count(body.size(), label);
  append(body, label);
}

void ByteWriter::append(const ByteWriter& other, std::string_view label) {
  append(other.bytes_, other.labels_, label);
}

void ByteWriter::append(std::span<const std::uint8_t> bytes, std::span<const ByteLabel> labels,
                        std::string_view label) {
  if (keep_ == KeepLabels::Yes && !labels.empty()) {
    const std::size_t base = bytes_.size();
    if (labels.front().offset != 0) mark(label);
    for (ByteLabel copy : labels) {
      copy.offset += base;
      labels_.push_back(copy);
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return;
  }
  raw(bytes, label);
}

void ByteWriter::clear() {
  bytes_.clear();
  labels_.clear();
}

namespace {

constexpr std::size_t kBytesShown = 16;

// The text behind its LEB128 length.
std::string_view text_of(std::span<const std::uint8_t> bytes) {
  const auto last = std::find_if(bytes.begin(), bytes.end(), [](auto byte) { return byte < 0x80; });
  const std::size_t skipped = static_cast<std::size_t>(last - bytes.begin()) + 1;
  return {reinterpret_cast<const char*>(bytes.data()) + skipped, bytes.size() - skipped};
}

}  // namespace

std::string dump(std::span<const std::uint8_t> bytes, std::span<const ByteLabel> labels) {
  std::string out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t begin = labels[i].offset;
    const std::size_t end = i + 1 < labels.size() ? labels[i + 1].offset : bytes.size();
    const std::span<const std::uint8_t> piece = bytes.subspan(begin, end - begin);
    std::string shown;
    if (piece.size() > kBytesShown) {
      shown = fmt::format("{:02x} ... {} bytes", fmt::join(piece.first(kBytesShown), " "),
                          piece.size());
    } else {
      shown = fmt::format("{:02x}", fmt::join(piece, " "));
    }
    out += fmt::format("0x{:04x}: {:<24} ; {}", begin, shown, labels[i].text);
    if (labels[i].shows == ByteLabel::Shows::Text) out += fmt::format(" \"{}\"", text_of(piece));
    out += '\n';
  }
  return out;
}

}  // namespace tenon
