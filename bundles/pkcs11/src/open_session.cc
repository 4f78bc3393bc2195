#include "open_session.h"

#include <algorithm>
#include <array>
#include <string>

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;

// How many bytes a function can return beyond those it reads: signatures, tags, padding.
constexpr std::size_t kMaxExtraBytes = std::size_t{1} << 16U;

// C_SignUpdate, C_VerifyUpdate or C_DigestUpdate. A failure ends the operation.
Expected<void> take_step(OwnOperation& operation, std::string_view name,
                         CK_RV (*update)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG),
                         std::span<const std::uint8_t> data) {
  if (auto active = operation.check_active(); !active) return active;
  OpenSession& session = operation.session();
  const CK_RV code = update(session.handle(), writable(data), data.size());
  if (code == CKR_OK) return {};
  session.end();
  return fail(name, code);
}

// C_SignFinal or C_DigestFinal.
Expected<std::vector<std::uint8_t>> finish_output(OwnOperation& operation, std::string_view name,
                                                  CK_RV (*last)(CK_SESSION_HANDLE, CK_BYTE*,
                                                                CK_ULONG*)) {
  if (auto active = operation.check_active(); !active) return tenon::unexpected(active.error());
  OpenSession& session = operation.session();
  auto output = read_output(
      name, 0, [&](CK_BYTE* bytes, CK_ULONG* size) { return last(session.handle(), bytes, size); });
  // If the first of the two calls failed, the operation is still active.
  if (!output) session.begin(Operation::None);
  session.end();
  return output;
}

}  // namespace

Expected<std::shared_ptr<OpenSession>> OpenSession::open(std::shared_ptr<Module> module,
                                                         CK_SLOT_ID slot, CK_FLAGS flags) {
  std::shared_ptr<OpenSession> session(new OpenSession(std::move(module), slot));
  const CK_RV code = session->functions().C_OpenSession(slot, CKF_SERIAL_SESSION | flags, nullptr,
                                                        nullptr, &session->handle_);
  if (code != CKR_OK) return fail("C_OpenSession", code);
  session->is_open_ = true;
  return session;
}

void OpenSession::close() {
  if (is_open_) functions().C_CloseSession(handle_);
  is_open_ = false;
}

Expected<void> OpenSession::check_open() const {
  if (!is_open_) return refuse(Kind::argument, "the session was dropped");
  return {};
}

std::uint64_t OpenSession::begin(Operation operation) {
  // PKCS#11 2.40 cannot cancel an operation. Only its last step ends it, so that is called with a
  // buffer that is large enough for any result.
  std::array<CK_BYTE, kMaxExtraBytes> ignored;
  CK_ULONG size = ignored.size();
  switch (operation_) {
    case Operation::None:
      break;
    case Operation::Sign:
      functions().C_SignFinal(handle_, ignored.data(), &size);
      break;
    case Operation::Verify:
      ignored[0] = 0;
      functions().C_VerifyFinal(handle_, ignored.data(), 1);
      break;
    case Operation::Digest:
      functions().C_DigestFinal(handle_, ignored.data(), &size);
      break;
  }
  operation_ = operation;
  return ++number_;
}

Expected<void> OpenSession::check_active(std::uint64_t number) const {
  if (auto open = check_open(); !open) return open;
  if (operation_ == Operation::None || number != number_)
    return refuse(Kind::other, "the operation has ended: it failed, or another one began");
  return {};
}

void OpenSession::cancel(std::uint64_t number) {
  if (is_open_ && operation_ != Operation::None && number == number_) begin(Operation::None);
}

Expected<std::vector<std::uint8_t>> read_output(
    std::string_view function, std::size_t input,
    const std::function<CK_RV(CK_BYTE* bytes, CK_ULONG* size)>& call) {
  CK_ULONG size = 0;
  if (const CK_RV code = call(nullptr, &size); code != CKR_OK) return fail(function, code);
  if (size > input + kMaxExtraBytes)
    return refuse(Kind::token, std::string(function) + " would return " + std::to_string(size) +
                                   " bytes for " + std::to_string(input));
  // At least one byte: with NULL, the second call would return the number again.
  std::vector<std::uint8_t> bytes(std::max<CK_ULONG>(size, 1));
  if (const CK_RV code = call(bytes.data(), &size); code != CKR_OK) return fail(function, code);
  bytes.resize(std::min<std::size_t>(bytes.size(), size));
  return bytes;
}

Expected<void> Signer::update(std::span<const std::uint8_t> data) {
  return take_step(operation_, "C_SignUpdate", operation_.session().functions().C_SignUpdate, data);
}

Expected<std::vector<std::uint8_t>> Signer::finish() {
  return finish_output(operation_, "C_SignFinal", operation_.session().functions().C_SignFinal);
}

Expected<void> Verifier::update(std::span<const std::uint8_t> data) {
  return take_step(operation_, "C_VerifyUpdate", operation_.session().functions().C_VerifyUpdate,
                   data);
}

Expected<bool> Verifier::finish(std::span<const std::uint8_t> signature) {
  if (auto active = operation_.check_active(); !active) return tenon::unexpected(active.error());
  OpenSession& session = operation_.session();
  const CK_RV code =
      session.functions().C_VerifyFinal(session.handle(), writable(signature), signature.size());
  session.end();
  return read_verdict("C_VerifyFinal", code);
}

Expected<void> Digester::update(std::span<const std::uint8_t> data) {
  return take_step(operation_, "C_DigestUpdate", operation_.session().functions().C_DigestUpdate,
                   data);
}

Expected<std::vector<std::uint8_t>> Digester::finish() {
  return finish_output(operation_, "C_DigestFinal", operation_.session().functions().C_DigestFinal);
}

Expected<bool> read_verdict(std::string_view function, CK_RV code) {
  if (code == CKR_OK) return true;
  if (code == CKR_SIGNATURE_INVALID || code == CKR_SIGNATURE_LEN_RANGE) return false;
  return fail(function, code);
}

}  // namespace pkcs11_adapter
