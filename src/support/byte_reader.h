// Reads a binary format from bytes that nobody vouches for.
//
// A reader stands on a part of a file, the region, and never reads past its end. Offsets are those
// of the whole file, also in the reader of an inner region, so an error says where it is in terms
// that a user can look up. Every read carries a word that says what is read:
//
//   ByteReader in(bytes, "the file");
//   TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
//   TENON_TRY(ByteReader section, in.read_region(size, "the import section"));
//   const Production production(section, "importdecl");
//   TENON_TRY(const std::string_view name, section.read_name("name"));
//
// Errors: read-truncated, where the file ends; read-malformed, where the bytes break the rule that
// the message names; read-limit. Each has its offset in `where`.
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
  // region: what the bytes are, for messages; static storage, as every `what` and production.
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
  // The next byte, which is read again.
  Result<std::uint8_t> peek_byte(std::string_view what) const;
  Result<std::span<const std::uint8_t>> read_bytes(std::uint64_t count, std::string_view what);
  // LEB128: at most as many bytes as the type needs, unused bits as the sign demands.
  Result<std::uint32_t> read_u32(std::string_view what);
  Result<std::uint64_t> read_u64(std::string_view what);
  Result<std::int64_t> read_s33(std::string_view what);
  Result<std::int64_t> read_s64(std::string_view what);
  // Length and UTF-8. A view into the file.
  Result<std::string_view> read_name(std::string_view what, std::size_t limit = limits::kNameBytes);
  // A count of items that take at least one byte each: at most as many as bytes are left.
  Result<std::uint32_t> read_count(std::string_view what);
  // The next `size` bytes, for a reader of their own.
  Result<ByteReader> read_region(std::uint64_t size, std::string_view region);
  // Everything must have been read.
  Result<void> expect_end() const;

  // Errors at `offset`, with the production and region in the message.
  [[nodiscard]] Diagnostic malformed(std::size_t offset, std::string_view what,
                                     std::string_view problem) const {
    return problem_at(Code::ReadMalformed, offset, what, problem);
  }
  // `found` is none of the bytes that `what` may begin with.
  [[nodiscard]] Diagnostic unknown_byte(std::size_t offset, std::uint8_t found,
                                        std::string_view what) const;
  [[nodiscard]] Diagnostic beyond_limit(std::size_t offset, std::string_view what,
                                        std::string_view problem) const {
    return problem_at(Code::ReadLimit, offset, what, problem);
  }

 private:
  friend class Production;

  template <class Integer>
  Result<Integer> read_leb128(int bits, std::string_view what);
  [[nodiscard]] Diagnostic problem_at(Code code, std::size_t offset, std::string_view what,
                                      std::string_view problem) const;
  // `needed` bytes where `bytes_left()` are.
  [[nodiscard]] Diagnostic too_short(std::uint64_t needed, std::string_view what) const;

  std::span<const std::uint8_t> file_;
  std::size_t position_;
  std::size_t end_;
  std::string_view region_;
  std::string_view production_;
};

// Says which production is being read, until the end of the scope.
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
// Memory grows with the items that are there, not with the count.
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
