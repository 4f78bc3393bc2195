#include "runtime/failure_value.h"

#include <cstring>

namespace tenon::runtime {

namespace {

void store(abi::ValueArena& arena, std::uint32_t address, std::uint32_t value, std::uint32_t size) {
  std::memcpy(arena.memory().data() + address, &value, size);
}

const abi::Layout& error_layout(const abi::FunctionLayout& layout) {
  return layout.layouts[*layout.layouts[*layout.result].parts[1].layout];
}

}  // namespace

std::optional<FailureValue> find_failure_value(const abi::FunctionLayout& layout,
                                               std::string_view error_case) {
  const abi::Layout& error = error_layout(layout);
  if (error.shape == abi::Shape::String) return FailureValue{};
  if (error.shape != abi::Shape::Variant || error_case.empty()) return std::nullopt;
  for (std::uint32_t i = 0; i < error.parts.size(); ++i) {
    const abi::LayoutPart& part = error.parts[i];
    if (part.label != error_case) continue;
    if (!part.layout || layout.layouts[*part.layout].shape == abi::Shape::String)
      return FailureValue{true, i};
  }
  return std::nullopt;
}

Result<std::uint32_t, abi::AbiError> write_failure(const abi::FunctionLayout& layout,
                                                   const FailureValue& value, std::string_view text,
                                                   abi::ValueArena& arena) {
  const abi::Layout& result = layout.layouts[*layout.result];
  const auto address = arena.allocate(result.size, result.align);
  if (!address) return address.error();
  std::memset(arena.memory().data() + *address, 0, result.size);
  store(arena, *address, 1, result.discriminant_size);
  std::uint32_t at = *address + result.parts[1].offset;
  if (value.is_case) {
    const abi::Layout& error = error_layout(layout);
    store(arena, at, value.error_case, error.discriminant_size);
    const abi::LayoutPart& chosen = error.parts[value.error_case];
    if (!chosen.layout) return *address;
    at += chosen.offset;
  }
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto bytes = arena.allocate(length, 1);
  if (!bytes) return bytes.error();
  std::memcpy(arena.memory().data() + *bytes, text.data(), length);
  store(arena, at, *bytes, 4);
  store(arena, at + 4, length, 4);
  return *address;
}

}  // namespace tenon::runtime
