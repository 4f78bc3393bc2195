#include "registry/libcrypto.h"

#include <array>

#include "support/system_library.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

Result<Libcrypto, std::string> find_functions() {
  static const std::array<std::string, 1> kNames = {"libcrypto.so.3"};
  TENON_TRY(SystemLibrary library, SystemLibrary::load(kNames));
  Libcrypto functions;
#define TENON_LIBCRYPTO_FIND(name) library.find(functions.name, #name);
  TENON_LIBCRYPTO_FUNCTIONS(TENON_LIBCRYPTO_FIND)
#undef TENON_LIBCRYPTO_FIND
  TENON_TRY_VOID(library.check());
  return functions;
}

}  // namespace

Result<Libcrypto, std::string> load_libcrypto() {
  Result<Libcrypto, std::string> functions = find_functions();
  if (!functions) return "OpenSSL cannot be used: " + functions.error();
  return functions;
}

}  // namespace tenon::registry
