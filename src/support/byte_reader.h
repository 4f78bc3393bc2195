// Reads a binary format from untrusted bytes.
//
// A reader covers one region of a file, such as a section, and never reads past its end. Offsets
// count from the start of the file, also in the reader of an inner region, so users can look up the
// offset in an error message. Every read names what it reads:
//
//   ByteReader in(bytes, "the file");
//   TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
//   TENON_TRY(ByteReader section, in.read_region(size, "the import section"));
//   const Production production(section, "importdecl");
//   TENON_TRY(const std::string_view name, section.read_name("name"));
//
// A failed read then says: "name in `importdecl` of the import section: 5 bytes are needed, but the
// import section ends after 2".
//
// Errors: read-truncated (the file ends too early), read-malformed (the bytes break the rule that
// the message states), read-limit, read-newer-abi. Each has its offset in `where`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "tenon/result.h"

namespace tenon {

class ByteReader {
 public:
  // region: what the bytes are, for messages. This text, every `what` and every production name
  // must have static storage.
  ByteReader(std::span<const std::uint8_t> file, std::string_view region)
      : ByteReader(file, 0, file.size(), region) {}
  // The bytes [begin, end) of `file`.  REQUIRES: begin <= end <= file.size()
  ByteReader(std::span<const std::uint8_t> file, std::size_t begin, std::size_t end,
             std::string_view region);

  [[nodiscard]] std::size_t offset() const { return position_; }
  [[nodiscard]] std::size_t end() const { return end_; }
  [[nodiscard]] std::size_t bytes_left() const { return end_ - position_; }
  [[nodiscard]] bool at_end() const { return position_ == end_; }
  [[nodiscard]] std::span<const std::uint8_t> file() const { return file_; }

  Result<std::uint8_t> read_byte(std::string_view what);
  // The next byte, which stays unread.
  Result<std::uint8_t> peek_byte(std::string_view what) const;
  Result<std::span<const std::uint8_t>> read_bytes(std::uint64_t count, std::string_view what);
  // LEB128: no more bytes than the type needs, and unused bits that match the sign.
  Result<std::uint32_t> read_u32(std::string_view what);
  Result<std::uint64_t> read_u64(std::string_view what);
  Result<std::int64_t> read_s33(std::string_view what);
  Result<std::int64_t> read_s64(std::string_view what);
  // A length, then UTF-8 text. Lifetime: a view into the file.
  Result<std::string_view> read_name(std::string_view what, std::size_t limit = limits::kNameBytes);
  // A count of items. Each takes at least one byte, so a count above the bytes left is an error.
  Result<std::uint32_t> read_count(std::string_view what);
  // A reader of the next `size` bytes; this one continues after them.
  Result<ByteReader> read_region(std::uint64_t size, std::string_view region);
  // Fails if bytes are left.
  Result<void> expect_end() const;

  // Make errors at `offset`, with the production and region in the message.
  [[nodiscard]] Diagnostic malformed(std::size_t offset, std::string_view what,
                                     std::string_view problem) const {
    return problem_at(Code::ReadMalformed, offset, what, problem);
  }
  // `what` cannot begin with `byte`. A newer version of the format may allow it.
  [[nodiscard]] Diagnostic unknown_byte(std::size_t offset, std::uint8_t byte,
                                        std::string_view what) const;
  [[nodiscard]] Diagnostic beyond_limit(std::size_t offset, std::string_view what,
                                        std::string_view problem) const {
    return problem_at(Code::ReadLimit, offset, what, problem);
  }
  [[nodiscard]] Diagnostic newer_abi(std::size_t offset, std::string_view what,
                                     std::string_view problem) const {
    return problem_at(Code::ReadNewerAbi, offset, what, problem);
  }

 private:
  friend class Production;

  template <class Integer>
  Result<Integer> take_leb128(int bits, std::string_view what);
  [[nodiscard]] Diagnostic problem_at(Code code, std::size_t offset, std::string_view what,
                                      std::string_view problem) const;
  // `needed` bytes were requested, but only `bytes_left()` are there.
  [[nodiscard]] Diagnostic too_short(std::uint64_t needed, std::string_view what) const;

  std::span<const std::uint8_t> file_;
  std::size_t position_;
  std::size_t end_;
  std::string_view region_;
  std::string_view production_;
};

// Names the production that is being read in error messages, until the end of the scope.
class Production {
 public:
  Production(ByteReader& in, std::string_view name)
      : in_(in), outer_(std::exchange(in.production_, name)) {}
  ~Production() { in_.production_ = outer_; }
  Production(const Production&) = delete;
  Production& operator=(const Production&) = delete;

 private:
  ByteReader& in_;
  std::string_view outer_;
};

// vec(item): a count and that many items, each read by `read_item(in)`, which returns a Result.
// Memory grows with the items that were read, not with the count, which is untrusted.
template <class ReadItem>
auto read_vector(ByteReader& in, std::string_view what, ReadItem read_item)
    -> Result<std::vector<typename decltype(read_item(in))::value_type>> {
  TENON_TRY(const std::uint32_t count, in.read_count(what));
  std::vector<typename decltype(read_item(in))::value_type> items;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto item = read_item(in);
    if (!item) return std::move(item).error();
    items.push_back(*std::move(item));
  }
  return items;
}

}  // namespace tenon
