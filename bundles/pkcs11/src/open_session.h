// A session of a token that is open, or was.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "module.h"
#include "token_error.h"

namespace pkcs11_adapter {

// What is under way in a session: PKCS#11 has one at a time of each, we have one of all.
enum class Operation { None, Sign, Verify, Digest };

// Shared by a session, its objects and its operations. A session that a guest let go is closed,
// whatever of it the guest keeps: a token takes few.
class OpenSession final {
 public:
  // Errors: of the module.
  [[nodiscard]] static Expected<std::shared_ptr<OpenSession>> open(std::shared_ptr<Module> module,
                                                                   CK_SLOT_ID slot, CK_FLAGS flags);
  OpenSession(const OpenSession&) = delete;
  OpenSession& operator=(const OpenSession&) = delete;
  ~OpenSession() { close(); }

  // Its objects and operations end with it.
  void close();

  [[nodiscard]] const CK_FUNCTION_LIST& functions() const { return module_->functions(); }
  [[nodiscard]] CK_SESSION_HANDLE handle() const { return handle_; }
  // Errors: argument: it is closed.
  [[nodiscard]] Expected<void> check_open() const;
  // Whether a handle of the one is that of the same object in the other.
  [[nodiscard]] bool is_of_same_token(const OpenSession& other) const {
    return module_ == other.module_ && slot_ == other.slot_;
  }

  // Ends what is under way, and gives a number to what begins.
  std::uint64_t begin(Operation operation);
  // Errors: other: another operation began since `number`.
  [[nodiscard]] Expected<void> check_under_way(std::uint64_t number) const;
  void end() { operation_ = Operation::None; }
  // Ends it if it is still under way.
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

// The bytes of a function that is asked for their number first. input: how many it reads; what it
// gives is not much more. Errors: of the module.
[[nodiscard]] Expected<std::vector<std::uint8_t>> read_output(
    std::string_view function, std::size_t input,
    const std::function<CK_RV(CK_BYTE* bytes, CK_ULONG* size)>& call);

// Data for functions that take it as what they may change, and do not.
[[nodiscard]] inline CK_BYTE* writable(std::span<const std::uint8_t> data) {
  // Some modules refuse NULL, of no bytes too.
  static CK_BYTE none = 0;
  return data.empty() ? &none : const_cast<CK_BYTE*>(data.data());
}

}  // namespace pkcs11_adapter
