#include "session.h"

#include <array>
#include <string>
#include <type_traits>

#include "mechanisms.h"

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;
using tenon::unexpected;

// Generating a longer key takes minutes, and a module cannot be interrupted.
constexpr std::uint32_t kMaxRsaBits = 8192;
constexpr std::uint32_t kMaxRandomBytes = 1U << 20U;
constexpr std::size_t kMaxMatches = 4096;

// Object is the only class that derives from wit::object.
const Object& own(const wit::object& object) { return static_cast<const Object&>(object); }

}  // namespace

Expected<void> Session::login_configured() {
  auto pin = read_pin(settings_.pin);
  if (!pin) return unexpected(pin.error());
  auto done = log_in(*std::move(pin));
  // A login is for all sessions of the process with the token, so another one can have done it.
  if (!done && done.error().code == CKR_USER_ALREADY_LOGGED_IN) return {};
  return done;
}

Expected<void> Session::login(std::string_view pin) {
  if (settings_.guest_pin == GuestPin::Refused)
    return refuse(Kind::denied,
                  "the bundle accepts no PIN from components: `allow-guest-pin` is not configured; "
                  "`login-configured` uses the PIN of the bundle");
  return log_in(Pin(pin));
}

Expected<void> Session::log_in(Pin pin) {
  std::string& text = pin.text();
  const CK_RV code = functions().C_Login(handle(), CKU_USER,
                                         reinterpret_cast<CK_UTF8CHAR*>(text.data()), text.size());
  if (code != CKR_OK) return fail("C_Login", code);
  return {};
}

Expected<void> Session::logout() {
  const CK_RV code = functions().C_Logout(handle());
  if (code != CKR_OK) return fail("C_Logout", code);
  return {};
}

std::shared_ptr<wit::object> Session::make_object(CK_OBJECT_HANDLE object,
                                                  const Template& attributes) const {
  return std::make_shared<Object>(
      session_, object,
      attributes.is_on_token() ? Object::WhenDropped::Stays : Object::WhenDropped::IsDestroyed);
}

