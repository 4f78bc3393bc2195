#include "operations.h"

namespace pkcs11_adapter {

namespace {

// One step of C_*Update, which ends the operation if it fails.
Expected<void> take_step(OwnOperation& operation, std::string_view name,
                         CK_RV (*update)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG),
                         std::span<const std::uint8_t> data) {
  if (auto under_way = operation.check_under_way(); !under_way) return under_way;
  OpenSession& session = operation.session();
  const CK_RV code = update(session.handle(), writable(data), data.size());
  if (code == CKR_OK) return {};
  session.end();
  return fail(name, code);
}

// The last step of C_*Final.
Expected<std::vector<std::uint8_t>> finish_output(OwnOperation& operation, std::string_view name,
                                                  CK_RV (*last)(CK_SESSION_HANDLE, CK_BYTE*,
                                                                CK_ULONG*)) {
  if (auto under_way = operation.check_under_way(); !under_way)
    return tenon::unexpected(under_way.error());
  OpenSession& session = operation.session();
  auto made = read_output(
      name, 0, [&](CK_BYTE* bytes, CK_ULONG* size) { return last(session.handle(), bytes, size); });
  // One that gave nothing may be under way yet.
  if (!made) session.begin(Operation::None);
  session.end();
  return made;
}

}  // namespace

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
  if (auto under_way = operation_.check_under_way(); !under_way)
    return tenon::unexpected(under_way.error());
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
