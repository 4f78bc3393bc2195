// The second half of a C call (c_call.h): makes the WIT result from what the C function returned and
// wrote.
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

// The layout of the last argument of a function that returns a string or a list.
struct CBuffer {
  void* ptr = nullptr;
  std::size_t len = 0;
  void (*free)(void*) = nullptr;
};

// The memory for the return value; libffi writes a whole register of any class.
struct alignas(16) CReturned {
  std::array<std::uint64_t, 2> bits = {};
};

// Everything that a C function left behind.
struct CLeft {
  CReturned returned;
  int error_number = 0;  // errno
  // By place: the memory that an argument points to.
  std::array<std::uint8_t*, kMostCArguments + 1> places = {};
  std::uint8_t* room = nullptr;
  std::uint64_t room_size = 0;          // elements
  std::uint8_t* room_length = nullptr;  // null if no argument points to it
  CType room_length_type = CType::U64;
};

// The size of an element of a list, or of a byte of a string.
[[nodiscard]] std::size_t element_size(std::uint8_t element);

// Makes the call a trap, unless it is one; returns false.
bool fail_c_call(tenon_call& call, std::string text);

inline constexpr const char* kTooMuchResult = "its result exceeds the memory limit of a call";

// Both require that the function was called. The result points only to memory of the call. False if
// the call is a trap.
[[nodiscard]] bool read_c_result(const CSignature& signature, const CSymbols& symbols,
                                 const CLeft& left, tenon_call& call, tenon_value& result);
// Frees the strings and buffers that the C function handed over. Called once.
void free_c_result(const CSignature& signature, const CSymbols& symbols, const CLeft& left);

}  // namespace tenon::host
