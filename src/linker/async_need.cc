#include "linker/async_need.h"

#include <algorithm>
#include <vector>

namespace tenon::linker {

namespace {

using binary::Definition;
using binary::TypeDecl;
using binary::TypeDef;

// Built-ins below this opcode are lift, lower and the resource built-ins; the rest belong to tasks,
// streams, futures, error contexts and threads.
constexpr std::uint8_t kLastResourceOpcode = 0x04;

bool is_async_type(const std::optional<binary::ValType>& type) {
  const auto* primitive = type ? std::get_if<binary::Primitive>(&*type) : nullptr;
  return primitive != nullptr && *primitive == binary::Primitive::ErrorContext;
}

// Looks at one definition or declaration and leaves what it nests in `todo`.
class AsyncFinder {
 public:
  bool find(const binary::Component& component) {
    components_.push_back(&component);
    while (!components_.empty() || !types_.empty()) {
      if (!types_.empty()) {
        const TypeDef* type = types_.back();
        types_.pop_back();
        if (is_async_typedef(*type)) return true;
        continue;
      }
      const binary::Component* next = components_.back();
      components_.pop_back();
      for (const Definition& definition : next->definitions)
        if (is_async(definition)) return true;
    }
    return false;
  }

 private:
  bool is_async(const Definition& definition) {
    if (const auto* nested = std::get_if<std::unique_ptr<binary::Component>>(&definition)) {
      components_.push_back(nested->get());
    } else if (const auto* type = std::get_if<TypeDef>(&definition)) {
      types_.push_back(type);
    } else if (const auto* canon = std::get_if<binary::CanonDef>(&definition)) {
      return canon->opcode > kLastResourceOpcode || canon->options.is_async;
    }
    return false;
  }

  bool is_async_typedef(const TypeDef& type) {
    if (std::holds_alternative<binary::StreamDef>(type.type) ||
        std::holds_alternative<binary::FutureDef>(type.type))
      return true;
    if (const auto* primitive = std::get_if<binary::Primitive>(&type.type))
      return *primitive == binary::Primitive::ErrorContext;
    if (const auto* func = std::get_if<binary::FuncDef>(&type.type)) {
      return func->is_async || is_async_type(func->result) ||
             std::any_of(func->params.begin(), func->params.end(),
                         [](const auto& param) { return is_async_type(param.type); });
    }
    if (const auto* component = std::get_if<binary::ComponentTypeDef>(&type.type))
      add_declarations(component->declarations);
    if (const auto* instance = std::get_if<binary::InstanceTypeDef>(&type.type))
      add_declarations(instance->declarations);
    return false;
  }

  void add_declarations(const std::vector<TypeDecl>& declarations) {
    for (const TypeDecl& declaration : declarations)
      if (const auto* type = std::get_if<std::unique_ptr<TypeDef>>(&declaration))
        types_.push_back(type->get());
  }

  std::vector<const binary::Component*> components_;
  std::vector<const TypeDef*> types_;
};

}  // namespace

Concurrency find_async_need(const binary::Component& component) {
  return AsyncFinder().find(component) ? Concurrency::Yes : Concurrency::No;
}

}  // namespace tenon::linker
