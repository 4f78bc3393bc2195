// A library of PKCS#11, which is initialized once in a process.
#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>

namespace pkcs11_adapter {

// Thread: the bundle is TENON_SERIAL_LIBRARY, so that one thread at a time makes, uses and destroys
// modules, whichever instance it works for.
class Module final {
 public:
  // One object for all instances that load the same file. It is never unloaded: libraries of
  // PKCS#11 leave handlers at exit.
  // Throws: it cannot be loaded or initialized, which is why the bundle cannot start.
  [[nodiscard]] static std::shared_ptr<Module> load(const std::string& path);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  // Finalizes it, if it was initialized here.
  ~Module();

  [[nodiscard]] const CK_FUNCTION_LIST& functions() const { return *functions_; }

 private:
  // Who initialized the library: this object, or another part of the process.
  enum class Initialized { Here, Elsewhere };

  Module(const CK_FUNCTION_LIST& functions, Initialized initialized)
      : functions_(&functions), initialized_(initialized) {}

  const CK_FUNCTION_LIST* functions_;
  Initialized initialized_;
};

}  // namespace pkcs11_adapter
