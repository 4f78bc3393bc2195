// How a C function is called for a function of WIT: what each C argument is made of, and what its
// result is made from. By the type alone, or as `[[function]]` says.
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/c_number.h"
#include "host/c_shape.h"
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
  Place,       // a pointer to what the function writes
  RoomStart,   // the memory for a result
  RoomLength,  // a pointer to how much there is
  RoomSize     // how much there is
};

struct CArgument {
  CArgumentKind kind = CArgumentKind::Number;
  CType type = CType::Pointer;  // as it is passed; of RoomLength: as it is pointed to
  std::uint32_t param = 0;      // of WIT
  bool is_optional = false;     // an option: NULL, or 0, is none
  bool has_same_bits = false;   // of Number: what the value holds is what is passed
  CShapeId shape = {};          // of Data
  std::int64_t constant = 0;
  std::uint32_t place = 0;
  std::string name = {};  // for people: "seed"
};

enum class CPlaceKind { Number, Data, Text, Handle, Buffer, Room };

// What a C function wrote or returned, and what it is as a value.
struct CPlace {
  CPlaceKind kind = CPlaceKind::Number;
  bool is_returned = false;     // else it is pointed to by an argument
  CType type = CType::Pointer;  // of Number
  std::uint8_t value = 0;       // of Number: the kind of the value; of Buffer and Room: that of
                                // elements, or TENON_STRING
  CShapeId shape = {};          // of Data
  bool is_optional = false;     // of Text and Handle: NULL is none
  bool is_dropped_on_error = false;
  types::ResourceId resource = {};  // of Handle
  std::string path = {};            // for people: "result.ok"
};

// Which of the cases of an option or result it is.
enum class CVerdict {
  Always,    // there are none
  Flag,      // not 0: some
  Status,    // 0: some, or ok
  Negative,  // below 0: err
  Null       // NULL: err
};
// What an error holds.
enum class CFault { Nothing, Place, Status, StatusText, Errno, ErrnoText };

struct COutcome {
  CVerdict verdict = CVerdict::Always;
  std::uint8_t wrap = 0;                  // TENON_OPTION, TENON_RESULT, or neither
  std::vector<std::uint32_t> parts = {};  // places of what is not an error
  std::uint8_t whole = 0;  // TENON_RECORD or TENON_TUPLE of the parts, or just the one
  CFault fault = CFault::Nothing;
  std::uint32_t fault_place = 0;
  std::uint8_t fault_value = 0;  // of Status and Errno: the kind of the value
};

// The memory for a list or string that the caller of the C function brings.
struct CRoom {
  std::uint32_t place = 0;
  std::optional<std::uint32_t> param = {};  // its size; absent: it is fixed
  std::uint64_t size = 0;                   // elements
  bool is_length_returned = false;
};

struct CSignature {
  std::vector<CArgument> arguments;
  std::optional<CType> returned;  // absent: nothing that is looked at
  std::vector<CPlace> places;
  std::optional<CRoom> room;
  COutcome outcome;
  Arena<CShape> shapes;
  std::string free;   // a symbol, or empty
  std::string error;  // the same
};

// The most arguments of a C function.
inline constexpr std::size_t kMostCArguments = 64;

// What is being made, and of what: shared by arguments and outcome.
struct CSignatureParts {
  const types::Types& types;
  const types::Function& function;
  std::string name;             // for people: "example:zlib/checksum#crc32"
  Location where;               // in the WIT
  std::string wit;              // as it is opened, for commands that people run
  const CFunctionEntry* entry;  // null: by the type alone
};

// Errors: host-wit-mismatch (it cannot be called by its type), config-value (what the entry says
// is none, or does not fit). All of them.
[[nodiscard]] Result<CSignature> make_c_signature(const CSignatureParts& parts);

}  // namespace tenon::host
