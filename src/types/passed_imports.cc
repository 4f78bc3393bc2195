#include "types/passed_imports.h"

#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

namespace tenon::types {

namespace {

using binary::Sort;

using Import = std::optional<std::uint32_t>;  // absent: made by the component

// The functions of an instance that is put together.
struct Parts {
  std::unordered_map<std::string_view, Import> functions;
  Import first;  // of those that are passed on
};

struct Instance {
  Import import = {};
  const Parts* parts = nullptr;  // null: it is not put together
};

// Goes through the definitions as they stand, with the index spaces of functions and instances.
class PassedImports {
 public:
  void define(const binary::ImportDef& def) {
    const std::uint32_t position = imports_++;
    if (def.desc.kind == binary::ExternDesc::Kind::Func) functions_.emplace_back(position);
    if (def.desc.kind == binary::ExternDesc::Kind::Instance)
      instances_.push_back({.import = position});
  }

  void define(const binary::AliasDef& def) {
    if (def.target != binary::AliasDef::Target::Export) return;
    if (def.sort == Sort::Func) functions_.push_back(find_function(def));
    // An instance in an instance: that of an import is imported with it.
    if (def.sort == Sort::Instance)
      instances_.push_back({.import = instances_[def.instance].import});
  }

  void define(const binary::CanonDef& def) {
    if (def.is_lift()) functions_.emplace_back();
  }

  void define(const binary::InstanceDef& def) {
    Parts& made = parts_.emplace_back();
    for (const binary::InlineExport& item : def.exports) {
      if (item.item.sort != Sort::Func) continue;
      const Import import = functions_[item.item.index];
      made.functions.emplace(item.name.text, import);
      if (!made.first) made.first = import;
    }
    instances_.push_back({.parts = &made});
  }

  void define(const binary::ExportDef& def) {
    Import passed;
    if (def.item.sort == Sort::Func) {
      passed = functions_[def.item.index];
      functions_.push_back(passed);
    } else if (def.item.sort == Sort::Instance) {
      const Instance instance = instances_[def.item.index];
      passed = instance.parts != nullptr ? instance.parts->first : instance.import;
      instances_.push_back(instance);
    }
    exports.push_back(passed);
  }

  // All others are neither functions nor instances.
  template <class Other>
  void define(const Other& /*def*/) {}

  std::vector<Import> exports;

 private:
  [[nodiscard]] Import find_function(const binary::AliasDef& def) const {
    const Instance& instance = instances_[def.instance];
    if (instance.parts == nullptr) return instance.import;
    const auto found = instance.parts->functions.find(def.name);
    return found == instance.parts->functions.end() ? Import() : found->second;
  }

  std::uint32_t imports_ = 0;
  std::vector<Import> functions_;
  std::vector<Instance> instances_;
  std::deque<Parts> parts_;  // instances refer to them
};

}  // namespace

std::vector<std::optional<std::uint32_t>> find_passed_imports(const binary::Component& component) {
  PassedImports passed;
  for (const binary::Definition& definition : component.definitions)
    std::visit([&](const auto& def) { passed.define(def); }, definition);
  return std::move(passed.exports);
}

}  // namespace tenon::types
