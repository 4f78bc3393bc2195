// Attributes of objects, as PKCS#11 has them.
#pragma once

#include <p11-kit/pkcs11.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "token_error.h"

namespace pkcs11_adapter {

// A template of C_CreateObject and others, and what it points to.
class Template final {
 public:
  Template() = default;
  Template(const Template&) = delete;
  Template& operator=(const Template&) = delete;

  // Errors: argument: one that is no value of an object, such as the class `other`.
  [[nodiscard]] Expected<void> add(std::span<const wit::attribute> attributes);
  void add_flag(CK_ATTRIBUTE_TYPE type, bool flag);
  void add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number);
  void add_bytes(CK_ATTRIBUTE_TYPE type, std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool has(CK_ATTRIBUTE_TYPE type) const;
  // Whether the object stays when its session ends.
  [[nodiscard]] bool is_of_token() const { return is_of_token_; }

  // Lifetime: this.
  [[nodiscard]] CK_ATTRIBUTE* data() { return attributes_.data(); }
  [[nodiscard]] CK_ULONG size() const { return attributes_.size(); }

 private:
  std::vector<CK_ATTRIBUTE> attributes_;
  std::deque<std::vector<std::uint8_t>> values_;  // at places that stay
  bool is_of_token_ = false;
};

// The attribute of an object. Absent: it has none, or does not tell it.
// Errors: of the module.
[[nodiscard]] Expected<std::optional<wit::attribute>> read_attribute(
    const CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    wit::attribute_name name);

}  // namespace pkcs11_adapter
