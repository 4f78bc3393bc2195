// C numbers, and their conversion from and to WIT values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/tenon_host.h"

namespace tenon::host {

// C number types by size; which of them `long` is depends on the machine.
enum class CType : std::uint8_t { Bool, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, Pointer };

[[nodiscard]] std::size_t size_of(CType type);
[[nodiscard]] bool is_signed(CType type);
[[nodiscard]] bool is_float(CType type);

// The type with a name of host.toml: "ulong", "size", "u32". Nothing for an unknown name.
[[nodiscard]] std::optional<CType> find_c_type(std::string_view name);
[[nodiscard]] std::vector<std::string> all_c_types();
// A name for messages: "u32", "double", "pointer".
[[nodiscard]] std::string_view name_of(CType type);

// The default C type of a kind of value. kind: a number (TENON_BOOL to TENON_CHAR), TENON_ENUM,
// TENON_FLAGS, or TENON_VARIANT without payloads. labels: the number of labels of flags.
[[nodiscard]] CType natural_type(std::uint8_t kind, std::size_t labels);
// Whether a value can be passed as the C type: an integer as any integer, a float as any float.
[[nodiscard]] bool may_be(std::uint8_t kind, CType type);
// Whether each value of the kind has the same bytes in the C type, so that no conversion is needed.
[[nodiscard]] bool has_same_bits(std::uint8_t kind, std::size_t labels, CType type);
// The address of the number in a value.
[[nodiscard]] const void* bytes_of(const tenon_value& value);

// Writes the number of a value, `size_of(type)` bytes. False if it does not fit.
[[nodiscard]] bool store_number(const tenon_value& value, CType type, void* to);
// Reads a C number into a value of the kind. Returns the number as text if the value cannot hold it.
// The range of the kind is checked later, with all results (native_values.h).
[[nodiscard]] std::optional<std::string> load_number(const void* from, CType type,
                                                     std::uint8_t kind, tenon_value& made);

// Writes an integer. False if it does not fit.
[[nodiscard]] bool store_integer(std::int64_t number, CType type, void* to);
[[nodiscard]] bool store_integer(std::uint64_t number, CType type, void* to);
// Reads an integer. Pointers and unsigned numbers keep their bits.
[[nodiscard]] std::int64_t load_integer(const void* from, CType type);

}  // namespace tenon::host
