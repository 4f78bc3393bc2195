// How a C function implements a WIT function: how each C argument is made from the parameters, and
// how the WIT result is made from what the function returns and writes. The WIT type alone implies
// a default; a `[[function]]` entry of host.toml overrides it.
//
//   crc32: func(seed: u32, data: list<u8>) -> u32
//     by default:  uint32_t f(uint32_t, const uint8_t *, size_t)
//     with `args = ["seed:ulong", "data.ptr", "data.len:uint"]`:
//                  uint32_t f(unsigned long, const uint8_t *, unsigned)
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/c_types.h"
#include "host/manifest.h"
#include "support/arena.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::host {

enum class CArgumentKind {
  Number,
  Text,     // a copy of a string that ends in NUL
  Pointer,  // to the bytes of a string or list
  Length,   // how many elements it has
  Data,     // const T *
  Handle,   // an opaque pointer
  Constant,
  Place,       // a pointer that the function writes to
  RoomStart,   // the buffer for a result
  RoomLength,  // a pointer to its size
  RoomSize     // its size
};

struct CArgument {
  CArgumentKind kind = CArgumentKind::Number;
  CType type = CType::Pointer;  // as passed; of RoomLength: as pointed to
  std::uint32_t param = 0;      // index of the WIT parameter
  bool is_optional = false;     // an option: NULL or 0 is `none`
  bool has_same_bits = false;   // of Number: passed without a conversion
  CShapeId shape = {};          // of Data; of Pointer to elements that have one
  std::int64_t constant = 0;
  std::uint32_t place = 0;
  std::string name = {};  // for messages: "seed"
};

enum class CPlaceKind { Number, Data, Text, Handle, Buffer, Room };

// A value that a C function returns or writes, and its WIT form.
struct CPlace {
  CPlaceKind kind = CPlaceKind::Number;
  bool is_returned = false;     // else an argument points to it
  CType type = CType::Pointer;  // of Number
  std::uint8_t value = 0;       // of Number: the kind of the value
  CElements elements = {};      // of Buffer and Room
  CShapeId shape = {};          // of Data
  bool is_optional = false;     // of Text and Handle: NULL is none
  bool is_dropped_on_error = false;
  types::ResourceId resource = {};  // of Handle
  std::string path = {};            // for messages: "result.ok"
};

// How the case of an option or result follows from the return value.
enum class CCaseRule {
  Always,    // the result is neither
  Flag,      // not 0: some
  Status,    // 0: some, or ok
  Negative,  // below 0: err
  Null       // NULL: err
};
// Where the value of an error comes from.
enum class CErrorSource { Nothing, Place, Status, StatusText, Errno, ErrnoText };

// How the WIT result is made from the return value and the places.
struct COutcome {
  CCaseRule case_rule = CCaseRule::Always;
  std::uint8_t wrap = 0;                  // TENON_OPTION, TENON_RESULT, or neither
  std::vector<std::uint32_t> parts = {};  // the places of the value that is not an error
  std::uint8_t whole = 0;  // TENON_RECORD or TENON_TUPLE of the parts; 0 for a single part
  CErrorSource error_source = CErrorSource::Nothing;
  std::uint32_t error_place = 0;
  std::uint8_t error_kind = 0;  // of Status and Errno: the kind of the value
};

// The buffer that a C function writes a list or string to (`out.ptr`).
struct CRoom {
  std::uint32_t place = 0;
  std::optional<std::uint32_t> param = {};  // that has the size; absent: `size`
  std::uint64_t size = 0;                   // elements
  bool is_length_returned = false;
};

struct CSignature {
  std::vector<CArgument> arguments;
  std::optional<CType> returned;  // absent: the return value is ignored
  std::vector<CPlace> places;
  std::optional<CRoom> room;
  COutcome outcome;
  Arena<CShape> shapes;
  std::string free;   // symbol that frees C strings; or empty
  std::string error;  // symbol that describes a status; or empty
};

// The most arguments of a C function.
inline constexpr std::size_t kMostCArguments = 64;

// The input of make_c_signature.
struct CSignatureParts {
  const types::Types& types;
  const types::Function& function;
  std::string name;             // for messages: "example:zlib/checksum#crc32"
  Location where;               // in the WIT
  std::string wit;              // the value of `--wit` and further flags, for commands in hints
  const CFunctionEntry* entry;  // null: use the defaults of the type
};

// Errors: host-wit-mismatch (plain C cannot express the type), config-value (the entry is malformed
// or does not fit the type). All problems are reported.
[[nodiscard]] Result<CSignature> make_c_signature(const CSignatureParts& parts);

}  // namespace tenon::host
