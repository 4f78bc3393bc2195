// An object of a token: a key, a certificate, or data.
#pragma once

#include <memory>

#include "open_session.h"

namespace pkcs11_adapter {

class Object final : public wit::object {
 public:
  // What becomes of it when the guest lets it go.
  enum class WhenDropped { Stays, IsDestroyed };

  Object(std::shared_ptr<OpenSession> session, CK_OBJECT_HANDLE handle, WhenDropped when_dropped)
      : session_(std::move(session)), handle_(handle), when_dropped_(when_dropped) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() override;

  Expected<std::vector<wit::attribute>> attributes(
      std::span<const wit::attribute_name> names) override;
  Expected<void> destroy() override;

  // Its handle, for a function of `session`. Errors: argument: it is of another token, or is gone.
  [[nodiscard]] Expected<CK_OBJECT_HANDLE> handle_in(const OpenSession& session) const;

 private:
  std::shared_ptr<OpenSession> session_;
  CK_OBJECT_HANDLE handle_;  // CK_INVALID_HANDLE: it was destroyed
  WhenDropped when_dropped_;
};

}  // namespace pkcs11_adapter
