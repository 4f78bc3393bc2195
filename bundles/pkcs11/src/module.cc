#include "module.h"

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <stdexcept>

#include "token_error.h"

namespace pkcs11_adapter {

namespace {

[[noreturn]] void give_up(const std::string& path, const std::string& why) {
  throw std::runtime_error("the module `" + path + "` cannot be used: " + why);
}

}  // namespace

std::shared_ptr<Module> Module::load(const std::string& path) {
  // Of the process, as the state of the libraries is.
  static std::map<std::string, std::weak_ptr<Module>> loaded;

  std::error_code missing;
  const std::string file = std::filesystem::canonical(path, missing).string();
  if (missing) give_up(path, "there is no such file");
  std::weak_ptr<Module>& known = loaded[file];
  if (auto found = known.lock()) return found;

  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) give_up(path, dlerror());
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get_list == nullptr) give_up(path, "it has no `C_GetFunctionList`: it is not of PKCS#11");
  CK_FUNCTION_LIST* functions = nullptr;
  if (const CK_RV code = get_list(&functions); code != CKR_OK || functions == nullptr)
    give_up(path, fail("C_GetFunctionList", code).error.message);
  if (functions->version.major != 2)
    give_up(path, "it is of PKCS#11 " + std::to_string(functions->version.major) +
                      ", and this bundle knows 2");
  CK_C_INITIALIZE_ARGS arguments = {};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED)
    give_up(path, fail("C_Initialize", code).error.message);
  const std::shared_ptr<Module> made(
      new Module(*functions, code == CKR_OK ? Initialized::Here : Initialized::Elsewhere));
  known = made;
  return made;
}

Module::~Module() {
  if (initialized_ == Initialized::Here) functions_->C_Finalize(nullptr);
}

}  // namespace pkcs11_adapter
