// What is signed, verified or hashed part by part.
#pragma once

#include <memory>

#include "open_session.h"

namespace pkcs11_adapter {

// An operation of a session that a guest has: it ends when the guest lets it go.
class OwnOperation final {
 public:
  OwnOperation(std::shared_ptr<OpenSession> session, std::uint64_t number)
      : session_(std::move(session)), number_(number) {}
  OwnOperation(const OwnOperation&) = delete;
  OwnOperation& operator=(const OwnOperation&) = delete;
  ~OwnOperation() { session_->cancel(number_); }

  [[nodiscard]] OpenSession& session() { return *session_; }
  [[nodiscard]] Expected<void> check_under_way() const {
    return session_->check_under_way(number_);
  }

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

// Whether C_Verify or C_VerifyFinal found the signature to be one. Errors: other codes.
[[nodiscard]] Expected<bool> read_verdict(std::string_view function, CK_RV code);

}  // namespace pkcs11_adapter
