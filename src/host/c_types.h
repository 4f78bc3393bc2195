// The C types of plain C functions: numbers, and plain data, which is numbers, enums, flags, and
// records, tuples, variants and fixed-length lists of these. Computes their layouts and converts them
// from and to WIT values.
//
// A record is a struct with its fields in the order of the WIT, at the offsets that a C compiler
// gives them. A variant with payloads is a struct of the number of its case and a union of the
// payloads: `struct { uint32_t tag; union { double circle; struct box box; } of; }`. Inner records,
// variants and fixed-length lists are embedded, not pointed to.
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/native_call.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"
#include "types/type.h"

namespace tenon::host {

// --- Numbers

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
// Reads a C number into a value of the kind. Returns the number as text if the value cannot hold
// it. The range of the kind is checked later, with all results (native_values.h).
[[nodiscard]] std::optional<std::string> load_number(const void* from, CType type,
                                                     std::uint8_t kind, tenon_value& value);

// Writes an integer. False if it does not fit.
[[nodiscard]] bool store_integer(std::int64_t number, CType type, void* to);
[[nodiscard]] bool store_integer(std::uint64_t number, CType type, void* to);
// Reads an integer. Pointers and unsigned numbers keep their bits.
[[nodiscard]] std::int64_t load_integer(const void* from, CType type);

// --- Plain data

struct CShape;
using CShapeId = Id<CShape>;

struct CField {
  CShapeId shape;
  std::size_t offset = 0;
};

struct CShape {
  // The kind of the value: that of a number, TENON_RECORD, TENON_TUPLE, TENON_PACKED, or
  // TENON_VARIANT, which has `fields` if its cases have payloads and is a number otherwise.
  std::uint8_t kind = 0;
  CType type = CType::U8;  // of a number
  std::size_t labels = 0;  // of flags
  std::size_t size = 0;
  std::size_t align = 1;
  // The fields of a record or tuple, or one for each case of a variant: without `shape` if the case
  // has no payload.
  std::vector<CField> fields = {};
  std::uint8_t element = 0;  // of a fixed list: the kind of its numbers
  std::uint32_t length = 0;
};

// The elements of a string, or of a list of any length.
struct CElements {
  // TENON_STRING, the kind of the numbers, or TENON_LIST for other plain data, which has a `shape`.
  std::uint8_t kind = 0;
  CShapeId shape = {};
};

// The size limit of a struct.
inline constexpr std::size_t kMostStructBytes = std::size_t{1} << 16U;

// Computes the layouts of types, each once.
class CShapes final {
 public:
  explicit CShapes(const types::Types& types) : types_(types) {}

  // Errors: the reason why the type has no C layout, such as "a string is not plain data".
  [[nodiscard]] Result<CShapeId, std::string> add(types::TypeId type);
  // The elements of a string or list. Nothing for other types, or if the elements have no C layout:
  // `add` says why.
  [[nodiscard]] std::optional<CElements> add_elements(types::TypeId type);

  [[nodiscard]] Arena<CShape> take() && { return std::move(shapes_); }
  [[nodiscard]] const CShape& operator[](CShapeId id) const { return shapes_[id]; }

 private:
  Result<CShapeId, std::string> make(const types::Type& type);
  Result<CShapeId, std::string> add_struct(std::uint8_t kind,
                                           const std::vector<types::TypeId>& parts);
  Result<CShapeId, std::string> add_variant(const types::Variant& variant);

  const types::Types& types_;
  Arena<CShape> shapes_;
  std::unordered_map<types::TypeId, CShapeId> done_;
};

// The kind of a type that is a single number in C; else nothing. Flags have at most 64 labels.
[[nodiscard]] std::optional<std::uint8_t> number_kind(const types::Type& type);
// The number of labels of flags; else 0.
[[nodiscard]] std::size_t label_count(const types::Type& type);

// to: zeroed, `size` bytes.  REQUIRES: the value is of the type
void store_shape(const Arena<CShape>& shapes, CShapeId id, const tenon_value& value,
                 std::uint8_t* to);
// Returns a problem, or nothing. Fails if a number does not fit, if a variant does not have the case
// of the tag, or if `memory` is exhausted.
[[nodiscard]] std::optional<std::string> load_shape(const Arena<CShape>& shapes, CShapeId id,
                                                    const std::uint8_t* from, CallMemory& memory,
                                                    tenon_value& value);

}  // namespace tenon::host
