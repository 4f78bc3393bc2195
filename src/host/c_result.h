// What a C function left behind, as a value: what it returned, and wrote where it was told to. The
// half of a call that comes after it; see c_call.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "host/c_call.h"
#include "host/c_signature.h"
#include "host/native_call.h"
#include "tenon/tenon_host.h"

namespace tenon::host {

// The last argument of a function that gives a string or a list.
struct CBuffer {
  void* ptr = nullptr;
  std::size_t len = 0;
  void (*free)(void*) = nullptr;
};

// What libffi writes a returned value to: a register of any class.
struct alignas(16) CReturned {
  std::array<std::uint64_t, 2> bits = {};
};

struct CLeft {
  CReturned returned;
  int error_number = 0;  // errno
  // By place: what an argument points to.
  std::array<std::uint8_t*, kMostCArguments + 1> places = {};
  std::uint8_t* room = nullptr;
  std::uint64_t room_size = 0;          // elements
  std::uint8_t* room_length = nullptr;  // null: no argument points to it
  CType room_length_type = CType::U64;
};

// Bytes of an element of a list, or of a string.
[[nodiscard]] std::size_t element_size(std::uint8_t element);

// Says why the call is a trap; false.
bool fail_c_call(tenon_call& call, std::string text);

inline constexpr const char* kTooMuchResult = "its result exceeds the memory limit of a call";

// REQUIRES of both: the function was called. What the value points to is the call's memory.
// False: it is a trap.
[[nodiscard]] bool read_c_result(const CSignature& signature, const CSymbols& symbols,
                                 const CLeft& left, tenon_call& call, tenon_value& result);
// Frees what C gave away; once.
void free_c_result(const CSignature& signature, const CSymbols& symbols, const CLeft& left);

}  // namespace tenon::host
