#include "abi/flat_types.h"

#include <optional>

#include "abi/plain_type.h"

namespace tenon::abi {

namespace {

CoreType join_types(CoreType a, CoreType b) {
  if (a == b) return a;
  const auto is_32 = [](CoreType type) { return type == CoreType::I32 || type == CoreType::F32; };
  return is_32(a) && is_32(b) ? CoreType::I32 : CoreType::I64;
}

FlatTypes make_flat(CoreType type) {
  FlatTypes flat;
  flat.append(type);
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
  const std::optional<PlainType> plain = despecialize(type);
  // A handle of the async part of the Canonical ABI.
  if (!plain) return make_flat(CoreType::I32);
  FlatTypes flat;
  switch (plain->shape) {
    case Shape::Bool:
    case Shape::U8:
    case Shape::S8:
    case Shape::U16:
    case Shape::S16:
    case Shape::U32:
    case Shape::S32:
    case Shape::Char:
    case Shape::Own:
    case Shape::Borrow:
      return make_flat(CoreType::I32);
    case Shape::U64:
    case Shape::S64:
      return make_flat(CoreType::I64);
    case Shape::F32:
      return make_flat(CoreType::F32);
    case Shape::F64:
      return make_flat(CoreType::F64);
    case Shape::String:
    case Shape::List:
      flat.append(CoreType::I32);
      flat.append(CoreType::I32);
      return flat;
    case Shape::FixedList: {
      const FlatTypes element = flatten(*plain->parts[0]);
      // Elements without flat values: there may be 2^32 of them.
      if (element.count() == 0) return flat;
      for (std::uint32_t i = 0; i < plain->count && flat.fits(); ++i) flat.append(element);
      return flat;
    }
    case Shape::Record:
      for (const std::optional<types::TypeId>& field : plain->parts) flat.append(flatten(*field));
      return flat;
    case Shape::Variant: {
      // The discriminant, then the joined types of the cases.
      FlatTypes joined;
      for (const std::optional<types::TypeId>& payload : plain->parts)
        if (payload) joined.join(flatten(*payload));
      flat.append(CoreType::I32);
      flat.append(joined);
      return flat;
    }
    case Shape::Flags: {
      const std::uint32_t words = std::max(1U, (plain->count + 31) / 32);
      for (std::uint32_t i = 0; i < words && flat.fits(); ++i) flat.append(CoreType::I32);
      return flat;
    }
  }
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
