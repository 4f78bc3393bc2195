// A C function as native code is called: through libffi, by its signature.
//
// The call interface is prepared once. A function whose arguments are numbers that have the bits of
// their values gets pointers to those; all else lies in the memory of the call.
#pragma once

#include <memory>
#include <vector>

#include "host/c_signature.h"
#include "host/module_table.h"

namespace tenon::host {

// What a library has for a signature.
struct CSymbols {
  void* function = nullptr;
  void (*free)(void*) = nullptr;            // null: nothing is freed
  const char* (*error)(int) = nullptr;      // null: there is none
  std::vector<void (*)(void*)> drops = {};  // of the places of the signature; null where none is
};

struct PreparedCall {
  NativeFunction function;
  std::shared_ptr<const void> keeps;  // what it needs
};

// Thread: any may call it, if the C function says so.
[[nodiscard]] PreparedCall prepare_c_call(CSignature signature, CSymbols symbols);

}  // namespace tenon::host
