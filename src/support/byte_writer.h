// Writes a binary format. Every piece carries a label that says what it is.
//
// With `KeepLabels::Yes`, `dump` prints the bytes with their labels, so golden files and
// differences between them explain themselves:
//
//   ByteWriter out(KeepLabels::Yes);
//   out.byte(0x01, "sort func");
//   out.u32(300, "index");
//   out.name("run", "name");
//   dump(out.data(), out.labels());
//     // 0x0000: 01           ; sort func
//     // 0x0001: ac 02        ; index
//     // 0x0003: 03 72 75 6e  ; name "run"
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

enum class KeepLabels { No, Yes };

// Describes the bytes from `offset` to the next label.
struct ByteLabel {
  enum class Shows { Hex, Text };

  std::size_t offset = 0;
  std::string_view text;  // static storage
  Shows shows = Shows::Hex;

  bool operator==(const ByteLabel&) const = default;
};

// A growing buffer. Every `label` must point to static storage; all other arguments are copied.
class ByteWriter {
 public:
  explicit ByteWriter(KeepLabels keep = KeepLabels::No) : keep_(keep) {}

  void byte(std::uint8_t value, std::string_view label);
  void raw(std::span<const std::uint8_t> bytes, std::string_view label);
  // LEB128 in its shortest form.
  void u32(std::uint32_t value, std::string_view label);
  void s33(std::int64_t value, std::string_view label);
  // A count or length, as u32.  REQUIRES: count < 2^32
  void count(std::size_t count, std::string_view label);
  // Length, then the bytes of the text.
  void name(std::string_view text, std::string_view label);
  // The size of `body` in bytes, then its contents with their labels.
  void block(const ByteWriter& body, std::string_view label);
  // The contents of `other` with their labels, or with `label` if `other` kept none.
  void append(const ByteWriter& other, std::string_view label);
  // Bytes and labels from elsewhere; the offsets of the labels count from the start of `bytes`.
  void append(std::span<const std::uint8_t> bytes, std::span<const ByteLabel> labels,
              std::string_view label);

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::span<const std::uint8_t> data() const { return bytes_; }
  [[nodiscard]] std::span<const ByteLabel> labels() const { return labels_; }
  [[nodiscard]] KeepLabels keeps_labels() const { return keep_; }

  [[nodiscard]] std::vector<std::uint8_t> take_bytes() && { return std::move(bytes_); }
  [[nodiscard]] std::vector<ByteLabel> take_labels() && { return std::move(labels_); }
  void clear();

 private:
  void mark(std::string_view label, ByteLabel::Shows shows = ByteLabel::Shows::Hex);

  KeepLabels keep_;
  std::vector<std::uint8_t> bytes_;
  std::vector<ByteLabel> labels_;
};

// One line per label: the offset in hexadecimal, the bytes (of a long piece the first 16), the
// label.
std::string dump(std::span<const std::uint8_t> bytes, std::span<const ByteLabel> labels);

}  // namespace tenon
