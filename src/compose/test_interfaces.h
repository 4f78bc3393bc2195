// Interfaces with chosen types, and components that import or export them, as text: for tests that
// cover all shapes, and for the fuzz target that generates them.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/read_component.h"
#include "compose/embed.h"
#include "resolve/plan.h"
#include "resolve/split_domains.h"
#include "types/evaluate.h"
#include "types/uses.h"

namespace tenon::compose {

enum class TypeKind {
  Enum,
  Flags,
  Record,
  Variant,
  List,
  Tuple,
  Option,
  Result,
  Resource,
  Alias,  // another name for `part`
  Use,    // the type of the same name in the previous interface
};

struct TestType {
  std::string name;
  TypeKind kind = TypeKind::Enum;
  std::string part = {};  // an earlier type of the interface; empty: u32
};

struct TestInterface {
  std::string name;  // "t:c/a"
  std::vector<TestType> types;
  // `take-NAME: func(p: list<NAME>)` for each type, and the constructors of its resources.
  bool has_functions = true;
};

// A component that imports some interfaces and then exports one; each can use the one before it.
// Exports have no constructors, which would need a component around them.
class ComponentText {
 public:
  void import_interface(const TestInterface& interface) {
    begin(interface);
    out_ += fmt::format("(import \"{}\" (instance $i{}\n", interface.name, number_);
    for (const TestType& type : interface.types) {
      std::string bound = fmt::format("(eq $d-{})", type.name);
      if (type.kind == TypeKind::Resource)
        bound = "(sub resource)";
      else if (type.kind == TypeKind::Alias)
        bound = fmt::format("(eq ${})", type.part);
      else if (type.kind == TypeKind::Use)
        bound = fmt::format("(eq ${}-{})", number_ - 1, type.name);
      else
        out_ += fmt::format("  (type $d-{} {})\n", type.name, define(type, ""));
      out_ += fmt::format("  (export \"{0}\" (type ${0} {1}))\n", type.name, bound);
    }
    for (const TestType& type : functions(interface)) {
      const std::string value = show(type.name, "");
      if (type.kind == TypeKind::Resource)
        out_ +=
            fmt::format("  (export \"[constructor]{}\" (func (result {})))\n", type.name, value);
      out_ +=
          fmt::format("  (export \"take-{}\" (func (param \"p\" (list {}))))\n", type.name, value);
    }
    out_ += "))\n";
    for (const TestType& type : interface.types)
      out_ += fmt::format("(alias export $i{0} \"{1}\" (type ${0}-{1}))\n", number_, type.name);
  }

  void export_interface(const TestInterface& interface) {
    begin(interface);
    const std::string scope = fmt::format("{}-", number_);
    out_ += R"((core module $m (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "make") (result i32) unreachable) (func (export "take") (param i32 i32)))
(core instance $c (instantiate $m))
)";
    std::string exports;
    for (const TestType& type : interface.types) {
      if (type.kind == TypeKind::Alias)
        out_ +=
            fmt::format("(alias outer 0 ${0}{1} (type ${0}{2}))\n", scope, type.part, type.name);
      else if (type.kind == TypeKind::Use)
        out_ +=
            fmt::format("(alias outer 0 ${0}-{2} (type ${1}{2}))\n", number_ - 1, scope, type.name);
      else
        out_ += fmt::format("(type ${}{} {})\n", scope, type.name, define(type, scope));
      exports += fmt::format("  (export \"{0}\" (type ${1}{0}))\n", type.name, scope);
    }
    for (const TestType& type : functions(interface)) {
      const std::string value = show(type.name, scope);
      out_ += fmt::format(
          "(func $take-{} (param \"p\" (list {})) (canon lift (core func $c \"take\") (memory $c "
          "\"memory\") (realloc (func $c \"realloc\"))))\n",
          type.name, value);
      exports += fmt::format("  (export \"take-{0}\" (func $take-{0}))\n", type.name);
    }
    out_ += fmt::format("(instance $out\n{})\n(export \"{}\" (instance $out))\n", exports,
                        interface.name);
  }

  // A function `run` that does nothing.
  void export_run() {
    out_ += R"((core module $r (func (export "run")))
(core instance $ri (instantiate $r))
(func $run (canon lift (core func $ri "run")))
(export "run" (func $run))
)";
  }

  [[nodiscard]] std::string take() && { return "(component\n" + std::move(out_) + ")\n"; }

 private:
  void begin(const TestInterface& interface) {
    ++number_;
    std::vector<std::string> resources;
    for (const TestType& type : interface.types) {
      const bool is_used = type.kind == TypeKind::Use && contains(resources_, type.name);
      const bool is_alias = type.kind == TypeKind::Alias && contains(resources, type.part);
      if (type.kind == TypeKind::Resource || is_used || is_alias) resources.push_back(type.name);
    }
    resources_ = std::move(resources);
  }
  static bool contains(const std::vector<std::string>& names, const std::string& name) {
    for (const std::string& known : names)
      if (known == name) return true;
    return false;
  }
  static std::vector<TestType> functions(const TestInterface& interface) {
    return interface.has_functions ? interface.types : std::vector<TestType>();
  }

  // scope: the prefix of names: "" within an instance type, "1-" at the root.
  [[nodiscard]] std::string show(const std::string& name, const std::string& scope) const {
    if (name.empty()) return "u32";
    const std::string reference = fmt::format("${}{}", scope, name);
    return contains(resources_, name) ? fmt::format("(own {})", reference) : reference;
  }

  [[nodiscard]] std::string define(const TestType& type, const std::string& scope) const {
    const std::string part = show(type.part, scope);
    switch (type.kind) {
      case TypeKind::Enum:
        return "(enum \"p\" \"q\")";
      case TypeKind::Flags:
        return "(flags \"p\" \"q\")";
      case TypeKind::Record:
        return fmt::format("(record (field \"p\" {}))", part);
      case TypeKind::Variant:
        return fmt::format("(variant (case \"p\" {}) (case \"q\"))", part);
      case TypeKind::List:
        return fmt::format("(list {})", part);
      case TypeKind::Tuple:
        return fmt::format("(tuple {} u8)", part);
      case TypeKind::Option:
        return fmt::format("(option {})", part);
      case TypeKind::Result:
        return fmt::format("(result {0} (error {0}))", part);
      case TypeKind::Resource:
        return "(resource (rep i32))";
      case TypeKind::Alias:
      case TypeKind::Use:
        break;
    }
    return {};
  }

  std::string out_;
  // Of the current interface.
  std::size_t number_ = static_cast<std::size_t>(-1);
  std::vector<std::string> resources_;
};

