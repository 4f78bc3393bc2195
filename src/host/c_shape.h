// The C layout of plain data: numbers, enums, flags, and records, tuples and fixed-length lists of
// these.
//
// A record is a struct with its fields in the order of the WIT, at the offsets that a C compiler
// gives them. Inner records and fixed-length lists are embedded, not pointed to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/c_number.h"
#include "host/native_call.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "tenon/tenon_host.h"
#include "types/type.h"

namespace tenon::host {

struct CShape;
using CShapeId = Id<CShape>;

struct CField {
  CShapeId shape;
  std::size_t offset = 0;
};

struct CShape {
  std::uint8_t kind = 0;   // of the value: a number, TENON_RECORD, TENON_TUPLE or TENON_PACKED
  CType type = CType::U8;  // of a number
  std::size_t labels = 0;  // of flags
  std::size_t size = 0;
  std::size_t align = 1;
  std::vector<CField> fields = {};
  std::uint8_t element = 0;  // of a fixed list: the kind of its numbers
  std::uint32_t length = 0;
};

// The size limit of a struct.
inline constexpr std::size_t kMostStructBytes = std::size_t{1} << 16U;

// Computes the layouts of types, each once.
class CShapes final {
 public:
  explicit CShapes(const types::Types& types) : types_(types) {}

  // Errors: the reason why the type has no C layout, such as "a string is not plain data".
  [[nodiscard]] Result<CShapeId, std::string> add(types::TypeId type);

  [[nodiscard]] Arena<CShape> take() && { return std::move(shapes_); }
  [[nodiscard]] const CShape& operator[](CShapeId id) const { return shapes_[id]; }

 private:
  Result<CShapeId, std::string> make(const types::Type& type);
  Result<CShapeId, std::string> add_struct(std::uint8_t kind,
                                           const std::vector<types::TypeId>& parts);

  const types::Types& types_;
  Arena<CShape> shapes_;
  std::unordered_map<types::TypeId, CShapeId> done_;
};

// The kind of a type that is a single number in C; else nothing. Flags have at most 64 labels.
[[nodiscard]] std::optional<std::uint8_t> number_kind(const types::Type& type);
// TENON_STRING for a string, the kind of the elements for a list of numbers of any length; else
// nothing.
[[nodiscard]] std::optional<std::uint8_t> element_kind(const types::Types& types,
                                                       const types::Type& type);
// The number of labels of flags; else 0.
[[nodiscard]] std::size_t label_count(const types::Type& type);

// to: zeroed, `size` bytes.  REQUIRES: the value is of the type
void store_shape(const Arena<CShape>& shapes, CShapeId id, const tenon_value& value,
                 std::uint8_t* to);
// Returns a problem, or nothing. Fails if a number does not fit or `memory` is exhausted.
[[nodiscard]] std::optional<std::string> load_shape(const Arena<CShape>& shapes, CShapeId id,
                                                    const std::uint8_t* from, CallMemory& memory,
                                                    tenon_value& made);

}  // namespace tenon::host
