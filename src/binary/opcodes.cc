#include "binary/opcodes.h"

namespace tenon::binary {

std::optional<std::string_view> find_section(std::uint8_t id) {
  switch (id) {
#define TENON_SECTION(name, number, region) \
  case number:                              \
    return region;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

std::optional<std::string_view> find_module_section(std::uint8_t id) {
  switch (id) {
#define TENON_MODULE_SECTION(name, number, text) \
  case number:                                   \
    return text;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

std::optional<Primitive> find_primitive(std::uint8_t opcode) {
  switch (opcode) {
#define TENON_PRIMITIVE(name, byte) \
  case byte:                        \
    return Primitive::name;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

std::uint8_t primitive_opcode(Primitive primitive) {
  switch (primitive) {
#define TENON_PRIMITIVE(name, byte) \
  case Primitive::name:             \
    return byte;
#include "binary/opcodes.def"
  }
  return 0;
}

std::string_view type_label(TypeOpcode opcode) {
  switch (opcode) {
#define TENON_TYPE(name, byte, label) \
  case TypeOpcode::name:              \
    return label;
#include "binary/opcodes.def"
  }
  return {};
}

std::optional<CanonLayout> find_canon_layout(std::uint8_t opcode) {
  switch (opcode) {
#define TENON_CANON(byte, text, layout) \
  case byte:                            \
    return CanonLayout::layout;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

std::string_view canon_text(std::uint8_t opcode) {
  switch (opcode) {
#define TENON_CANON(byte, text, layout) \
  case byte:                            \
    return text;
#include "binary/opcodes.def"
    default:
      return {};
  }
}

std::string_view newer_canon_text(std::uint8_t opcode) {
  switch (opcode) {
#define TENON_NEWER_CANON(byte, text) \
  case byte:                          \
    return text;
#include "binary/opcodes.def"
    default:
      return {};
  }
}

bool is_core_sort(Sort sort) {
  switch (sort) {
#define TENON_CORE_SORT(name, byte, text) case Sort::name:
#include "binary/opcodes.def"
    return true;
#define TENON_SORT(name, byte, text) case Sort::name:
#include "binary/opcodes.def"
    return false;
  }
  return false;
}

std::uint8_t sort_byte(Sort sort) {
  switch (sort) {
#define TENON_CORE_SORT(name, byte, text) \
  case Sort::name:                        \
    return byte;
#define TENON_SORT(name, byte, text) \
  case Sort::name:                   \
    return byte;
#include "binary/opcodes.def"
  }
  return 0;
}

std::string_view sort_text(Sort sort) {
  switch (sort) {
#define TENON_CORE_SORT(name, byte, text) \
  case Sort::name:                        \
    return text;
#define TENON_SORT(name, byte, text) \
  case Sort::name:                   \
    return text;
#include "binary/opcodes.def"
  }
  return {};
}

std::optional<Sort> find_sort(std::uint8_t byte) {
  switch (byte) {
#define TENON_SORT(name, value, text) \
  case value:                         \
    return Sort::name;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

std::optional<Sort> find_core_sort(std::uint8_t byte) {
  switch (byte) {
#define TENON_CORE_SORT(name, value, text) \
  case value:                              \
    return Sort::name;
#include "binary/opcodes.def"
    default:
      return std::nullopt;
  }
}

}  // namespace tenon::binary
