// The bytes of the component format as enumerations, and lookups in both directions. The table is
// opcodes.def.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "binary/component.h"

namespace tenon::binary {

inline constexpr std::array<std::uint8_t, 8> kComponentPreamble = {0x00, 'a',  's',  'm',
                                                                   0x0d, 0x00, 0x01, 0x00};
inline constexpr std::array<std::uint8_t, 8> kModulePreamble = {0x00, 'a',  's',  'm',
                                                                0x01, 0x00, 0x00, 0x00};

enum class Section : std::uint8_t {
#define TENON_SECTION(name, id, region) name = id,
#include "binary/opcodes.def"
};

enum class ModuleSectionId : std::uint8_t {
#define TENON_MODULE_SECTION(name, id, text) name = id,
#include "binary/opcodes.def"
};

enum class TypeOpcode : std::uint8_t {
#define TENON_TYPE(name, opcode, label) name = opcode,
#include "binary/opcodes.def"
};

// The operands that follow the opcode of a canonical function.
enum class CanonLayout {
  None,
  Index,          // typeidx
  IndexIndex,     // core:typeidx core:tableidx
  IndexOptions,   // typeidx opts
  IndexFlag,      // typeidx async?
  Flag,           // async? or cancel?
  FlagIndex,      // cancel? core:memoryidx
  Options,        // opts
  ResultOptions,  // resultlist opts
  CoreTypeSlot,   // core:valtype u32
  Lift,           // 0x00 core:funcidx opts typeidx
  Lower,          // 0x00 funcidx opts
};

// The name of a section in messages, such as "the import section"; nothing for an unknown number.
std::optional<std::string_view> find_section(std::uint8_t id);
// The name of a section of a core module, such as "code"; nothing for an unknown number.
std::optional<std::string_view> find_module_section(std::uint8_t id);
std::optional<Primitive> find_primitive(std::uint8_t opcode);
std::uint8_t primitive_opcode(Primitive primitive);
std::string_view type_label(TypeOpcode opcode);
std::optional<CanonLayout> find_canon_layout(std::uint8_t opcode);
// The name of a canonical function, such as "resource.drop"; empty for an unknown opcode.
std::string_view canon_text(std::uint8_t opcode);
// The name of a canonical function that the engine does not have; empty for any other opcode.
std::string_view newer_canon_text(std::uint8_t opcode);

// A sort is encoded as one byte, a core sort as 0x00 and a second byte.
bool is_core_sort(Sort sort);
// The byte of a sort, or the second byte of a core sort.
std::uint8_t sort_byte(Sort sort);
// "core func", "instance"
std::string_view sort_text(Sort sort);
std::optional<Sort> find_sort(std::uint8_t byte);  // never a core sort
std::optional<Sort> find_core_sort(std::uint8_t byte);

}  // namespace tenon::binary
