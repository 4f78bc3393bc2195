#include "slots.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "utf8.h"

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;
using tenon::unexpected;

// A field of fixed length, without the blanks that fill it.
template <std::size_t N>
std::string text_of(const unsigned char (&field)[N]) {
  std::string_view text(reinterpret_cast<const char*>(field), N);
  text = text.substr(0, text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return bundle_text::make_utf8(text);
}

// Absent: there is none in the slot.
Expected<std::optional<wit::token_info>> read_token(const CK_FUNCTION_LIST& functions,
                                                    CK_SLOT_ID slot) {
  CK_TOKEN_INFO info = {};
  const CK_RV code = functions.C_GetTokenInfo(slot, &info);
  if (code == CKR_TOKEN_NOT_PRESENT || code == CKR_TOKEN_NOT_RECOGNIZED) return std::nullopt;
  if (code != CKR_OK) return fail("C_GetTokenInfo", code);
  wit::token_info made;
  made.label = text_of(info.label);
  made.manufacturer = text_of(info.manufacturerID);
  made.model = text_of(info.model);
  made.serial_number = text_of(info.serialNumber);
  made.is_initialized = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
  made.needs_login = (info.flags & CKF_LOGIN_REQUIRED) != 0;
  made.is_write_protected = (info.flags & CKF_WRITE_PROTECTED) != 0;
  return made;
}

// All of a list whose length is asked for first; it may grow in between.
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

Expected<std::vector<wit::slot>> read_slots(const CK_FUNCTION_LIST& functions,
                                            const Settings& settings) {
  const auto ids = read_list<CK_SLOT_ID>("C_GetSlotList", [&](CK_SLOT_ID* list, CK_ULONG* count) {
    return functions.C_GetSlotList(CK_FALSE, list, count);
  });
  if (!ids) return unexpected(ids.error());
  std::vector<wit::slot> made;
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
    made.push_back(std::move(slot));
  }
  return made;
}

Expected<CK_SLOT_ID> choose_slot(const CK_FUNCTION_LIST& functions, const Settings& settings,
                                 std::optional<std::uint64_t> named) {
  const auto slots = read_slots(functions, settings);
  if (!slots) return unexpected(slots.error());
  if (named) {
    if (std::ranges::find(*slots, *named, &wit::slot::id) != slots->end()) return *named;
    return settings.token
               ? refuse(Kind::denied, "the slot is not that of the bundle's configured token")
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
  std::vector<wit::mechanism_info> made;
  for (const CK_MECHANISM_TYPE type : *types) {
    CK_MECHANISM_INFO info = {};
    if (const CK_RV code = functions.C_GetMechanismInfo(slot, type, &info); code != CKR_OK)
      return fail("C_GetMechanismInfo", code);
    made.push_back({type, info.ulMinKeySize, info.ulMaxKeySize});
  }
  return made;
}

}  // namespace pkcs11_adapter