inline std::string show_first(const Diagnostics& problems) { return problems.front().message; }

// Functions of the engine. compose cannot include the engine, so the caller passes them in.
struct PairEngine {
  std::function<Result<std::vector<std::uint8_t>>(std::string_view text)> assemble;
  std::function<Result<void>(std::span<const std::uint8_t> component)> validate;
};

// Two units: the second one, which is the root, imports an export of the first.
class InterfacePair final {
 public:
  // interfaces: each uses the one before it; the last one is imported.
  InterfacePair(PairEngine engine, const std::vector<TestInterface>& interfaces)
      : engine_(std::move(engine)) {
    ComponentText provider;
    ComponentText consumer;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      consumer.import_interface(interfaces[i]);
      if (i + 1 < interfaces.size())
        provider.import_interface(interfaces[i]);
      else
        provider.export_interface(interfaces[i]);
    }
    consumer.export_run();
    texts_ = {std::move(provider).take(), std::move(consumer).take()};
  }

  // The functions below return the reason why the engine refuses a component that compose writes,
  // or an empty text.

  // Both are components, in two domains.
  std::string find_bridged_problem() const {
    resolve::Inputs inputs;
    if (std::string why = add("provider", texts_[0], inputs); !why.empty()) return why;
    if (std::string why = add("consumer", texts_[1], inputs); !why.empty()) return why;
    inputs.units[0].is_isolated = true;
    return find_problem(std::move(inputs), {0, 1});
  }
  // Native code provides the import of the second.
  std::string find_native_problem() const {
    resolve::Inputs inputs;
    for (const char* const name : {"provider", "consumer"})
      if (std::string why = add(name, texts_[1], inputs); !why.empty()) return why;
    resolve::Unit& provider = inputs.units[0];
    provider.kind = UnitKind::HostBundle;
    provider.type.exports = std::exchange(provider.type.imports, {});
    for (const types::RootItem& item : provider.type.exports)
      for (const types::ResourceId resource : types::mentioned_resources(inputs.types, item.item))
        provider.type.defined.push_back(resource);
    return find_problem(std::move(inputs), {0, 1});
  }
  // A stub meets every import of the second.
  std::string find_stub_problem() const {
    resolve::Inputs inputs;
    if (std::string why = add("consumer", texts_[1], inputs); !why.empty()) return why;
    return find_problem(std::move(inputs), {1});
  }

  [[nodiscard]] const std::string& consumer() const { return texts_[1]; }

 private:
  std::string add(const char* name, const std::string& text, resolve::Inputs& inputs) const {
    const auto bytes = engine_.assemble(text);
    if (!bytes) return "the test's own text: " + show_first(bytes.error());
    if (const auto valid = engine_.validate(*bytes); !valid)
      return "the test's own unit: " + show_first(valid.error());
    const auto component = binary::read_component(*bytes);
    if (!component) return show_first(component.error());
    auto type = types::evaluate_component(*component, inputs.types);
    if (!type) return show_first(type.error());
    resolve::Unit unit;
    unit.name = name;
    unit.type = *std::move(type);
    inputs.units.push_back(std::move(unit));
    return {};
  }

  // texts: the units of `inputs` as text.
  std::string find_problem(resolve::Inputs inputs, const std::vector<std::size_t>& texts) const {
    std::map<std::string, std::vector<std::uint8_t>> files;
    for (std::size_t i = 0; i < texts.size(); ++i)
      files.emplace(inputs.units[i].name, *engine_.assemble(texts_[texts[i]]));
    inputs.policy.root = "consumer";
    inputs.policy.unresolved = resolve::Policy::Unresolved::Open;
    const Result<resolve::LinkPlan> plan = resolve::resolve_units(std::move(inputs));
    if (!plan) return "resolve: " + show_first(plan.error());
    for (const resolve::DomainPlan& domain : resolve::split_domains(*plan).domains) {
      // As in a run.
      for (resolve::CompositionImport& import : domain.link->imports)
        if (import.binding == resolve::CompositionImport::Binding::Open)
          import.binding = resolve::CompositionImport::Binding::Trap;
      UnitBytes bytes;
      for (const resolve::Unit& unit : domain.link->units) bytes.emplace_back(files.at(unit.name));
      const Result<Composed> composed = embed(*domain.link, bytes, {});
      if (!composed) return fmt::format("{}: {}", domain.name, show_first(composed.error()));
      if (const auto valid = engine_.validate(composed->bytes); !valid)
        return fmt::format("{}: {}", domain.name, show_first(valid.error()));
    }
    return {};
  }

  PairEngine engine_;
  std::vector<std::string> texts_;
};

}  // namespace tenon::compose