Expected<std::shared_ptr<wit::object>> Session::generate_key(
    wit::key_kind kind, std::uint32_t size_bytes, std::span<const wit::attribute> attributes) {
  Template object_template;
  if (auto added = object_template.add(attributes); !added) return unexpected(added.error());
  if (object_template.has(CKA_VALUE_LEN))
    return refuse(Kind::argument, "`value-len` cannot be given: `size-bytes` sets it");
  object_template.add_number(CKA_VALUE_LEN, size_bytes);
  CK_MECHANISM mechanism = {
      kind == wit::key_kind::aes ? CKM_AES_KEY_GEN : CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  const CK_RV code = functions().C_GenerateKey(handle(), &mechanism, object_template.data(),
                                               object_template.size(), &object);
  if (code != CKR_OK) return fail("C_GenerateKey", code);
  return make_object(object, object_template);
}

Expected<std::tuple<std::shared_ptr<wit::object>, std::shared_ptr<wit::object>>>
Session::generate_key_pair(const wit::key_pair_kind& kind,
                           std::span<const wit::attribute> of_public_key,
                           std::span<const wit::attribute> of_private_key) {
  using Case = wit::key_pair_kind;
  Template of_public;
  Template of_private;
  if (auto added = of_public.add(of_public_key); !added) return unexpected(added.error());
  if (auto added = of_private.add(of_private_key); !added) return unexpected(added.error());
  if (of_public.has(CKA_MODULUS_BITS) || of_public.has(CKA_EC_PARAMS))
    return refuse(Kind::argument,
                  "`modulus-bits` and `ec-params` cannot be given: `kind` sets them");
  CK_MECHANISM mechanism = {};
  bool is_too_long = false;
  std::visit(
      [&]<class Active>(const Active& active) {
        if constexpr (std::is_same_v<Active, Case::rsa>) {
          mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
          is_too_long = active.value > kMaxRsaBits;
          of_public.add_number(CKA_MODULUS_BITS, active.value);
        } else {
          mechanism.mechanism =
              std::is_same_v<Active, Case::ec> ? CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN;
          of_public.add_bytes(CKA_EC_PARAMS, active.value);
        }
      },
      kind.which);
  if (is_too_long)
    return refuse(Kind::argument,
                  "a modulus can have at most " + std::to_string(kMaxRsaBits) + " bits");
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  const CK_RV code = functions().C_GenerateKeyPair(handle(), &mechanism, of_public.data(),
                                                   of_public.size(), of_private.data(),
                                                   of_private.size(), &public_key, &private_key);
  if (code != CKR_OK) return fail("C_GenerateKeyPair", code);
  return std::tuple(make_object(public_key, of_public), make_object(private_key, of_private));
}

Expected<std::shared_ptr<wit::object>> Session::create(std::span<const wit::attribute> attributes) {
  Template object_template;
  if (auto added = object_template.add(attributes); !added) return unexpected(added.error());
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  const CK_RV code =
      functions().C_CreateObject(handle(), object_template.data(), object_template.size(), &object);
  if (code != CKR_OK) return fail("C_CreateObject", code);
  return make_object(object, object_template);
}

Expected<std::vector<std::shared_ptr<wit::object>>> Session::find(
    std::span<const wit::attribute> attributes) {
  Template object_template;
  if (auto added = object_template.add(attributes); !added) return unexpected(added.error());
  CK_RV code =
      functions().C_FindObjectsInit(handle(), object_template.data(), object_template.size());
  if (code != CKR_OK) return fail("C_FindObjectsInit", code);
  std::vector<std::shared_ptr<wit::object>> matches;
  std::array<CK_OBJECT_HANDLE, 64> handles;
  CK_ULONG count = 1;
  while (code == CKR_OK && count > 0 && matches.size() <= kMaxMatches) {
    count = 0;
    code = functions().C_FindObjects(handle(), handles.data(), handles.size(), &count);
    for (CK_ULONG k = 0; code == CKR_OK && k < count; ++k)
      matches.push_back(std::make_shared<Object>(session_, handles[k], Object::WhenDropped::Stays));
  }
  functions().C_FindObjectsFinal(handle());
  if (code != CKR_OK) return fail("C_FindObjects", code);
  if (matches.size() > kMaxMatches)
    return refuse(Kind::argument, "more than " + std::to_string(kMaxMatches) +
                                      " objects have these attributes; give more attributes");
  return matches;
}

Expected<void> Session::init(std::string_view name, InitWithKey function, wit::object& key,
                             const wit::mechanism& mechanism) {
  const auto key_handle = own(key).handle_in(*session_);
  if (!key_handle) return unexpected(key_handle.error());
  auto parameters = Mechanism::make(mechanism);
  if (!parameters) return unexpected(parameters.error());
  session_->begin(Operation::None);
  const CK_RV code = function(handle(), (*parameters)->get(), *key_handle);
  if (code != CKR_OK) return fail(name, code);
  return {};
}

Expected<std::vector<std::uint8_t>> Session::sign(wit::object& key, const wit::mechanism& mechanism,
                                                  std::span<const std::uint8_t> data) {
  if (auto begun = init("C_SignInit", functions().C_SignInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return read_output("C_Sign", data.size(), [&](CK_BYTE* bytes, CK_ULONG* size) {
    return functions().C_Sign(handle(), writable(data), data.size(), bytes, size);
  });
}

Expected<bool> Session::verify(wit::object& key, const wit::mechanism& mechanism,
                               std::span<const std::uint8_t> data,
                               std::span<const std::uint8_t> signature) {
  if (auto begun = init("C_VerifyInit", functions().C_VerifyInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return read_verdict("C_Verify", functions().C_Verify(handle(), writable(data), data.size(),
                                                       writable(signature), signature.size()));
}

Expected<std::vector<std::uint8_t>> Session::encrypt(wit::object& key,
                                                     const wit::mechanism& mechanism,
                                                     std::span<const std::uint8_t> data) {
  if (auto begun = init("C_EncryptInit", functions().C_EncryptInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return read_output("C_Encrypt", data.size(), [&](CK_BYTE* bytes, CK_ULONG* size) {
    return functions().C_Encrypt(handle(), writable(data), data.size(), bytes, size);
  });
}

Expected<std::vector<std::uint8_t>> Session::decrypt(wit::object& key,
                                                     const wit::mechanism& mechanism,
                                                     std::span<const std::uint8_t> data) {
  if (auto begun = init("C_DecryptInit", functions().C_DecryptInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return read_output("C_Decrypt", data.size(), [&](CK_BYTE* bytes, CK_ULONG* size) {
    return functions().C_Decrypt(handle(), writable(data), data.size(), bytes, size);
  });
}

Expected<std::vector<std::uint8_t>> Session::wrap(wit::object& wrapping,
                                                  const wit::mechanism& mechanism,
                                                  wit::object& key) {
  const auto wrapping_handle = own(wrapping).handle_in(*session_);
  if (!wrapping_handle) return unexpected(wrapping_handle.error());
  const auto key_handle = own(key).handle_in(*session_);
  if (!key_handle) return unexpected(key_handle.error());
  auto parameters = Mechanism::make(mechanism);
  if (!parameters) return unexpected(parameters.error());
  return read_output("C_WrapKey", 0, [&](CK_BYTE* bytes, CK_ULONG* size) {
    return functions().C_WrapKey(handle(), (*parameters)->get(), *wrapping_handle, *key_handle,
                                 bytes, size);
  });
}

Expected<std::shared_ptr<wit::object>> Session::unwrap(wit::object& unwrapping,
                                                       const wit::mechanism& mechanism,
                                                       std::span<const std::uint8_t> wrapped,
                                                       std::span<const wit::attribute> attributes) {
  const auto unwrapping_handle = own(unwrapping).handle_in(*session_);
  if (!unwrapping_handle) return unexpected(unwrapping_handle.error());
  auto parameters = Mechanism::make(mechanism);
  if (!parameters) return unexpected(parameters.error());
  Template object_template;
  if (auto added = object_template.add(attributes); !added) return unexpected(added.error());
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  const CK_RV code = functions().C_UnwrapKey(
      handle(), (*parameters)->get(), *unwrapping_handle, writable(wrapped), wrapped.size(),
      object_template.data(), object_template.size(), &object);
  if (code != CKR_OK) return fail("C_UnwrapKey", code);
  return make_object(object, object_template);
}

Expected<std::vector<std::uint8_t>> Session::digest(wit::hash hash,
                                                    std::span<const std::uint8_t> data) {
  const std::unique_ptr<Mechanism> mechanism = Mechanism::make_digest(hash);
  session_->begin(Operation::None);
  const CK_RV code = functions().C_DigestInit(handle(), mechanism->get());
  if (code != CKR_OK) return fail("C_DigestInit", code);
  return read_output("C_Digest", data.size(), [&](CK_BYTE* bytes, CK_ULONG* size) {
    return functions().C_Digest(handle(), writable(data), data.size(), bytes, size);
  });
}

Expected<std::vector<std::uint8_t>> Session::random(std::uint32_t bytes) {
  if (bytes > kMaxRandomBytes)
    return refuse(Kind::argument,
                  "more than " + std::to_string(kMaxRandomBytes) + " random bytes were requested");
  std::vector<std::uint8_t> random_bytes(bytes);
  if (random_bytes.empty()) return random_bytes;
  const CK_RV code =
      functions().C_GenerateRandom(handle(), random_bytes.data(), random_bytes.size());
  if (code != CKR_OK) return fail("C_GenerateRandom", code);
  return random_bytes;
}

Expected<std::shared_ptr<wit::signer>> Session::start_sign(wit::object& key,
                                                           const wit::mechanism& mechanism) {
  if (auto begun = init("C_SignInit", functions().C_SignInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return std::make_shared<Signer>(session_, session_->begin(Operation::Sign));
}

Expected<std::shared_ptr<wit::verifier>> Session::start_verify(wit::object& key,
                                                               const wit::mechanism& mechanism) {
  if (auto begun = init("C_VerifyInit", functions().C_VerifyInit, key, mechanism); !begun)
    return unexpected(begun.error());
  return std::make_shared<Verifier>(session_, session_->begin(Operation::Verify));
}

Expected<std::shared_ptr<wit::digester>> Session::start_digest(wit::hash hash) {
  const std::unique_ptr<Mechanism> mechanism = Mechanism::make_digest(hash);
  session_->begin(Operation::None);
  const CK_RV code = functions().C_DigestInit(handle(), mechanism->get());
  if (code != CKR_OK) return fail("C_DigestInit", code);
  return std::make_shared<Digester>(session_, session_->begin(Operation::Digest));
}

}  // namespace pkcs11_adapter
