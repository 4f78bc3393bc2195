#include "module.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "utf8.h"

namespace pkcs11_adapter {

namespace {

[[noreturn]] void give_up(const std::string& path, const std::string& why) {
  throw std::runtime_error("the module `" + path + "` cannot be used: " + why);
}

using Kind = wit::error_kind;
using tenon::unexpected;

// A text of fixed length, without the padding.
template <std::size_t N>
std::string text_of(const unsigned char (&field)[N]) {
  std::string_view text(reinterpret_cast<const char*>(field), N);
  text = text.substr(0, text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return bundle_text::make_utf8(text);
}

// Absent if the slot is empty.
Expected<std::optional<wit::token_info>> read_token(const CK_FUNCTION_LIST& functions,
                                                    CK_SLOT_ID slot) {
  CK_TOKEN_INFO info = {};
  const CK_RV code = functions.C_GetTokenInfo(slot, &info);
  if (code == CKR_TOKEN_NOT_PRESENT || code == CKR_TOKEN_NOT_RECOGNIZED) return std::nullopt;
  if (code != CKR_OK) return fail("C_GetTokenInfo", code);
  wit::token_info token;
  token.label = text_of(info.label);
  token.manufacturer = text_of(info.manufacturerID);
  token.model = text_of(info.model);
  token.serial_number = text_of(info.serialNumber);
  token.is_initialized = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
  token.needs_login = (info.flags & CKF_LOGIN_REQUIRED) != 0;
  token.is_write_protected = (info.flags & CKF_WRITE_PROTECTED) != 0;
  return token;
}

// Reads a list in the way of PKCS#11: the first call returns the length, the second the elements.
// If the list grew in between, it starts again.
template <class T>
Expected<std::vector<T>> read_list(std::string_view name, auto call) {
  while (true) {
    CK_ULONG count = 0;
    if (const CK_RV code = call(nullptr, &count); code != CKR_OK) return fail(name, code);
    std::vector<T> list(count);
    const CK_RV code = call(list.data(), &count);
    if (code == CKR_BUFFER_TOO_SMALL && !tenon::current_call().should_stop()) continue;
    if (code != CKR_OK) return fail(name, code);
    list.resize(std::min<std::size_t>(list.size(), count));
    return list;
  }
}

}  // namespace

std::shared_ptr<Module> Module::load(const std::string& path) {
  // Shared by the whole process, because a process can initialize a PKCS #11 library only once.
  static std::map<std::string, std::weak_ptr<Module>> loaded;

  std::error_code missing;
  const std::string file = std::filesystem::canonical(path, missing).string();
  if (missing) give_up(path, "there is no such file");
  std::weak_ptr<Module>& known = loaded[file];
  if (auto module = known.lock()) return module;

  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) give_up(path, dlerror());
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get_list == nullptr)
    give_up(path, "it has no `C_GetFunctionList`, so it is not a module of PKCS#11");
  CK_FUNCTION_LIST* functions = nullptr;
  if (const CK_RV code = get_list(&functions); code != CKR_OK || functions == nullptr)
    give_up(path, fail("C_GetFunctionList", code).error.message);
  if (functions->version.major != 2)
    give_up(path, "it implements PKCS#11 " + std::to_string(functions->version.major) +
                      ", and this bundle supports version 2");
  CK_C_INITIALIZE_ARGS arguments = {};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED)
    give_up(path, fail("C_Initialize", code).error.message);
  const std::shared_ptr<Module> module(
      new Module(*functions, code == CKR_OK ? Initialized::Here : Initialized::Elsewhere));
  known = module;
  return module;
}

Module::~Module() {
  if (initialized_ == Initialized::Here) functions_->C_Finalize(nullptr);
}

Expected<std::vector<wit::slot>> read_slots(const CK_FUNCTION_LIST& functions,
                                            const Settings& settings) {
  const auto ids = read_list<CK_SLOT_ID>("C_GetSlotList", [&](CK_SLOT_ID* list, CK_ULONG* count) {
    return functions.C_GetSlotList(CK_FALSE, list, count);
  });
  if (!ids) return unexpected(ids.error());
  std::vector<wit::slot> slots;
  for (const CK_SLOT_ID id : *ids) {
    CK_SLOT_INFO info = {};
    if (const CK_RV code = functions.C_GetSlotInfo(id, &info); code != CKR_OK)
      return fail("C_GetSlotInfo", code);
    auto token = read_token(functions, id);
    if (!token) return unexpected(token.error());
    if (settings.token && (!*token || (*token)->label != *settings.token)) continue;
    wit::slot slot;
    slot.id = id;
    slot.description = text_of(info.slotDescription);
    slot.token = *std::move(token);
    slots.push_back(std::move(slot));
  }
  return slots;
}

Expected<CK_SLOT_ID> choose_slot(const CK_FUNCTION_LIST& functions, const Settings& settings,
                                 std::optional<std::uint64_t> named) {
  const auto slots = read_slots(functions, settings);
  if (!slots) return unexpected(slots.error());
  if (named) {
    if (std::ranges::find(*slots, *named, &wit::slot::id) != slots->end()) return *named;
    return settings.token
               ? refuse(Kind::denied,
                        "the slot does not have the token that the bundle is configured with")
               : refuse(Kind::argument, "there is no slot " + std::to_string(*named));
  }
  const auto is_ready = [](const wit::slot& slot) {
    return slot.token && slot.token->is_initialized;
  };
  const auto first = std::ranges::find_if(*slots, is_ready);
  if (first == slots->end())
    return refuse(Kind::argument, settings.token ? "there is no token `" + *settings.token + "`"
                                                 : "there is no slot with an initialized token");
  if (std::ranges::count_if(*slots, is_ready) > 1)
    return refuse(Kind::argument,
                  "there is more than one token; name a slot, or configure the bundle's `token`");
  return first->id;
}

Expected<std::vector<wit::mechanism_info>> read_mechanisms(const CK_FUNCTION_LIST& functions,
                                                           CK_SLOT_ID slot) {
  const auto types = read_list<CK_MECHANISM_TYPE>(
      "C_GetMechanismList", [&](CK_MECHANISM_TYPE* list, CK_ULONG* count) {
        return functions.C_GetMechanismList(slot, list, count);
      });
  if (!types) return unexpected(types.error());
  std::vector<wit::mechanism_info> mechanisms;
  for (const CK_MECHANISM_TYPE type : *types) {
    CK_MECHANISM_INFO info = {};
    if (const CK_RV code = functions.C_GetMechanismInfo(slot, type, &info); code != CKR_OK)
      return fail("C_GetMechanismInfo", code);
    mechanisms.push_back({type, info.ulMinKeySize, info.ulMaxKeySize});
  }
  return mechanisms;
}

}  // namespace pkcs11_adapter
