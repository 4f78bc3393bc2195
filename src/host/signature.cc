#include "host/signature.h"

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "types/print_type.h"

namespace tenon::host {

namespace {

using types::TypeId;

// Source: draft-eastlake-fnv, FNV-1a.
std::uint64_t fnv(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

// Hashes each type once, because a type can be used many times in another. Recursion is bounded by the
// depth of types.
class Hasher final {
 public:
  explicit Hasher(const types::Types& types) : types_(types) {}

  std::string function(const types::Function& function) {
    std::string text = "func(";
    for (const types::Field& param : function.params) text += show(param);
    text += ")";
    if (function.result) text += type(*function.result);
    return text;
  }

 private:
  std::string type(TypeId id) {
    const auto found = done_.find(id);
    if (found != done_.end()) return found->second;
    const std::string text =
        std::visit([this](const auto& kind) { return this->print(kind); }, types_.types[id].kind);
    return done_.emplace(id, fmt::format("{:016x}", fnv(text))).first->second;
  }
  std::string type(const std::optional<TypeId>& id) { return id ? type(*id) : "_"; }
  std::string show(const types::Field& field) {
    return fmt::format("{}:{},", field.label, type(field.type));
  }
  static std::string show(const std::vector<std::string>& labels) {
    std::string text;
    for (const std::string& label : labels) text += label + ",";
    return text;
  }

  static std::string print(types::Primitive kind) {
    return std::string(types::print_primitive(kind));
  }
  std::string print(const types::Record& kind) {
    std::string text = "record ";
    for (const types::Field& field : kind.fields) text += show(field);
    return text;
  }
  std::string print(const types::Variant& kind) {
    std::string text = "variant ";
    for (const types::Case& one : kind.cases)
      text += fmt::format("{}({}),", one.label, type(one.type));
    return text;
  }
  std::string print(const types::List& kind) {
    return fmt::format("list {} {}", type(kind.element),
                       kind.length ? fmt::format("{}", *kind.length) : "");
  }
  std::string print(const types::Map& kind) {
    return fmt::format("map {} {}", type(kind.key), type(kind.value));
  }
  std::string print(const types::Tuple& kind) {
    std::string text = "tuple ";
    for (const TypeId part : kind.types) text += type(part) + ",";
    return text;
  }
  static std::string print(const types::Flags& kind) { return "flags " + show(kind.labels); }
  static std::string print(const types::Enum& kind) { return "enum " + show(kind.labels); }
  std::string print(const types::Option& kind) { return "option " + type(kind.type); }
  std::string print(const types::ResultType& kind) {
    return fmt::format("result {} {}", type(kind.ok), type(kind.error));
  }
  std::string print(const types::Own& kind) {
    return "own " + types_.resources[kind.resource].name;
  }
  std::string print(const types::Borrow& kind) {
    return "borrow " + types_.resources[kind.resource].name;
  }
  std::string print(const types::Stream& kind) { return "stream " + type(kind.type); }
  std::string print(const types::Future& kind) { return "future " + type(kind.type); }
  static std::string print(const types::Dynamic& /*kind*/) { return "any"; }

  const types::Types& types_;
  std::unordered_map<TypeId, std::string> done_;
};

}  // namespace

std::uint64_t hash_signature(const types::Types& types, types::FunctionId function) {
  const std::uint64_t hash = fnv(Hasher(types).function(types.functions[function]));
  return hash == 0 ? 1 : hash;
}

}  // namespace tenon::host
