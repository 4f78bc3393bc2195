#include "abi/strings.h"

#include <cstddef>
#include <cstring>

#include "abi/transcode.h"
#include "support/limits.h"

namespace tenon::abi {

namespace {

enum class TextEncoding : std::uint8_t { Utf8, Utf16, Latin1 };

// A string of the giving side that was checked: within its memory, and well-formed.
struct Text {
  const std::uint8_t* start = nullptr;
  std::uint32_t units = 0;
  TextEncoding encoding = TextEncoding::Utf8;
};

bool check_text(Transfer& transfer, const Text& text) {
  switch (text.encoding) {
    case TextEncoding::Utf8:
      if (is_utf8(text.start, text.units)) return true;
      return transfer.fail(AbiErrorKind::BadText, "a string is not valid UTF-8");
    case TextEncoding::Utf16:
      if (is_utf16(text.start, text.units)) return true;
      return transfer.fail(AbiErrorKind::BadText,
                           "a string is not valid UTF-16: it has an unpaired surrogate");
    case TextEncoding::Latin1:
      return true;
  }
  return false;
}

bool read_text(Transfer& transfer, StringPair pair, Text& text) {
  std::uint32_t align = 2;
  switch (transfer.from_encoding()) {
    case Encoding::Utf8:
      text = {nullptr, pair.length, TextEncoding::Utf8};
      align = 1;
      break;
    case Encoding::Utf16:
      text = {nullptr, pair.length, TextEncoding::Utf16};
      break;
    case Encoding::Latin1Utf16:
      text = {nullptr, pair.length & ~kUtf16Tag,
              (pair.length & kUtf16Tag) != 0 ? TextEncoding::Utf16 : TextEncoding::Latin1};
      break;
  }
  const std::uint64_t size =
      std::uint64_t{text.units} * (text.encoding == TextEncoding::Utf16 ? 2 : 1);
  if (size > limits::kStringBytes)
    return transfer.fail(AbiErrorKind::TooLong, "a string is larger than 2 GiB");
  if (!transfer.check_source(pair.address, size, align) || !transfer.spend(size)) return false;
  text.start = transfer.source(pair.address);
  return check_text(transfer, text);
}

// Copies one code unit for each code unit.
template <class Write>
bool store_same(Transfer& transfer, const Text& text, std::uint32_t unit_size, std::uint32_t align,
                StringPair& pair, Write&& write) {
  if (!transfer.allocate(text.units * unit_size, align, pair.address)) return false;
  if (text.units > 0) write(transfer.target(pair.address));
  pair.length = text.units;
  return true;
}

// Shrinks a block to the part that was used.
bool shrink(Transfer& transfer, std::uint32_t& address, std::uint32_t size, std::uint32_t align,
            std::uint32_t used) {
  return used == size || transfer.reallocate(address, size, align, used, address);
}

bool store_utf8(Transfer& transfer, const Text& text, StringPair& pair) {
  std::uint32_t block = text.units;
  if (!transfer.allocate(block, 1, pair.address)) return false;
  std::uint8_t* out = transfer.target(pair.address);
  const bool is_wide = text.encoding == TextEncoding::Utf16;
  const std::size_t ascii =
      is_wide ? count_ascii_utf16(text.start, text.units) : count_ascii(text.start, text.units);
  if (is_wide)
    narrow(text.start, ascii, out);
  else if (ascii > 0)
    std::memcpy(out, text.start, ascii);
  pair.length = text.units;
  if (ascii == text.units) return true;

  const std::uint32_t worst = text.units * (is_wide ? 3 : 2);
  if (!transfer.reallocate(pair.address, block, 1, worst, pair.address)) return false;
  block = worst;
  // Write all of it again: the guest has run, and may have changed the first part.
  out = transfer.target(pair.address);
  pair.length = static_cast<std::uint32_t>(is_wide ? utf16_to_utf8(text.start, text.units, out)
                                                   : latin1_to_utf8(text.start, text.units, out));
  return shrink(transfer, pair.address, block, 1, pair.length);
}

bool store_utf16_of_utf8(Transfer& transfer, const Text& text, StringPair& pair) {
  const std::uint32_t worst = 2 * text.units;
  if (!transfer.allocate(worst, 2, pair.address)) return false;
  const std::size_t units = utf8_to_utf16(text.start, text.units, transfer.target(pair.address));
  pair.length = static_cast<std::uint32_t>(units);
  return shrink(transfer, pair.address, worst, 2, 2 * pair.length);
}

// Tries Latin-1 first. If a character does not fit, starts again with UTF-16, in a block of twice
// the size.
bool store_compact(Transfer& transfer, const Text& text, StringPair& pair) {
  if (!transfer.allocate(text.units, 2, pair.address)) return false;
  std::uint8_t* out = transfer.target(pair.address);
  const bool is_wide = text.encoding == TextEncoding::Utf16;
  Latin1Prefix done;
  if (is_wide) {
    done.read = count_latin1_utf16(text.start, text.units);
    done.written = done.read;
    narrow(text.start, done.read, out);
  } else {
    done = utf8_to_latin1(text.start, text.units, out);
  }
  if (done.read == text.units) {
    pair.length = static_cast<std::uint32_t>(done.written);
    return shrink(transfer, pair.address, text.units, 2, pair.length);
  }

  const std::uint32_t worst = 2 * text.units;
  if (!transfer.reallocate(pair.address, text.units, 2, worst, pair.address)) return false;
  out = transfer.target(pair.address);
  std::size_t units = text.units;
  if (is_wide)
    std::memcpy(out, text.start, worst);
  else
    units = utf8_to_utf16(text.start, text.units, out);
  const auto used = static_cast<std::uint32_t>(2 * units);
  if (!shrink(transfer, pair.address, worst, 2, used)) return false;
  pair.length = static_cast<std::uint32_t>(units) | kUtf16Tag;
  return true;
}

// The source is tagged as UTF-16, so it probably needs UTF-16 here too.
bool store_probably_utf16(Transfer& transfer, const Text& text, StringPair& pair) {
  const std::uint32_t size = 2 * text.units;
  if (!transfer.allocate(size, 2, pair.address)) return false;
  std::uint8_t* out = transfer.target(pair.address);
  if (count_latin1_utf16(text.start, text.units) < text.units) {
    std::memcpy(out, text.start, size);
    pair.length = text.units | kUtf16Tag;
    return true;
  }
  narrow(text.start, text.units, out);
  pair.length = text.units;
  // The standard passes alignment 1 here, though such a string must be at an even address.
  return transfer.reallocate(pair.address, size, 2, text.units, pair.address);
}

}  // namespace

bool copy_string(Transfer& transfer, StringPair& pair) {
  Text text;
  if (!read_text(transfer, pair, text)) return false;
  const auto same = [&](std::uint32_t unit_size, std::uint32_t align) {
    return store_same(transfer, text, unit_size, align, pair, [&](std::uint8_t* out) {
      std::memcpy(out, text.start, std::size_t{text.units} * unit_size);
    });
  };
  switch (transfer.to_encoding()) {
    case Encoding::Utf8:
      if (text.encoding == TextEncoding::Utf8 && transfer.takes_views()) return true;
      return text.encoding == TextEncoding::Utf8 ? same(1, 1) : store_utf8(transfer, text, pair);
    case Encoding::Utf16:
      switch (text.encoding) {
        case TextEncoding::Utf8:
          return store_utf16_of_utf8(transfer, text, pair);
        case TextEncoding::Utf16:
          return same(2, 2);
        case TextEncoding::Latin1:
          return store_same(transfer, text, 2, 2, pair,
                            [&](std::uint8_t* out) { widen(text.start, text.units, out); });
      }
      break;
    case Encoding::Latin1Utf16:
      if (text.encoding == TextEncoding::Latin1) return same(1, 2);
      if (text.encoding == TextEncoding::Utf16 && transfer.from_encoding() == Encoding::Latin1Utf16)
        return store_probably_utf16(transfer, text, pair);
      return store_compact(transfer, text, pair);
  }
  return false;
}

}  // namespace tenon::abi
