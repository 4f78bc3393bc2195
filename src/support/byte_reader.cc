#include "support/byte_reader.h"

#include <fmt/core.h>

#include <string>

#include "support/check.h"
#include "support/leb128.h"
#include "support/utf8.h"
#include "tenon/inspect.h"

namespace tenon {

ByteReader::ByteReader(std::span<const std::uint8_t> file, std::size_t begin, std::size_t end,
                       std::string_view region)
    : file_(file), position_(begin), end_(end), region_(region) {
  TENON_CHECK(begin <= end && end <= file.size());
}

Result<std::uint8_t> ByteReader::read_byte(std::string_view what) {
  if (at_end()) return too_short(1, what);
  return file_[position_++];
}

Result<std::uint8_t> ByteReader::peek_byte(std::string_view what) const {
  if (at_end()) return too_short(1, what);
  return file_[position_];
}

Result<std::span<const std::uint8_t>> ByteReader::read_bytes(std::uint64_t count,
                                                             std::string_view what) {
  if (count > bytes_left()) return too_short(count, what);
  const std::size_t size = static_cast<std::size_t>(count);
  const std::span<const std::uint8_t> bytes = file_.subspan(position_, size);
  position_ += size;
  return bytes;
}

template <class Integer>
Result<Integer> ByteReader::take_leb128(int bits, std::string_view what) {
  using Fault = typename Leb128<Integer>::Fault;
  const Leb128<Integer> read = read_leb128<Integer>(file_.subspan(position_, bytes_left()), bits);
  switch (read.fault) {
    case Fault::None:
      break;
    case Fault::Short:
      position_ = end_;
      return too_short(1, what);
    case Fault::Long:
      return malformed(position_, what,
                       fmt::format("an integer longer than {} bytes", (bits + 6) / 7));
    case Fault::Wide:
      return malformed(position_, what,
                       fmt::format("an integer that does not fit in {} bits", bits));
  }
  position_ += read.size;
  return read.value;
}

Result<std::uint32_t> ByteReader::read_u32(std::string_view what) {
  if (!at_end() && file_[position_] < 0x80) return std::uint32_t{file_[position_++]};
  return take_leb128<std::uint32_t>(32, what);
}

Result<std::uint64_t> ByteReader::read_u64(std::string_view what) {
  return take_leb128<std::uint64_t>(64, what);
}

Result<std::int64_t> ByteReader::read_s33(std::string_view what) {
  return take_leb128<std::int64_t>(33, what);
}

Result<std::int64_t> ByteReader::read_s64(std::string_view what) {
  return take_leb128<std::int64_t>(64, what);
}

Result<std::string_view> ByteReader::read_name(std::string_view what, std::size_t limit) {
  const std::size_t begin = position_;
  TENON_TRY(const std::uint32_t size, read_u32(what));
  if (size > bytes_left()) return too_short(size, what);
  if (size > limit) {
    return beyond_limit(begin, what,
                        fmt::format("{} bytes, more than the limit of {}", size, limit));
  }
  const std::string_view text(reinterpret_cast<const char*>(file_.data()) + position_, size);
  if (!is_utf8(text)) return malformed(position_, what, "invalid UTF-8");
  position_ += size;
  return text;
}

Result<std::uint32_t> ByteReader::read_count(std::string_view what) {
  const std::size_t begin = position_;
  TENON_TRY(const std::uint32_t count, read_u32(what));
  if (count > bytes_left()) {
    return malformed(begin, what,
                     fmt::format("a count of {}, but only {} {} left", count, bytes_left(),
                                 bytes_left() == 1 ? "byte is" : "bytes are"));
  }
  return count;
}

Result<ByteReader> ByteReader::read_region(std::uint64_t size, std::string_view region) {
  if (size > bytes_left()) return too_short(size, region);
  const std::size_t begin = position_;
  position_ += static_cast<std::size_t>(size);
  return ByteReader(file_, begin, position_, region);
}

Result<void> ByteReader::expect_end() const {
  if (at_end()) return {};
  return malformed(position_, region_,
                   fmt::format("{} unexpected {} after its contents", bytes_left(),
                               bytes_left() == 1 ? "byte" : "bytes"));
}

Diagnostic ByteReader::unknown_byte(std::size_t offset, std::uint8_t byte,
                                    std::string_view what) const {
  Diagnostic diagnostic = malformed(offset, what, fmt::format("unexpected byte 0x{:02x}", byte));
  diagnostic.notes.emplace_back().text = fmt::format(
      "the file may use a newer version of the format than {} supports", engine_version());
  return diagnostic;
}

Diagnostic ByteReader::problem_at(Code code, std::size_t offset, std::string_view what,
                                  std::string_view problem) const {
  std::string place(what);
  if (!production_.empty()) place += fmt::format(" in `{}`", production_);
  if (region_ != what) place += fmt::format(" of {}", region_);
  Diagnostic diagnostic = make_diagnostic(code, "{}: {}", place, problem);
  diagnostic.where.offset = offset;
  return diagnostic;
}

Diagnostic ByteReader::too_short(std::uint64_t needed, std::string_view what) const {
  const bool file_ends = end_ == file_.size();
  return problem_at(file_ends ? Code::ReadTruncated : Code::ReadMalformed, position_, what,
                    fmt::format("{} {} needed, but {} ends after {}", needed,
                                needed == 1 ? "byte is" : "bytes are",
                                file_ends ? "the file" : region_, bytes_left()));
}

}  // namespace tenon
