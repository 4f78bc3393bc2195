#include "compose/strip.h"

#include <utility>

#include "binary/opcodes.h"
#include "support/byte_reader.h"
#include "support/byte_writer.h"
#include "support/limits.h"

namespace tenon::compose {

namespace {

enum class Layer { Module, Component };

bool is_nested(Layer layer, std::uint8_t id) {
  return layer == Layer::Component &&
         (id == static_cast<std::uint8_t>(binary::Section::CoreModule) ||
          id == static_cast<std::uint8_t>(binary::Section::Component));
}

Result<void> strip(ByteReader in, Layer layer, std::uint32_t depth, ByteWriter& out) {
  if (depth > limits::kNestingDepth)
    return in.beyond_limit(in.offset(), "component", "components are nested too deeply");
  TENON_TRY(const auto preamble, in.read_bytes(binary::kComponentPreamble.size(), "preamble"));
  out.raw(preamble, "preamble");
  while (!in.at_end()) {
    TENON_TRY(const std::uint8_t id, in.read_byte("section"));
    TENON_TRY(const std::uint32_t size, in.read_u32("section size"));
    TENON_TRY(ByteReader section, in.read_region(size, "a section"));
    if (id == static_cast<std::uint8_t>(binary::Section::Custom)) continue;
    out.byte(id, "section");
    ByteWriter body;
    if (is_nested(layer, id)) {
      const Layer inner = id == static_cast<std::uint8_t>(binary::Section::Component)
                              ? Layer::Component
                              : Layer::Module;
      TENON_TRY_VOID(strip(section, inner, depth + 1, body));
    } else {
      TENON_TRY(const auto bytes, section.read_bytes(size, "section"));
      body.raw(bytes, "contents");
    }
    out.block(body, "size");
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint8_t>> strip_custom_sections(std::span<const std::uint8_t> component) {
  ByteWriter out;
  TENON_TRY_VOID(strip(ByteReader(component, "the component"), Layer::Component, 0, out));
  return std::move(out).take_bytes();
}

}  // namespace tenon::compose
