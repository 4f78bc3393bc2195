// Parses the notation of `args` and `returns` in a `[[function]]` of host.toml.
//
//   parse_c_argument("seed:ulong")     // the parameter `seed`, as unsigned long
//   parse_c_argument("data.len:uint")  // the number of elements of `data`
//   parse_c_argument("out:int")        // a pointer to an int that receives a part of the result
//
// Source: docs/host-bundles-c.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/c_types.h"
#include "tenon/result.h"

namespace tenon::host {

// The C form of a value that a function returns or writes through a pointer.
enum class CTargetKind {
  Number,
  Text,     // "cstring": char *, to a NUL
  Pointer,  // "pointer": of a resource
  Buffer,   // "buffer": {T *ptr; size_t len; void (*free)(void *)}
  Struct    // "struct": in C layout
};
struct CTarget {
  CTargetKind kind = CTargetKind::Number;
  CType type = CType::S32;  // of Number

  bool operator==(const CTarget&) const = default;
};

enum class CArgumentForm {
  Param,        // "x", "x:ulong": passed by its WIT type, or as this C number
  Text,         // "x:cstring": a copy with a NUL at the end
  Pointer,      // "x.ptr"
  Length,       // "x.len", "x.len:uint"
  Constant,     // "const:0", "const:0:size", "const:null"
  Out,          // "out:int": a pointer that receives a part of the result
  Error,        // "err:cstring": a pointer that receives the error
  RoomPointer,  // "out.ptr": a buffer for the result, a list or a string
  RoomLength,   // "out.len:ulong": a pointer to its size, which becomes the used length
  RoomSize      // "out.room:size": its size
};

struct CArgumentSpec {
  CArgumentForm form = CArgumentForm::Param;
  std::string param = {};            // of Param to Length: its name
  std::optional<CType> type = {};    // of Param, Length, Constant, RoomLength and RoomSize
  CTarget target = {};               // of Out and Error
  bool is_dropped_on_error = false;  // "out:pointer:drop"
  std::int64_t constant = 0;

  bool operator==(const CArgumentSpec&) const = default;
};

enum class CReturnForm {
  Nothing,  // "void"
  Value,    // "ulong", "cstring", "pointer"
  Status,   // "status", "status:long": 0 is ok
  Errno,  // "errno", "errno:ssize", "errno:pointer": on failure negative or NULL, with `errno` set
  Length  // "len:ssize": the used length of "out.ptr"
};

struct CReturnSpec {
  CReturnForm form = CReturnForm::Nothing;
  CTarget target = {};  // of all but Nothing

  bool operator==(const CReturnSpec&) const = default;
};

// message: what follows the quoted text in a diagnostic.
struct CSpecError {
  std::string message;  // "has the unknown C type `ulang`"
  std::string hint;
};
[[nodiscard]] Result<CArgumentSpec, CSpecError> parse_c_argument(std::string_view text);
[[nodiscard]] Result<CReturnSpec, CSpecError> parse_c_return(std::string_view text);

}  // namespace tenon::host
