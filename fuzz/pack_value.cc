// Property: bytes are either refused as a packr value, or decoded to a value that is refused with a
// reason, or encoded to bytes of an equal value. A text is either refused with a reason, or encoded
// to bytes that are decoded by the same type, and encoded again to the same bytes.
//
// An input that begins as packr's values do is bytes; any other is a type, a line break, and a text
// in WAVE.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "packr/value_bytes.h"
#include "pact/package.h"
#include "require.h"
#include "tenon/value.h"

namespace {

using namespace tenon;

// Shared nodes can represent a tree of any size.
constexpr std::uint64_t kBudget = 16U << 20U;

void check_bytes(std::span<const std::uint8_t> bytes) {
  static const packr::ValueType any = *pact::read_value_type({"any", "value"});
  const Result<Value> value = packr::decode_value(bytes, any, kBudget);
  if (!value) return require(!value.error().empty());
  require(!print_wave(*value).empty());
  // Two fields can have one label.
  if (!packr::check_labels(*value)) return;
  const Result<Bytes> again = packr::encode_value(*value, any);
  if (!again) return require(!again.error().empty());
  const Result<Value> same = packr::decode_value(*again, any, 2 * kBudget);
  require(same && *same == *value);
}

void check_text(std::string_view type_text, std::string_view text) {
  const Result<packr::ValueType> type = pact::read_value_type({"type", std::string(type_text)});
  if (!type) return require(!type.error().empty());
  const Result<Value> value = parse_wave(text, type->type);
  if (!value) return require(!value.error().empty());
  const Result<Bytes> bytes = packr::encode_value(*value, *type);
  if (!bytes) return require(!bytes.error().empty());
  const Result<Value> decoded = packr::decode_value(*bytes, *type);
  require(decoded.has_value());
  // Labels that differ only in their dashes have one name on the wire, so that a case of a
  // recursive type can be left without a number.
  const Result<Bytes> again = packr::encode_value(*decoded, *type);
  require(!again || *again == *bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("CGRF")) {
    check_bytes(input);
  } else if (const std::size_t end = text.find('\n'); end != text.npos) {
    check_text(text.substr(0, end), text.substr(end + 1));
  }
  return 0;
}
