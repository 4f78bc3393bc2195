#include "object.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "utf8.h"

namespace pkcs11_adapter {

namespace {

using Case = wit::attribute;
using Kind = wit::error_kind;
using Bytes = std::vector<std::uint8_t>;

// The size of one attribute. Keys have a few hundred bytes, certificates a few thousand.
constexpr CK_ULONG kMaxAttributeBytes = CK_ULONG{1} << 20U;

// The attribute of each case, in WIT order, which `attribute` and `attribute-name` share.
constexpr std::array<CK_ATTRIBUTE_TYPE, 26> kTypes = {
    CKA_CLASS,
    CKA_KEY_TYPE,
    CKA_LABEL,
    CKA_ID,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_MODIFIABLE,
    CKA_SENSITIVE,
    CKA_EXTRACTABLE,
    CKA_ALWAYS_SENSITIVE,
    CKA_NEVER_EXTRACTABLE,
    CKA_LOCAL,
    CKA_ENCRYPT,
    CKA_DECRYPT,
    CKA_SIGN,
    CKA_VERIFY,
    CKA_WRAP,
    CKA_UNWRAP,
    CKA_DERIVE,
    CKA_VALUE,
    CKA_VALUE_LEN,
    CKA_MODULUS,
    CKA_MODULUS_BITS,
    CKA_PUBLIC_EXPONENT,
    CKA_EC_PARAMS,
    CKA_EC_POINT,
};
static_assert(kTypes.size() == std::variant_size_v<decltype(Case::which)>);

// In the order of the WIT, without `other`.
constexpr std::array<CK_OBJECT_CLASS, 5> kClasses = {CKO_DATA, CKO_CERTIFICATE, CKO_PUBLIC_KEY,
                                                     CKO_PRIVATE_KEY, CKO_SECRET_KEY};
constexpr std::array<CK_KEY_TYPE, 5> kKeyTypes = {CKK_RSA, CKK_EC, CKK_EC_EDWARDS, CKK_AES,
                                                  CKK_GENERIC_SECRET};

// The label of a code: its index in the table. A code that is not in the table gives the index
// after the last, which is the label `other`.
template <class Label>
Label label_of(const auto& table, CK_ULONG code) {
  return static_cast<Label>(std::ranges::find(table, code) - table.begin());
}

template <class Label>
std::optional<CK_ULONG> code_of(const auto& table, Label label) {
  const auto at = static_cast<std::size_t>(label);
  return at < table.size() ? std::optional<CK_ULONG>(table[at]) : std::nullopt;
}

Bytes bytes_of(const auto& value) {
  const auto* const first = reinterpret_cast<const std::uint8_t*>(&value);
  return Bytes(first, first + sizeof value);
}

// The bytes from C_GetAttributeValue as the case with index `I`. Absent if their number is not that
// of the type, or if the token has no value for it.
template <std::size_t I>
std::optional<Case> make_case(Bytes bytes) {
  using Attribute = std::variant_alternative_t<I, decltype(Case::which)>;
  using Value = decltype(Attribute::value);
  Attribute attribute;
  if constexpr (std::is_same_v<Value, Bytes>) {
    attribute.value = std::move(bytes);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    attribute.value = bundle_text::make_utf8(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } else if constexpr (std::is_same_v<Value, bool>) {
    if (bytes.size() != sizeof(CK_BBOOL)) return std::nullopt;
    attribute.value = bytes[0] != CK_FALSE;
  } else {
    CK_ULONG number = 0;
    if (bytes.size() != sizeof number) return std::nullopt;
    std::memcpy(&number, bytes.data(), sizeof number);
    // A token returns this if it has no value for the attribute.
    if (number == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
    if constexpr (std::is_same_v<Value, wit::object_class>)
      attribute.value = label_of<wit::object_class>(kClasses, number);
    else if constexpr (std::is_same_v<Value, wit::key_type>)
      attribute.value = label_of<wit::key_type>(kKeyTypes, number);
    else
      attribute.value = number;
  }
  return Case(std::move(attribute));
}

// The index is known at run time only: one maker a case, in a table.
template <std::size_t... I>
std::optional<Case> make_attribute(std::size_t at, Bytes bytes, std::index_sequence<I...>) {
  using Maker = std::optional<Case> (*)(Bytes);
  static constexpr std::array<Maker, sizeof...(I)> kMakers = {&make_case<I>...};
  return kMakers[at](std::move(bytes));
}

// The attribute of an object. Absent if the object lacks it or the token does not reveal it.
// Errors: the module's.
Expected<std::optional<wit::attribute>> read_attribute(const CK_FUNCTION_LIST& functions,
                                                       CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object,
                                                       wit::attribute_name name) {
  const auto at = static_cast<std::size_t>(name);
  CK_ATTRIBUTE attribute = {kTypes[at], nullptr, 0};
  CK_RV code = functions.C_GetAttributeValue(session, object, &attribute, 1);
  if (code == CKR_ATTRIBUTE_SENSITIVE || code == CKR_ATTRIBUTE_TYPE_INVALID) return std::nullopt;
  if (code != CKR_OK) return fail("C_GetAttributeValue", code);
  if (attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
  if (attribute.ulValueLen > kMaxAttributeBytes)
    return refuse(Kind::token, "the object has an attribute of more than a megabyte");
  Bytes bytes(attribute.ulValueLen);
  attribute.pValue = bytes.data();
  // An empty attribute needs no second call.
  if (!bytes.empty()) code = functions.C_GetAttributeValue(session, object, &attribute, 1);
  if (code != CKR_OK) return fail("C_GetAttributeValue", code);
  bytes.resize(std::min<std::size_t>(bytes.size(), attribute.ulValueLen));
  return make_attribute(at, std::move(bytes), std::make_index_sequence<kTypes.size()>());
}

}  // namespace

Expected<void> Template::add(std::span<const wit::attribute> attributes) {
  for (const Case& attribute : attributes) {
    const CK_ATTRIBUTE_TYPE type = kTypes[attribute.which.index()];
    std::optional<Bytes> bytes = std::visit(
        [](const auto& active) -> std::optional<Bytes> {
          using Value = std::remove_cvref_t<decltype(active.value)>;
          if constexpr (std::is_same_v<Value, Bytes>) {
            return active.value;
          } else if constexpr (std::is_same_v<Value, std::string>) {
            return Bytes(active.value.begin(), active.value.end());
          } else if constexpr (std::is_same_v<Value, bool>) {
            return Bytes(1, active.value ? CK_TRUE : CK_FALSE);
          } else if constexpr (std::is_same_v<Value, wit::object_class>) {
            const auto code = code_of(kClasses, active.value);
            return code ? std::optional(bytes_of(*code)) : std::nullopt;
          } else if constexpr (std::is_same_v<Value, wit::key_type>) {
            const auto code = code_of(kKeyTypes, active.value);
            return code ? std::optional(bytes_of(*code)) : std::nullopt;
          } else {
            return bytes_of(CK_ULONG{active.value});
          }
        },
        attribute.which);
    if (!bytes) return refuse(Kind::argument, "`other` cannot be used as a class or key type");
    if (has(type)) return refuse(Kind::argument, "duplicate attribute");
    if (type == CKA_TOKEN) is_on_token_ = bytes->front() != CK_FALSE;
    add_bytes(type, *bytes);
  }
  return {};
}

void Template::add_flag(CK_ATTRIBUTE_TYPE type, bool flag) {
  const CK_BBOOL value = flag ? CK_TRUE : CK_FALSE;
  add_bytes(type, bytes_of(value));
}

void Template::add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
  add_bytes(type, bytes_of(number));
}

void Template::add_bytes(CK_ATTRIBUTE_TYPE type, std::span<const std::uint8_t> bytes) {
  Bytes& value = values_.emplace_back(bytes.begin(), bytes.end());
  attributes_.push_back({type, value.data(), value.size()});
}

bool Template::has(CK_ATTRIBUTE_TYPE type) const {
  return std::ranges::any_of(
      attributes_, [type](const CK_ATTRIBUTE& attribute) { return attribute.type == type; });
}

Object::~Object() {
  // When the session is closed, the module has destroyed the object with it.
  if (when_dropped_ == WhenDropped::IsDestroyed && handle_ != CK_INVALID_HANDLE &&
      session_->check_open())
    session_->functions().C_DestroyObject(session_->handle(), handle_);
}

Expected<CK_OBJECT_HANDLE> Object::handle_in(const OpenSession& session) const {
  if (auto open = session_->check_open(); !open) return tenon::unexpected(open.error());
  if (handle_ == CK_INVALID_HANDLE) return refuse(Kind::argument, "the object was destroyed");
  if (!session_->is_of_same_token(session))
    return refuse(Kind::argument, "the object is on another token than the session");
  return handle_;
}

Expected<std::vector<wit::attribute>> Object::attributes(
    std::span<const wit::attribute_name> names) {
  const auto own = handle_in(*session_);
  if (!own) return tenon::unexpected(own.error());
  std::vector<wit::attribute> attributes;
  for (const wit::attribute_name name : names) {
    auto read = read_attribute(session_->functions(), session_->handle(), *own, name);
    if (!read) return tenon::unexpected(read.error());
    if (*read) attributes.push_back(**std::move(read));
  }
  return attributes;
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
