#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "remote/wire_values.h"
#include "support/check.h"
#include "support/leb128.h"
#include "support/limits.h"
#include "support/try.h"
#include "support/utf8.h"

namespace tenon::remote {

namespace {

using abi::AbiError;
using abi::Layout;
using abi::LayoutPart;
using abi::Shape;

// The specification has one NaN.
template <class Float, class Bits>
void append_float(Bytes& out, const std::uint8_t* at, Bits nan) {
  Bits bits;
  std::memcpy(&bits, at, sizeof bits);
  if (std::isnan(std::bit_cast<Float>(bits))) bits = nan;
  const auto* const first = reinterpret_cast<const std::uint8_t*>(&bits);
  out.insert(out.end(), first, first + sizeof bits);
}

template <class Integer>
void append_integer(Bytes& out, const std::uint8_t* at) {
  Integer value;
  std::memcpy(&value, at, sizeof value);
  append_leb128(out, value);
}

// REQUIRES: a number, a bool or a char
void append_scalar(Bytes& out, Shape shape, const std::uint8_t* at, Dialect dialect) {
  switch (shape) {
    case Shape::U16:
      return append_integer<std::uint16_t>(out, at);
    case Shape::S16:
      return append_integer<std::int16_t>(out, at);
    case Shape::U32:
      return append_integer<std::uint32_t>(out, at);
    case Shape::S32:
      return append_integer<std::int32_t>(out, at);
    case Shape::U64:
      return append_integer<std::uint64_t>(out, at);
    case Shape::S64:
      return append_integer<std::int64_t>(out, at);
    case Shape::F32:
      return append_float<float, std::uint32_t>(out, at, 0x7fc00000);
    case Shape::F64:
      return append_float<double, std::uint64_t>(out, at, 0x7ff8000000000000);
    case Shape::Char: {
      if (dialect.has_char_numbers) return append_integer<std::uint32_t>(out, at);
      std::uint32_t code = 0;
      std::memcpy(&code, at, sizeof code);
      std::string text;
      append_utf8(text, code);
      out.insert(out.end(), text.begin(), text.end());
      return;
    }
    default:
      out.push_back(*at);
  }
}

// Lists of bytes of at least this size become slices.
constexpr std::size_t kSliceBytes = std::size_t{1} << 14;

bool is_byte(Shape shape) {
  return shape == Shape::U8 || shape == Shape::S8 || shape == Shape::Bool;
}

}  // namespace

std::size_t WireBytes::size() const {
  std::size_t size = bytes.size();
  for (const Slice& slice : slices) size += slice.data.size();
  return size;
}

void WireBytes::own() {
  if (slices.empty()) return;
  Bytes all;
  all.reserve(size());
  std::size_t at = 0;
  for (const Slice& slice : std::exchange(slices, {})) {
    all.insert(all.end(), bytes.data() + at, bytes.data() + slice.at);
    all.insert(all.end(), slice.data.begin(), slice.data.end());
    at = slice.at;
  }
  all.insert(all.end(), bytes.data() + at, bytes.data() + bytes.size());
  bytes = std::move(all);
}

void WireWriter::read_views(abi::Guest& giver) { giver_ = &giver; }

std::span<const std::uint8_t> WireWriter::memory(std::uint32_t at, std::uint64_t size) const {
  const std::span<const std::uint8_t> all = arena_.memory();
  TENON_CHECK(at + size <= all.size());
  return all.subspan(at, size);
}

std::span<const std::uint8_t> WireWriter::contents(Shape shape, std::uint32_t at,
                                                   std::uint64_t size) const {
  const bool is_view =
      giver_ != nullptr && (shape == Shape::String ? giver_->encoding() == abi::Encoding::Utf8
                                                   : abi::can_view_list(shape));
  if (!is_view) return memory(at, size);
  const std::span<const std::uint8_t> all = giver_->memory();
  TENON_CHECK(at + size <= all.size());
  return all.subspan(at, size);
}

bool WireWriter::count_contents(std::uint64_t size) {
  counted_ += size;
  if (counted_ <= limits::kArenaBytes) return true;
  error_ = AbiError{.kind = abi::AbiErrorKind::Limit,
                    .message = fmt::format("the values of one call take more than {} bytes",
                                           limits::kArenaBytes)};
  return false;
}

bool WireWriter::write_bytes(std::span<const std::uint8_t> bytes) {
  if (slices_ != nullptr && bytes.size() >= kSliceBytes)
    slices_->push_back({out_->size(), bytes});
  else
    out_->insert(out_->end(), bytes.begin(), bytes.end());
  return true;
}

Result<void, AbiError> WireWriter::outcome(bool is_written) {
  if (is_written) return {};
  return *std::move(error_);
}

Result<void, AbiError> WireWriter::write_params(const abi::FunctionLayout& layout,
                                                std::uint32_t address, Bytes& out) {
  layouts_ = &layout.layouts;
  out_ = &out;
  path_.clear();
  return outcome(write(layout.layouts[layout.params], address, 0));
}

Result<void, AbiError> WireWriter::write_result(const abi::FunctionLayout& layout,
                                                std::uint32_t address, Bytes& out) {
  TENON_CHECK(layout.result.has_value());
  layouts_ = &layout.layouts;
  out_ = &out;
  path_ = {0};
  return outcome(write(layout.layouts[*layout.result], address, 0));
}

Result<void, AbiError> WireWriter::write_items(const abi::FunctionLayout& item,
                                               std::uint32_t address, std::uint32_t count,
                                               Bytes& out) {
  layouts_ = &item.layouts;
  out_ = &out;
  path_.clear();
  append_leb128(out, count);
  const Layout& params = item.layouts[item.params];
  TENON_CHECK(params.parts.size() == 1);
  return outcome(write_elements(item.layouts[*params.parts[0].layout], address, count, 0));
}

// Recursion is bounded by the depth of types.
bool WireWriter::write(const Layout& layout, std::uint32_t at, std::uint32_t handles) {
  switch (layout.shape) {
    case Shape::String: {
      std::uint32_t pair[2];
      std::memcpy(pair, memory(at, sizeof pair).data(), sizeof pair);
      append_leb128(*out_, pair[1]);
      return count_contents(pair[1]) && write_bytes(contents(Shape::String, pair[0], pair[1]));
    }
    case Shape::List: {
      std::uint32_t pair[2];
      std::memcpy(pair, memory(at, sizeof pair).data(), sizeof pair);
      append_leb128(*out_, pair[1]);
      const Layout& element = (*layouts_)[*layout.parts[0].layout];
      const std::uint64_t size = std::uint64_t{pair[1]} * element.size;
      if (!count_contents(size)) return false;
      if (abi::is_number(element.shape))
        return write_numbers(element, contents(element.shape, pair[0], size));
      return write_elements(element, pair[0], pair[1], handles);
    }
    case Shape::FixedList:
      return write_elements((*layouts_)[*layout.parts[0].layout], at, layout.count, handles);
    case Shape::Record:
      for (std::uint32_t i = 0; i < layout.parts.size(); ++i) {
        path_.push_back(i);
        if (!write_part(layout.parts[i], at, handles))
          return fail_in(abi::label_of(layout, layout.parts[i]));
        path_.pop_back();
      }
      return true;
    case Shape::Variant: {
      std::uint32_t number = 0;
      std::memcpy(&number, memory(at, layout.discriminant_size).data(), layout.discriminant_size);
      TENON_CHECK(number < layout.parts.size());
      append_leb128(*out_, number);
      const LayoutPart& part = layout.parts[number];
      return !part.layout || write_part(part, at, handles) || fail_in(abi::label_of(layout, part));
    }
    case Shape::Flags: {
      const auto bytes = memory(at, (layout.count + 7) / 8);
      out_->insert(out_->end(), bytes.begin(), bytes.end());
      return true;
    }
    case Shape::Own:
    case Shape::Borrow: {
      auto written = write_handle(layout, at, handles);
      if (written) return true;
      error_ = std::move(written).error();
      return false;
    }
    default:
      append_scalar(*out_, layout.shape, memory(at, layout.size).data(), dialect_);
      return true;
  }
}

bool WireWriter::write_part(const LayoutPart& part, std::uint32_t at, std::uint32_t handles) {
  return write((*layouts_)[*part.layout], at + part.offset, handles + part.handles);
}

bool WireWriter::write_elements(const Layout& element, std::uint32_t at, std::uint32_t count,
                                std::uint32_t handles) {
  const auto bytes = memory(at, std::uint64_t{count} * element.size);
  if (abi::is_number(element.shape) || element.shape == Shape::Char)
    return write_numbers(element, bytes);
  for (std::uint32_t i = 0; i < count; ++i) {
    path_.push_back(i);
    if (!write(element, at + i * element.size, handles)) return fail_in(fmt::format("[{}]", i));
    path_.pop_back();
  }
  return true;
}

bool WireWriter::write_numbers(const Layout& element, std::span<const std::uint8_t> bytes) {
  if (is_byte(element.shape)) return write_bytes(bytes);
  for (std::size_t i = 0; i < bytes.size(); i += element.size)
    append_scalar(*out_, element.shape, bytes.data() + i, dialect_);
  return true;
}

Result<void, AbiError> WireWriter::write_handle(const Layout& layout, std::uint32_t at,
                                                std::uint32_t number) {
  std::uint32_t handle = 0;
  std::memcpy(&handle, memory(at, sizeof handle).data(), sizeof handle);
  const bool is_borrowed = layout.shape == Shape::Borrow;
  const abi::HandlePart part{number, is_borrowed ? abi::Ownership::Borrow : abi::Ownership::Own};
  TENON_TRY(const abi::ResourceToken token, arena_.lift_handle(part, handle));
  if (layout.kind == TypeKind::Stream || layout.kind == TypeKind::Future) {
    out_->push_back(0);  // pending
    return handles_.send(part, token, path_);
  }
  TENON_TRY(const Bytes bytes, handles_.give(part, token));
  append_leb128(*out_, static_cast<std::uint32_t>(bytes.size()));
  out_->insert(out_->end(), bytes.begin(), bytes.end());
  return {};
}

bool WireWriter::fail_in(const std::string& part) {
  std::string& path = error_->path;
  path = part + (path.empty() || path.front() == '[' ? "" : ".") + path;
  return false;
}

}  // namespace tenon::remote
