// Objects of a token: keys, certificates and data, with their attributes.
//
// PKCS#11 passes attributes as untyped bytes with a number. The WIT has a variant with a typed case
// for each attribute, in the order of the table in object.cc, so a guest cannot pass bytes where
// the module reads a number.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "open_session.h"
#include "token_error.h"

namespace pkcs11_adapter {

// The attributes that a call passes to the module, such as C_CreateObject or C_FindObjectsInit, and
// the values that they point to.
class Template final {
 public:
  Template() = default;
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  // Errors: argument: the class or key type `other`, or an attribute given twice.
  [[nodiscard]] Expected<void> add(std::span<const wit::attribute> attributes);
  void add_flag(CK_ATTRIBUTE_TYPE type, bool flag);
  void add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number);
  void add_bytes(CK_ATTRIBUTE_TYPE type, std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool has(CK_ATTRIBUTE_TYPE type) const;
  // Whether the object is stored on the token, and so outlives its session.
  [[nodiscard]] bool is_on_token() const { return is_on_token_; }

  // Lifetime: as long as this.
  [[nodiscard]] CK_ATTRIBUTE* data() { return attributes_.data(); }
  [[nodiscard]] CK_ULONG size() const { return attributes_.size(); }

 private:
  std::vector<CK_ATTRIBUTE> attributes_;
  std::deque<std::vector<std::uint8_t>> values_;  // a deque: addresses must stay valid
  bool is_on_token_ = false;
};

// An object, as a resource of the guest.
class Object final : public wit::object {
 public:
  // Whether the token keeps or destroys the object when the guest drops the resource.
  enum class WhenDropped { Stays, IsDestroyed };

  Object(std::shared_ptr<OpenSession> session, CK_OBJECT_HANDLE handle, WhenDropped when_dropped)
      : session_(std::move(session)), handle_(handle), when_dropped_(when_dropped) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() override;

  Expected<std::vector<wit::attribute>> attributes(
      std::span<const wit::attribute_name> names) override;
  Expected<void> destroy() override;

  // The handle, for a function of `session`.
  // Errors: argument: the object is on another token, or was destroyed.
  [[nodiscard]] Expected<CK_OBJECT_HANDLE> handle_in(const OpenSession& session) const;

 private:
  std::shared_ptr<OpenSession> session_;
  CK_OBJECT_HANDLE handle_;  // CK_INVALID_HANDLE once it is destroyed
  WhenDropped when_dropped_;
};

}  // namespace pkcs11_adapter
