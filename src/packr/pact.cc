#include "packr/pact.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tenon::packr {

namespace {

constexpr std::array<PactTypeWord, 23> kPactTypeWords{{
    {"bool", PactKind::Plain, TypeTag::Bool},
    {"u8", PactKind::Plain, TypeTag::U8},
    {"u16", PactKind::Plain, TypeTag::U16},
    {"u32", PactKind::Plain, TypeTag::U32},
    {"u64", PactKind::Plain, TypeTag::U64},
    {"s8", PactKind::Plain, TypeTag::S8},
    {"s16", PactKind::Plain, TypeTag::S16},
    {"s32", PactKind::Plain, TypeTag::S32},
    {"s64", PactKind::Plain, TypeTag::S64},
    {"f32", PactKind::Plain, TypeTag::F32},
    {"f64", PactKind::Plain, TypeTag::F64},
    {"char", PactKind::Plain, TypeTag::Char},
    {"string", PactKind::Plain, TypeTag::String},
    {"flags", PactKind::Plain, TypeTag::Flags},
    {"value", PactKind::Plain, TypeTag::Value},
    {"list", PactKind::List, {}},
    {"option", PactKind::Option, {}},
    {"set", PactKind::Set, {}},
    {"map", PactKind::Map, {}},
    {"result", PactKind::Result, {}},
    {"tuple", PactKind::Tuple, {}},
    {"self", PactKind::Self, {}},
    {"_", PactKind::Unit, {}},
}};

}  // namespace

const PactTypeWord* find_type_keyword(std::string_view word) {
  const auto* const found = std::ranges::find(kPactTypeWords, word, &PactTypeWord::word);
  return found == kPactTypeWords.end() ? nullptr : found;
}

std::string_view type_keyword(const PactType& type) {
  const auto* const found = std::ranges::find_if(kPactTypeWords, [&](const PactTypeWord& one) {
    return one.kind == type.kind && (type.kind != PactKind::Plain || one.plain == type.plain);
  });
  return found == kPactTypeWords.end() ? std::string_view() : found->word;
}

}  // namespace tenon::packr
