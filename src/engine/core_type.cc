#include "engine/core_type.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

namespace tenon::engine {

namespace {

std::string_view name_of(CoreValueType type) {
  switch (type) {
    case CoreValueType::I32:
      return "i32";
    case CoreValueType::I64:
      return "i64";
    case CoreValueType::F32:
      return "f32";
    case CoreValueType::F64:
      return "f64";
    case CoreValueType::Other:
      return "a vector or reference";
  }
  return "";
}

std::string list_of(std::span<const CoreValueType> types) {
  std::string list;
  for (const CoreValueType type : types) {
    if (!list.empty()) list += ", ";
    list += name_of(type);
  }
  return "(" + list + ")";
}

bool is_number(CoreValueType type) { return type != CoreValueType::Other; }

struct Describer {
  std::string operator()(const CoreFunctionType& type) const {
    return "a function " + describe(type);
  }
  std::string operator()(const CoreTableType& /*type*/) const { return "a table"; }
  std::string operator()(const CoreMemoryType& type) const {
    return fmt::format("a {}memory{}", type.sharing == MemorySharing::Shared ? "shared " : "",
                       type.addresses == AddressWidth::Bits64 ? " with 64-bit addresses" : "");
  }
  std::string operator()(const CoreGlobalType& type) const {
    return fmt::format("a {}global of {}",
                       type.mutability == Mutability::Variable ? "mutable " : "",
                       name_of(type.value));
  }
  std::string operator()(const CoreTagType& /*type*/) const { return "a tag"; }
};

}  // namespace

bool is_callable(const CoreFunctionType& type) {
  return std::ranges::all_of(type.params, is_number) &&
         std::ranges::all_of(type.results, is_number);
}

std::string describe(const CoreFunctionType& type) {
  return fmt::format("{} -> {}", list_of(type.params), list_of(type.results));
}

std::string describe(const CoreExternType& type) { return std::visit(Describer(), type); }

}  // namespace tenon::engine
