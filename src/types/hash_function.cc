#include "types/hash_function.h"

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "types/print_type.h"

namespace tenon::types {

namespace {

// Source: draft-eastlake-fnv, FNV-1a.
std::uint64_t fnv(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

// Hashes each type once, because a type can be used many times in another. Recursion is bounded by
// the depth of types.
class SignatureHasher final {
 public:
  explicit SignatureHasher(const Types& types) : types_(types) {}

  std::string function(const Function& function) {
    std::string text = function.is_async ? "async func(" : "func(";
    for (const Field& param : function.params) text += show(param);
    text += ")";
    if (function.result) text += type(*function.result);
    return text;
  }

 private:
  std::string type(TypeId id) {
    const auto known = done_.find(id);
    if (known != done_.end()) return known->second;
    const std::string text =
        std::visit([this](const auto& kind) { return this->print(kind); }, types_.types[id].kind);
    return done_.emplace(id, fmt::format("{:016x}", fnv(text))).first->second;
  }
  std::string type(const std::optional<TypeId>& id) { return id ? type(*id) : "_"; }
  std::string show(const Field& field) {
    return fmt::format("{}:{},", field.label, type(field.type));
  }
  static std::string show(const std::vector<std::string>& labels) {
    std::string text;
    for (const std::string& label : labels) text += label + ",";
    return text;
  }

  static std::string print(Primitive kind) { return std::string(print_primitive(kind)); }
  std::string print(const Record& kind) {
    std::string text = "record ";
    for (const Field& field : kind.fields) text += show(field);
    return text;
  }
  std::string print(const Variant& kind) {
    std::string text = "variant ";
    for (const Case& variant_case : kind.cases)
      text += fmt::format("{}({}),", variant_case.label, type(variant_case.type));
    return text;
  }
  std::string print(const List& kind) {
    return fmt::format("list {} {}", type(kind.element),
                       kind.length ? fmt::format("{}", *kind.length) : "");
  }
  std::string print(const Map& kind) {
    return fmt::format("map {} {}", type(kind.key), type(kind.value));
  }
  std::string print(const Tuple& kind) {
    std::string text = "tuple ";
    for (const TypeId part : kind.types) text += type(part) + ",";
    return text;
  }
  static std::string print(const Flags& kind) { return "flags " + show(kind.labels); }
  static std::string print(const Enum& kind) { return "enum " + show(kind.labels); }
  std::string print(const Option& kind) { return "option " + type(kind.type); }
  std::string print(const ResultType& kind) {
    return fmt::format("result {} {}", type(kind.ok), type(kind.error));
  }
  std::string print(const Own& kind) { return "own " + types_.resources[kind.resource].name; }
  std::string print(const Borrow& kind) { return "borrow " + types_.resources[kind.resource].name; }
  std::string print(const Stream& kind) { return "stream " + type(kind.type); }
  std::string print(const Future& kind) { return "future " + type(kind.type); }
  static std::string print(const Dynamic& /*kind*/) { return "any"; }

  const Types& types_;
  std::unordered_map<TypeId, std::string> done_;
};

}  // namespace

std::uint64_t hash_function(const Types& types, FunctionId function) {
  const std::uint64_t hash = fnv(SignatureHasher(types).function(types.functions[function]));
  return hash == 0 ? 1 : hash;
}

}  // namespace tenon::types
