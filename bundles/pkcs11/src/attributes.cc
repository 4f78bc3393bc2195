#include "attributes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "utf8.h"

namespace pkcs11_adapter {

namespace {

using Case = wit::attribute;
using Kind = wit::error_kind;
using Bytes = std::vector<std::uint8_t>;

// Of one attribute; keys have a few hundred, certificates a few thousand.
constexpr CK_ULONG kMostBytes = CK_ULONG{1} << 20U;

// Which attribute a case is: in the order of the WIT, which `attribute` and `attribute-name` share.
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

// The label of a code; one that is in no table is `other`, the last.
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

// What C_GetAttributeValue gave, as the case at `I`. Absent: it is not as long as its type.
template <std::size_t I>
std::optional<Case> make_case(Bytes bytes) {
  using One = std::variant_alternative_t<I, decltype(Case::which)>;
  using Value = decltype(One::value);
  One made;
  if constexpr (std::is_same_v<Value, Bytes>) {
    made.value = std::move(bytes);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    made.value = bundle_text::make_utf8(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  } else if constexpr (std::is_same_v<Value, bool>) {
    if (bytes.size() != sizeof(CK_BBOOL)) return std::nullopt;
    made.value = bytes[0] != CK_FALSE;
  } else {
    CK_ULONG number = 0;
    if (bytes.size() != sizeof number) return std::nullopt;
    std::memcpy(&number, bytes.data(), sizeof number);
    // Tokens say so of what they do not know.
    if (number == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
    if constexpr (std::is_same_v<Value, wit::object_class>)
      made.value = label_of<wit::object_class>(kClasses, number);
    else if constexpr (std::is_same_v<Value, wit::key_type>)
      made.value = label_of<wit::key_type>(kKeyTypes, number);
    else
      made.value = number;
  }
  return Case(std::move(made));
}

template <std::size_t... I>
std::optional<Case> make_attribute(std::size_t at, Bytes bytes, std::index_sequence<I...>) {
  using Maker = std::optional<Case> (*)(Bytes);
  static constexpr std::array<Maker, sizeof...(I)> kMakers = {&make_case<I>...};
  return kMakers[at](std::move(bytes));
}

}  // namespace

Expected<void> Template::add(std::span<const wit::attribute> attributes) {
  for (const Case& attribute : attributes) {
    const CK_ATTRIBUTE_TYPE type = kTypes[attribute.which.index()];
    std::optional<Bytes> bytes = std::visit(
        [](const auto& one) -> std::optional<Bytes> {
          using Value = std::remove_cvref_t<decltype(one.value)>;
          if constexpr (std::is_same_v<Value, Bytes>) {
            return one.value;
          } else if constexpr (std::is_same_v<Value, std::string>) {
            return Bytes(one.value.begin(), one.value.end());
          } else if constexpr (std::is_same_v<Value, bool>) {
            return Bytes(1, one.value ? CK_TRUE : CK_FALSE);
          } else if constexpr (std::is_same_v<Value, wit::object_class>) {
            const auto code = code_of(kClasses, one.value);
            return code ? std::optional(bytes_of(*code)) : std::nullopt;
          } else if constexpr (std::is_same_v<Value, wit::key_type>) {
            const auto code = code_of(kKeyTypes, one.value);
            return code ? std::optional(bytes_of(*code)) : std::nullopt;
          } else {
            return bytes_of(CK_ULONG{one.value});
          }
        },
        attribute.which);
    if (!bytes) return refuse(Kind::argument, "`other` is no class or type that can be asked for");
    if (has(type)) return refuse(Kind::argument, "an attribute is given twice");
    if (type == CKA_TOKEN) is_of_token_ = bytes->front() != CK_FALSE;
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
  return std::ranges::any_of(attributes_,
                             [type](const CK_ATTRIBUTE& one) { return one.type == type; });
}

Expected<std::optional<wit::attribute>> read_attribute(const CK_FUNCTION_LIST& functions,
                                                       CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object,
                                                       wit::attribute_name name) {
  const auto at = static_cast<std::size_t>(name);
  CK_ATTRIBUTE asked = {kTypes[at], nullptr, 0};
  CK_RV code = functions.C_GetAttributeValue(session, object, &asked, 1);
  if (code == CKR_ATTRIBUTE_SENSITIVE || code == CKR_ATTRIBUTE_TYPE_INVALID) return std::nullopt;
  if (code != CKR_OK) return fail("C_GetAttributeValue", code);
  if (asked.ulValueLen == CK_UNAVAILABLE_INFORMATION) return std::nullopt;
  if (asked.ulValueLen > kMostBytes)
    return refuse(Kind::token, "the token has an attribute of more than a megabyte");
  Bytes bytes(asked.ulValueLen);
  asked.pValue = bytes.data();
  // One that is empty is known.
  if (!bytes.empty()) code = functions.C_GetAttributeValue(session, object, &asked, 1);
  if (code != CKR_OK) return fail("C_GetAttributeValue", code);
  bytes.resize(std::min<std::size_t>(bytes.size(), asked.ulValueLen));
  return make_attribute(at, std::move(bytes), std::make_index_sequence<kTypes.size()>());
}

}  // namespace pkcs11_adapter
