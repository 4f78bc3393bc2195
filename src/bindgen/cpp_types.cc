#include "bindgen/cpp_types.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "value/cpp_type.h"

namespace tenon::bindgen {

namespace {

using types::Primitive;
using types::TypeId;

// The text of all types of one header. Types that refer to each other without names grow
// exponentially when they are written out; this ends it.
constexpr std::size_t kMaxSpelled = std::size_t{64} << 20U;
// A longer list of fixed length becomes a std::vector: a std::array would be on the stack.
constexpr std::uint32_t kMaxArray = 1024;

}  // namespace

bool CppTypes::is_bool(TypeId id) const {
  const auto* const primitive = find_kind<Primitive>(id);
  return primitive != nullptr && *primitive == Primitive::Bool;
}

bool CppTypes::is_scalar(TypeId id) const {
  const auto* const primitive = find_kind<Primitive>(id);
  return primitive != nullptr && *primitive != Primitive::String;
}

std::string CppTypes::spell_place(const TypePlace& place, std::size_t interface) const {
  if (place.interface == interface &&
      !model_.interfaces[interface].member_names.contains(place.name))
    return place.name;
  return fmt::format("{}{}::{}::{}", interface == kOutside ? "" : "::", model_.root,
                     model_.interfaces[place.interface].scope, place.name);
}

std::string CppTypes::spell_resource(types::ResourceId id, std::size_t interface) {
  const auto named = model_.named_resources.find(id);
  if (named != model_.named_resources.end()) return spell_place(named->second, interface);
  has_failed_ = true;
  return "void";
}

std::string CppTypes::spell(TypeId id, std::size_t interface, Holding holding) {
  const auto named = model_.named_types.find(id);
  if (named == model_.named_types.end()) return spell_structure(id, interface, holding);
  // Aliases of strings and of packed lists are written out, so that a parameter can be a view.
  const auto* const list = find_kind<types::List>(id);
  const bool is_packed = list != nullptr && !list->length && is_scalar(list->element);
  const auto* const primitive = find_kind<Primitive>(id);
  const bool is_text = primitive != nullptr && *primitive == Primitive::String;
  if (holding == Holding::Viewed && (is_packed || is_text))
    return spell_structure(id, interface, holding);
  return spell_place(named->second, interface);
}

std::string CppTypes::spell_structure(TypeId id, std::size_t interface, Holding holding) {
  if (spelled_ > kMaxSpelled) has_failed_ = true;
  if (has_failed_) return "void";
  const auto part = [&](TypeId inner) { return spell(inner, interface, holding); };
  std::string spelling;
  if (const auto* const primitive = find_kind<Primitive>(id)) {
    const bool is_text = *primitive == Primitive::String && holding == Holding::Viewed;
    spelling = is_text ? "std::string_view" : value::primitive_in_cpp(*primitive);
    has_failed_ = has_failed_ || spelling.empty();
  } else if (const auto* const list = find_kind<types::List>(id)) {
    if (list->length && (*list->length <= kMaxArray || is_for_program()))
      spelling = fmt::format("std::array<{}, {}>", part(list->element), *list->length);
    else if (holding == Holding::Viewed && !list->length && is_scalar(list->element))
      spelling = fmt::format("std::span<const {}>", part(list->element));
    else
      spelling = fmt::format("std::vector<{}>", part(list->element));
  } else if (const auto* const map = find_kind<types::Map>(id)) {
    spelling = fmt::format("std::vector<std::pair<{}, {}>>", part(map->key), part(map->value));
  } else if (const auto* const tuple = find_kind<types::Tuple>(id)) {
    for (const TypeId inner : tuple->types)
      spelling += (spelling.empty() ? "" : ", ") + part(inner);
    spelling = fmt::format("std::tuple<{}>", spelling);
  } else if (const auto* const option = find_kind<types::Option>(id)) {
    spelling = fmt::format("std::optional<{}>", part(option->type));
  } else if (const auto* const result = find_kind<types::ResultType>(id)) {
    const std::string_view no_error = is_for_program() ? "void" : "std::monostate";
    spelling = fmt::format("tenon::{}<{}, {}>", is_for_program() ? "Expected" : "expected",
                           result->ok ? part(*result->ok) : "void",
                           result->error ? part(*result->error) : no_error);
  } else if (const auto* const own = find_kind<types::Own>(id)) {
    const std::string resource = spell_resource(own->resource, interface);
    spelling = is_of_units(own->resource) ? resource : fmt::format("std::shared_ptr<{}>", resource);
  } else if (const auto* const borrow = find_kind<types::Borrow>(id)) {
    const std::string resource = spell_resource(borrow->resource, interface);
    if (!is_for_program())
      spelling = fmt::format("std::shared_ptr<{}>", resource);
    else
      spelling = is_of_units(borrow->resource) ? "tenon::Borrow"
                                               : fmt::format("tenon::HostBorrow<{}>", resource);
  } else if (const auto* const stream = find_kind<types::Stream>(id)) {
    spelling = fmt::format("tenon::{}<{}>", is_for_program() ? "Stream" : "stream_reader",
                           spell_item(stream->type, interface));
  } else if (const auto* const future = find_kind<types::Future>(id)) {
    spelling = fmt::format("tenon::{}<{}>", is_for_program() ? "Future" : "future_reader",
                           spell_item(future->type, interface));
  } else {
    has_failed_ = true;  // a record without a name, which WIT text cannot express
  }
  spelled_ += spelling.size();
  return spelling;
}

std::string CppTypes::spell_item(const std::optional<TypeId>& id, std::size_t interface) {
  if (!id) return is_for_program() ? "void" : "std::monostate";
  return spell(*id, interface, Holding::Owned);
}

std::string CppTypes::spell_param(TypeId id, std::size_t interface) {
  std::string viewed = spell(id, interface, Holding::Viewed);
  if (is_scalar(id) || find_kind<types::Enum>(id) != nullptr ||
      find_kind<types::Own>(id) != nullptr || find_kind<types::Stream>(id) != nullptr ||
      find_kind<types::Future>(id) != nullptr || viewed.starts_with("std::string_view") ||
      viewed.starts_with("std::span<"))
    return viewed;
  if (const auto* const borrow = find_kind<types::Borrow>(id))
    return spell_resource(borrow->resource, interface) + "&";
  const auto* const list = find_kind<types::List>(id);
  const bool is_sequence =
      (list != nullptr && !list->length) || find_kind<types::Map>(id) != nullptr;
  if (is_sequence && viewed.starts_with("std::vector<")) {
    const std::string element = viewed.substr(12, viewed.size() - 13);
    return fmt::format("std::span<const {}>", element);
  }
  return fmt::format("const {}&", viewed);
}

bool CppTypes::is_of_units(types::ResourceId id) const {
  const auto named = model_.named_resources.find(id);
  return named != model_.named_resources.end() &&
         model_.interfaces[named->second.interface].is_export;
}

bool CppTypes::is_comparable(TypeId id) {
  if (const auto known = comparable_.find(id); known != comparable_.end()) return known->second;
  const types::Type& type = model_.types.types[id];
  const auto* const own = find_kind<types::Own>(id);
  bool is_comparable = own == nullptr || !is_of_units(own->resource);
  if (is_for_program())
    is_comparable = is_comparable && find_kind<types::Borrow>(id) == nullptr &&
                    find_kind<types::Stream>(id) == nullptr &&
                    find_kind<types::Future>(id) == nullptr;
  for (const std::optional<TypeId>& part : types::parts_of(type))
    if (part && is_comparable) is_comparable = this->is_comparable(*part);
  comparable_.emplace(id, is_comparable);
  return is_comparable;
}

CppParam CppTypes::spell_argument(TypeId id, std::size_t interface) {
  const std::string owned = spell(id, interface, Holding::Owned);
  const auto same = [](const std::string& type) { return CppParam{type, type}; };
  const auto* const primitive = find_kind<Primitive>(id);
  if (primitive != nullptr && *primitive == Primitive::String) return same("std::string_view");
  if (primitive != nullptr || find_kind<types::Enum>(id) != nullptr) return same(owned);
  if (const auto* const borrow = find_kind<types::Borrow>(id)) {
    const std::string resource = spell_resource(borrow->resource, interface);
    if (is_of_units(borrow->resource)) return {fmt::format("const {}&", resource), "tenon::Borrow"};
    return {fmt::format("const std::shared_ptr<{}>&", resource), resource + "&"};
  }
  // A type that cannot be copied is moved.
  if (!is_comparable(id) || find_kind<types::Own>(id) != nullptr)
    return {owned, owned, CppParam::Pass::Moved};
  const auto* const list = find_kind<types::List>(id);
  if (list != nullptr && !list->length && !is_bool(list->element))
    return same(
        fmt::format("std::span<const {}>", spell(list->element, interface, Holding::Owned)));
  return {fmt::format("const {}&", owned), owned};
}

CppParam CppTypes::spell_received(TypeId id, std::size_t interface) {
  const std::string owned = spell(id, interface, Holding::Owned);
  const auto same = [](const std::string& type) { return CppParam{type, type}; };
  const auto* const primitive = find_kind<Primitive>(id);
  if (primitive != nullptr && *primitive == Primitive::String) return same("std::string_view");
  if (primitive != nullptr || find_kind<types::Enum>(id) != nullptr) return same(owned);
  const auto* const list = find_kind<types::List>(id);
  if (list != nullptr && !list->length && is_scalar(list->element) && !is_bool(list->element))
    return same(
        fmt::format("std::span<const {}>", spell(list->element, interface, Holding::Owned)));
  const auto* const borrow = find_kind<types::Borrow>(id);
  if (borrow != nullptr && !is_of_units(borrow->resource))
    return same(spell_resource(borrow->resource, interface) + "&");
  return {owned, owned, CppParam::Pass::Moved};
}

std::string CppTypes::spell_result(const types::Function& function, std::size_t interface) {
  return function.result ? spell(*function.result, interface, Holding::Owned) : "void";
}

std::string CppTypes::spell_completion(const types::Function& function, std::size_t interface) {
  return fmt::format("tenon::completion<{}>", spell_result(function, interface));
}

std::string CppTypes::spell_initializer(TypeId id) const {
  if (!is_scalar(id) || model_.named_types.contains(id)) return "{}";
  return *find_kind<Primitive>(id) == Primitive::Bool ? "false" : "0";
}

}  // namespace tenon::bindgen
