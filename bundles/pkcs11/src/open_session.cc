#include "open_session.h"

#include <algorithm>
#include <array>
#include <string>

namespace pkcs11_adapter {

namespace {

using Kind = wit::error_kind;

// What a function may give beyond what it reads: signatures, tags, padding.
constexpr std::size_t kMostExtra = std::size_t{1} << 16U;

}  // namespace

Expected<std::shared_ptr<OpenSession>> OpenSession::open(std::shared_ptr<Module> module,
                                                         CK_SLOT_ID slot, CK_FLAGS flags) {
  std::shared_ptr<OpenSession> made(new OpenSession(std::move(module), slot));
  const CK_RV code = made->functions().C_OpenSession(slot, CKF_SERIAL_SESSION | flags, nullptr,
                                                     nullptr, &made->handle_);
  if (code != CKR_OK) return fail("C_OpenSession", code);
  made->is_open_ = true;
  return made;
}

void OpenSession::close() {
  if (is_open_) functions().C_CloseSession(handle_);
  is_open_ = false;
}

Expected<void> OpenSession::check_open() const {
  if (!is_open_) return refuse(Kind::argument, "its session was let go");
  return {};
}

std::uint64_t OpenSession::begin(Operation operation) {
  // PKCS#11 2.40 ends an operation by its last step alone: into a buffer that holds any result.
  std::array<CK_BYTE, kMostExtra> ignored;
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

Expected<void> OpenSession::check_under_way(std::uint64_t number) const {
  if (auto open = check_open(); !open) return open;
  if (operation_ == Operation::None || number != number_)
    return refuse(Kind::other, "the operation has ended: it failed, or another began");
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
  if (size > input + kMostExtra)
    return refuse(Kind::token, std::string(function) + " wants to return " + std::to_string(size) +
                                   " bytes for " + std::to_string(input));
  // At an address even if there are none: NULL asks for the number again.
  std::vector<std::uint8_t> bytes(std::max<CK_ULONG>(size, 1));
  if (const CK_RV code = call(bytes.data(), &size); code != CKR_OK) return fail(function, code);
  bytes.resize(std::min<std::size_t>(bytes.size(), size));
  return bytes;
}

}  // namespace pkcs11_adapter
