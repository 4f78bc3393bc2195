// A session with a token, and the operations that are active in it.
//
// Signing, verifying and hashing in parts is a protocol of the session: C_SignInit, C_SignUpdate
// any number of times, C_SignFinal. The WIT has a resource for each operation instead (Signer,
// Verifier, Digester). A session has room for one active operation, so a new one ends the one
// before. Each operation has a number: a resource whose number is not the last one reports an
// error, rather than continuing an operation of someone else.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "module.h"
#include "token_error.h"

namespace pkcs11_adapter {

// The active operation. PKCS#11 allows one of each kind at a time; the bundle allows one in all.
enum class Operation { None, Sign, Verify, Digest };

// Shared by the guest's session, its objects and its operations. It is closed when the guest drops
// the session, even if the guest still holds objects: tokens have few sessions.
class OpenSession final {
 public:
  // Errors: the module's.
  [[nodiscard]] static Expected<std::shared_ptr<OpenSession>> open(std::shared_ptr<Module> module,
                                                                   CK_SLOT_ID slot, CK_FLAGS flags);
  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;
  ~OpenSession() { close(); }

  // Objects and operations of the session become unusable.
  void close();

  [[nodiscard]] const CK_FUNCTION_LIST& functions() const { return module_->functions(); }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return handle_; }
  // Errors: argument: it is closed.
  [[nodiscard]] Expected<void> check_open() const;
  // Whether handles of objects mean the same in both sessions.
  [[nodiscard]] bool is_of_same_token(const OpenSession& other) const {
    return module_ == other.module_ && slot_ == other.slot_;
  }

  // Ends the active operation and records a new one. Returns the number of the new one.
  std::uint64_t begin(Operation operation);
  // Errors: other: operation `number` has ended.
  [[nodiscard]] Expected<void> check_active(std::uint64_t number) const;
  void end() { operation_ = Operation::None; }
  // Ends operation `number` if it is still active.
  void cancel(std::uint64_t number);

 private:
  OpenSession(std::shared_ptr<Module> module, CK_SLOT_ID slot)
      : module_(std::move(module)), slot_(slot) {}

  std::shared_ptr<Module> module_;
  CK_SLOT_ID slot_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
  bool is_open_ = false;
  Operation operation_ = Operation::None;
  std::uint64_t number_ = 0;  // of the last operation
};

// Calls a function that returns bytes in the way of PKCS#11: the first call returns their number,
// the second the bytes. input: the number of bytes that the function reads, which limits the
// output.
// Errors: the module's.
[[nodiscard]] Expected<std::vector<std::uint8_t>> read_output(
    std::string_view function, std::size_t input,
    const std::function<CK_RV(CK_BYTE* bytes, CK_ULONG* size)>& call);

// PKCS#11 has no `const`: functions take their input as CK_BYTE*, and do not write to it.
[[nodiscard]] inline CK_BYTE* writable(std::span<const std::uint8_t> data) {
  // Some modules reject NULL even for empty input.
  static CK_BYTE none = 0;
  return data.empty() ? &none : const_cast<CK_BYTE*>(data.data());
}

// An operation of a guest. It ends when the guest drops the resource.
class OwnOperation final {
 public:
  OwnOperation(std::shared_ptr<OpenSession> session, std::uint64_t number)
      : session_(std::move(session)), number_(number) {}
  OwnOperation(const OwnOperation&) = delete;
  OwnOperation& operator=(const OwnOperation&) = delete;
  ~OwnOperation() { session_->cancel(number_); }

  [[nodiscard]] OpenSession& session() { return *session_; }
  [[nodiscard]] Expected<void> check_active() const { return session_->check_active(number_); }

 private:
  std::shared_ptr<OpenSession> session_;
  std::uint64_t number_;
};

class Signer final : public wit::signer {
 public:
  Signer(std::shared_ptr<OpenSession> session, std::uint64_t number)
      : operation_(std::move(session), number) {}
  Expected<void> update(std::span<const std::uint8_t> data) override;
  Expected<std::vector<std::uint8_t>> finish() override;

 private:
  OwnOperation operation_;
};

class Verifier final : public wit::verifier {
 public:
  Verifier(std::shared_ptr<OpenSession> session, std::uint64_t number)
      : operation_(std::move(session), number) {}
  Expected<void> update(std::span<const std::uint8_t> data) override;
  Expected<bool> finish(std::span<const std::uint8_t> signature) override;

 private:
  OwnOperation operation_;
};

class Digester final : public wit::digester {
 public:
  Digester(std::shared_ptr<OpenSession> session, std::uint64_t number)
      : operation_(std::move(session), number) {}
  Expected<void> update(std::span<const std::uint8_t> data) override;
  Expected<std::vector<std::uint8_t>> finish() override;

 private:
  OwnOperation operation_;
};

// Whether C_Verify or C_VerifyFinal accepted the signature. Errors: other codes.
[[nodiscard]] Expected<bool> read_verdict(std::string_view function, CK_RV code);

}  // namespace pkcs11_adapter
