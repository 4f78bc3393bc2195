#include "packr/payload_reader.h"

#include "support/byte_reader.h"
#include "support/utf8.h"

namespace tenon::packr {

Result<void, GraphError> check_text(PayloadReader& in, std::string_view rule) {
  if (!in.has(4)) return in.too_small(4);
  const std::uint32_t size = in.take_u32();
  if (!in.has(size)) return in.too_small(size);
  const std::span<const std::uint8_t> text = in.take(size);
  if (!is_utf8({reinterpret_cast<const char*>(text.data()), text.size()}))
    return invalid_encoding(rule);
  return {};
}

}  // namespace tenon::packr
