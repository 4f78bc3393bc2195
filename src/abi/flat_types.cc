#include "abi/flat_types.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace tenon::abi {

namespace {

using types::Primitive;

CoreType join_types(CoreType a, CoreType b) {
  if (a == b) return a;
  const auto is_32 = [](CoreType type) { return type == CoreType::I32 || type == CoreType::F32; };
  return is_32(a) && is_32(b) ? CoreType::I32 : CoreType::I64;
}

FlatTypes flatten_primitive(Primitive kind) {
  FlatTypes flat;
  switch (kind) {
    case Primitive::S64:
    case Primitive::U64:
      flat.append(CoreType::I64);
      break;
    case Primitive::F32:
      flat.append(CoreType::F32);
      break;
    case Primitive::F64:
      flat.append(CoreType::F64);
      break;
    case Primitive::String:
      flat.append(CoreType::I32);
      flat.append(CoreType::I32);
      break;
    case Primitive::Bool:
    case Primitive::S8:
    case Primitive::U8:
    case Primitive::S16:
    case Primitive::U16:
    case Primitive::S32:
    case Primitive::U32:
    case Primitive::Char:
    case Primitive::ErrorContext:
      flat.append(CoreType::I32);
      break;
  }
  return flat;
}

}  // namespace

void FlatTypes::append(CoreType type) {
  if (count_ < kMaxFlatParams) types_[count_] = type;
  count_ = std::min(count_ + 1, kMaxFlatParams + 1);
}

void FlatTypes::append(const FlatTypes& others) {
  for (const CoreType type : others.types()) append(type);
  if (!others.fits()) count_ = others.count_;
}

void FlatTypes::join(const FlatTypes& payload) {
  const std::span<const CoreType> theirs = payload.types();
  for (std::size_t i = 0; i < theirs.size(); ++i)
    types_[i] = i < count_ ? join_types(types_[i], theirs[i]) : theirs[i];
  count_ = std::max(count_, payload.count_);
}

const FlatTypes& Flattener::flatten(types::TypeId type) {
  const auto cached = done_.find(type);
  if (cached != done_.end()) return cached->second;
  return done_.emplace(type, flatten_kind(types_.types[type])).first->second;
}

FlatTypes Flattener::flatten_kind(const types::Type& type) {
  FlatTypes flat;
  // The discriminant, then the joined types of the cases.
  const auto add_cases = [&](const auto& payloads) {
    FlatTypes joined;
    for (const std::optional<types::TypeId>& payload : payloads)
      if (payload) joined.join(flatten(*payload));
    flat.append(CoreType::I32);
    flat.append(joined);
  };
  std::visit(
      [&](const auto& kind) {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Primitive>) {
          flat = flatten_primitive(kind);
        } else if constexpr (std::is_same_v<Kind, types::Record>) {
          for (const types::Field& field : kind.fields) flat.append(flatten(field.type));
        } else if constexpr (std::is_same_v<Kind, types::Tuple>) {
          for (const types::TypeId part : kind.types) flat.append(flatten(part));
        } else if constexpr (std::is_same_v<Kind, types::List>) {
          if (!kind.length) {
            flat = flatten_primitive(Primitive::String);
            return;
          }
          const FlatTypes element = flatten(kind.element);
          if (element.count() == 0) return;
          for (std::uint32_t i = 0; i < *kind.length && flat.fits(); ++i) flat.append(element);
        } else if constexpr (std::is_same_v<Kind, types::Map>) {
          flat = flatten_primitive(Primitive::String);
        } else if constexpr (std::is_same_v<Kind, types::Flags>) {
          const std::size_t words = std::max<std::size_t>(1, (kind.labels.size() + 31) / 32);
          for (std::size_t i = 0; i < words && flat.fits(); ++i) flat.append(CoreType::I32);
        } else if constexpr (std::is_same_v<Kind, types::Variant>) {
          std::vector<std::optional<types::TypeId>> payloads;
          for (const types::Case& alternative : kind.cases) payloads.push_back(alternative.type);
          add_cases(payloads);
        } else if constexpr (std::is_same_v<Kind, types::Option>) {
          add_cases(std::array<std::optional<types::TypeId>, 1>{kind.type});
        } else if constexpr (std::is_same_v<Kind, types::ResultType>) {
          add_cases(std::array{kind.ok, kind.error});
        } else {
          static_assert(
              std::is_same_v<Kind, types::Enum> || std::is_same_v<Kind, types::Own> ||
              std::is_same_v<Kind, types::Borrow> || std::is_same_v<Kind, types::Stream> ||
              std::is_same_v<Kind, types::Future> || std::is_same_v<Kind, types::Dynamic>);
          flat.append(CoreType::I32);
        }
      },
      type.kind);
  return flat;
}

CoreSignature flatten_lifted(const types::Types& types, const types::Function& function) {
  Flattener flattener(types);
  FlatTypes params;
  FlatTypes results;
  for (const types::Field& param : function.params) params.append(flattener.flatten(param.type));
  if (function.result) results = flattener.flatten(*function.result);
  const auto list = [](const FlatTypes& flat, std::size_t most) {
    if (!flat.fits(most)) return std::vector<CoreType>{CoreType::I32};
    return std::vector<CoreType>(flat.types().begin(), flat.types().end());
  };
  return {.params = list(params, kMaxFlatParams), .results = list(results, kMaxFlatResults)};
}

}  // namespace tenon::abi
