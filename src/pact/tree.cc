#include "pact/tree.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tenon::pact {

namespace {

constexpr std::array<TypeKeyword, 23> kTypeKeywords{{
    {"bool", TypeKind::Plain, packr::TypeTag::Bool},
    {"u8", TypeKind::Plain, packr::TypeTag::U8},
    {"u16", TypeKind::Plain, packr::TypeTag::U16},
    {"u32", TypeKind::Plain, packr::TypeTag::U32},
    {"u64", TypeKind::Plain, packr::TypeTag::U64},
    {"s8", TypeKind::Plain, packr::TypeTag::S8},
    {"s16", TypeKind::Plain, packr::TypeTag::S16},
    {"s32", TypeKind::Plain, packr::TypeTag::S32},
    {"s64", TypeKind::Plain, packr::TypeTag::S64},
    {"f32", TypeKind::Plain, packr::TypeTag::F32},
    {"f64", TypeKind::Plain, packr::TypeTag::F64},
    {"char", TypeKind::Plain, packr::TypeTag::Char},
    {"string", TypeKind::Plain, packr::TypeTag::String},
    {"flags", TypeKind::Plain, packr::TypeTag::Flags},
    {"value", TypeKind::Plain, packr::TypeTag::Value},
    {"list", TypeKind::List, {}},
    {"option", TypeKind::Option, {}},
    {"set", TypeKind::Set, {}},
    {"map", TypeKind::Map, {}},
    {"result", TypeKind::Result, {}},
    {"tuple", TypeKind::Tuple, {}},
    {"self", TypeKind::Self, {}},
    {"_", TypeKind::Unit, {}},
}};

}  // namespace

const TypeKeyword* find_type_keyword(std::string_view word) {
  const auto* const found = std::ranges::find(kTypeKeywords, word, &TypeKeyword::word);
  return found == kTypeKeywords.end() ? nullptr : found;
}

std::string_view type_keyword(const TypeExpr& type) {
  const auto* const found = std::ranges::find_if(kTypeKeywords, [&](const TypeKeyword& one) {
    return one.kind == type.kind && (type.kind != TypeKind::Plain || one.plain == type.plain);
  });
  return found == kTypeKeywords.end() ? std::string_view() : found->word;
}

}  // namespace tenon::pact
