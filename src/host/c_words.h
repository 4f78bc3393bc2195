// What `[[function]]` of a host.toml says of a C function: the words of `args` and `returns`.
//
//   parse_c_argument("seed:ulong")     // the param `seed`, as unsigned long
//   parse_c_argument("data.len:uint")  // how many elements `data` has
//   parse_c_argument("out:int")        // a pointer to an int, which is a part of the result
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/c_number.h"
#include "tenon/result.h"

namespace tenon::host {

// What a function writes where it is told to, or returns.
enum class CTargetKind {
  Number,
  Text,     // "cstring": char *, to a NUL
  Pointer,  // "pointer": of a resource
  Buffer,   // "buffer": {T *ptr; size_t len; void (*free)(void *)}
  Struct    // "struct": in C layout
};
struct CTarget {
  CTargetKind kind = CTargetKind::Number;
  CType type = CType::S32;  // of a number

  bool operator==(const CTarget&) const = default;
};

enum class CArgumentWord {
  Param,        // "x", "x:ulong": by its type, or as that number
  Text,         // "x:cstring": a copy that ends in NUL
  Pointer,      // "x.ptr"
  Length,       // "x.len", "x.len:uint"
  Constant,     // "const:0", "const:0:size", "const:null"
  Out,          // "out:int": a part of the result
  Error,        // "err:cstring": of the error
  RoomPointer,  // "out.ptr": memory for the result, a list or a string
  RoomLength,   // "out.len:ulong": a pointer to the room there is, and then to what was used of it
  RoomSize      // "out.room:size": the room there is
};

struct CArgumentText {
  CArgumentWord word = CArgumentWord::Param;
  std::string param = {};            // of Param to Length: its name
  std::optional<CType> type = {};    // of Param, Length, Constant, RoomLength and RoomSize
  CTarget target = {};               // of Out and Error
  bool is_dropped_on_error = false;  // "out:pointer:drop"
  std::int64_t constant = 0;

  bool operator==(const CArgumentText&) const = default;
};

enum class CReturnWord {
  Nothing,  // "void"
  Value,    // "ulong", "cstring", "pointer"
  Status,   // "status", "status:long": 0 is ok
  Errno,    // "errno", "errno:ssize", "errno:pointer": negative, or NULL, and `errno` says why
  Length    // "len:ssize": how much of "out.ptr" was used
};

struct CReturnText {
  CReturnWord word = CReturnWord::Nothing;
  CTarget target = {};  // of all but Nothing

  bool operator==(const CReturnText&) const = default;
};

// Errors: what is wrong with it, and what would do.
struct CWordError {
  std::string message;  // "has no type `ulang`"
  std::string hint;
};
[[nodiscard]] Result<CArgumentText, CWordError> parse_c_argument(std::string_view text);
[[nodiscard]] Result<CReturnText, CWordError> parse_c_return(std::string_view text);

// Their normal form, which reads as the same.
[[nodiscard]] std::string print_c_argument(const CArgumentText& argument);

}  // namespace tenon::host
