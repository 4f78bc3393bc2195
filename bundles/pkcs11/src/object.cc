#include "object.h"

#include "attributes.h"

namespace pkcs11_adapter {

using Kind = wit::error_kind;

Object::~Object() {
  // Sessions take what they made with them.
  if (when_dropped_ == WhenDropped::IsDestroyed && handle_ != CK_INVALID_HANDLE &&
      session_->check_open())
    session_->functions().C_DestroyObject(session_->handle(), handle_);
}

Expected<CK_OBJECT_HANDLE> Object::handle_in(const OpenSession& session) const {
  if (auto open = session_->check_open(); !open) return tenon::unexpected(open.error());
  if (handle_ == CK_INVALID_HANDLE) return refuse(Kind::argument, "the object was destroyed");
  if (!session_->is_of_same_token(session))
    return refuse(Kind::argument, "the object is of another token than the session");
  return handle_;
}

Expected<std::vector<wit::attribute>> Object::attributes(
    std::span<const wit::attribute_name> names) {
  const auto own = handle_in(*session_);
  if (!own) return tenon::unexpected(own.error());
  std::vector<wit::attribute> made;
  for (const wit::attribute_name name : names) {
    auto read = read_attribute(session_->functions(), session_->handle(), *own, name);
    if (!read) return tenon::unexpected(read.error());
    if (*read) made.push_back(**std::move(read));
  }
  return made;
}

Expected<void> Object::destroy() {
  const auto own = handle_in(*session_);
  if (!own) return tenon::unexpected(own.error());
  const CK_RV code = session_->functions().C_DestroyObject(session_->handle(), *own);
  if (code != CKR_OK) return fail("C_DestroyObject", code);
  handle_ = CK_INVALID_HANDLE;
  return {};
}

}  // namespace pkcs11_adapter
