// Calls a C function through libffi as its signature says: a native function that builds the C
// arguments from WIT values and the WIT result from what the function returns and writes.
//
// The call interface is prepared once. If a function takes and returns only numbers that need no
// conversion, libffi reads them in place. Otherwise the arguments are built in the memory of the
// call.
#pragma once

#include <memory>
#include <vector>

#include "host/c_signature.h"
#include "host/module_table.h"

namespace tenon::host {

// The symbols of a signature, found in the library.
struct CSymbols {
  void* function = nullptr;
  void (*free)(void*) = nullptr;            // null: strings are not freed
  const char* (*error)(int) = nullptr;      // null: a status has no description
  std::vector<void (*)(void*)> drops = {};  // by place; null if it is not a resource
};

struct PreparedCall {
  NativeFunction function;
  std::shared_ptr<const void> keeps;  // owns what `function` refers to
};

// Thread: the result can be called from any thread if the C function can.
[[nodiscard]] PreparedCall prepare_c_call(CSignature signature, CSymbols symbols);

}  // namespace tenon::host
