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

// By size, not by name: `long` is one of these, which one is the machine's.
enum class CType : std::uint8_t { Bool, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, Pointer };

[[nodiscard]] std::size_t size_of(CType type);
[[nodiscard]] bool is_signed(CType type);
[[nodiscard]] bool is_float(CType type);

// "ulong", "size", "u32": what a host.toml may call it. Nothing: it is none.
[[nodiscard]] std::optional<CType> find_c_type(std::string_view name);
[[nodiscard]] std::vector<std::string> all_c_types();
// One of those: "u32", "double". Of a pointer: "pointer".
[[nodiscard]] std::string_view name_of(CType type);

// kind: of a value that is a number (TENON_BOOL to TENON_CHAR), TENON_ENUM, TENON_FLAGS, or
// TENON_VARIANT without payloads. The C type that it is by itself. labels: of flags.
[[nodiscard]] CType natural_type(std::uint8_t kind, std::size_t labels);
// Whether C may have another type for it: a whole number for a whole number.
[[nodiscard]] bool may_be(std::uint8_t kind, CType type);
// Whether each value of the kind has the same bits, from the first byte on, in the C type.
[[nodiscard]] bool has_same_bits(std::uint8_t kind, std::size_t labels, CType type);
// Where in a value the bytes of its number are.
[[nodiscard]] const void* bytes_of(const tenon_value& value);

// Writes the number of a value, `size_of(type)` bytes. False: it has no room there.
[[nodiscard]] bool store_number(const tenon_value& value, CType type, void* to);
// The other way; text: what is wrong. Whether the number is in the range of the kind is looked at
// where all results are, but for its sign.
[[nodiscard]] std::optional<std::string> load_number(const void* from, CType type,
                                                     std::uint8_t kind, tenon_value& made);

// A whole number. Nothing: it has no room.
[[nodiscard]] bool store_integer(std::int64_t number, CType type, void* to);
[[nodiscard]] bool store_integer(std::uint64_t number, CType type, void* to);
// A pointer or unsigned number has its bits.
[[nodiscard]] std::int64_t load_integer(const void* from, CType type);

}  // namespace tenon::host
