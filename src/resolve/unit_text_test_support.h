// Units from a few lines of text, for tests and fuzzing: types without binaries.
//
//   Inputs inputs = read_units(R"(
//     unit cart {
//       import acme:tax/lib@1.2.0 { record rate { percent: f64 } lookup(country: string) -> rate }
//       export acme:shop/api { use rate from acme:tax/lib@1.2.0  total() -> rate }
//     }
//     unit tax { export acme:tax/lib@1.3.1 { ... } }
//   )");
//
// `unit tax in payments { ... }` is placed in a domain. The first word is the kind (`unit`,
// `composition`, `package`, `bundle`, `remote`, `host`, `wasi`). Items of an interface: functions,
// `record`, `enum`, `variant`, `type`, `resource`, `use NAME from [export] INTERFACE`. At the root:
// an interface, a function, a type, a resource, `core NAME`; an interface can have
// `implements NAME` or `suffix .2.3` before its body. `any` is a value of any type of a package,
// `any.t` its type parameter `t`, `pair<a, b>` a tuple of two. A resource of an import or export is
// new there unless it is used from elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "resolve/unit.h"
#include "support/check.h"

namespace tenon::resolve {

class UnitText final {
 public:
  UnitText(std::string_view text, types::Types& types) : text_(text), types_(types) { next(); }

  std::vector<Unit> read() {
    std::vector<Unit> units;
    while (!word_.empty()) units.push_back(read_unit());
    return units;
  }

 private:
  static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-/@.[]+_").find(c) != std::string_view::npos;
  }

  void next() {
    while (at_ < text_.size() &&
           std::string_view(" \n\t,;").find(text_[at_]) != std::string_view::npos)
      ++at_;
    const std::size_t begin = at_;
    const auto is_part = [&] {
      if (at_ >= text_.size()) return false;
      if (text_.substr(at_, 2) == "->") return false;
      // A colon is part of a name if no space follows.
      if (text_[at_] == ':') return at_ + 1 < text_.size() && is_name_char(text_[at_ + 1]);
      return is_name_char(text_[at_]);
    };
    while (is_part()) ++at_;
    if (at_ == begin && at_ < text_.size()) at_ += text_.substr(at_, 2) == "->" ? 2 : 1;
    word_ = std::string(text_.substr(begin, at_ - begin));
  }

  std::string take() {
    std::string word = word_;
    next();
    return word;
  }
  bool accept(std::string_view word) {
    if (word_ != word) return false;
    next();
    return true;
  }
  void expect(std::string_view word) { TENON_CHECK(accept(word)); }

  static UnitKind kind_of(std::string_view word) {
    if (word == "composition") return UnitKind::Composition;
    if (word == "package") return UnitKind::Package;
    if (word == "bundle") return UnitKind::HostBundle;
    if (word == "remote") return UnitKind::Remote;
    if (word == "host") return UnitKind::HostFunctions;
    if (word == "wasi") return UnitKind::Wasi;
    TENON_CHECK(word == "unit");
    return UnitKind::Component;
  }

  Unit read_unit() {
    unit_ = Unit();
    unit_.kind = kind_of(take());
    unit_.name = take();
    unit_.file = unit_.name + ".wasm";
    if (accept("in")) unit_.domain = take();
    expect("{");
    while (!accept("}")) {
      const std::string side = take();
      TENON_CHECK(side == "import" || side == "export");
      is_import_ = side == "import";
      read_root();
    }
    return std::move(unit_);
  }

  void read_root() {
    std::vector<types::RootItem>& items = is_import_ ? unit_.type.imports : unit_.type.exports;
    types::RootItem item;
    const std::uint64_t position = unit_.type.imports.size() + unit_.type.exports.size();
    item.span = {position * 16, position * 16 + 16};
    scope_.clear();
    for (const auto& [name, bound] : root_scope_of_unit()) scope_.emplace_back(name, bound);
    if (accept("resource")) {
      item.name = take();
      item.item = types::TypeBound{make_resource(item.name)};
    } else if (begins_definition()) {
      const std::string form = take();
      item.name = take();
      item.item = types::TypeBound{read_definition(form)};
    } else if (accept("core")) {
      item.name = take();
      item.item = types::Unsupported{types::Unsupported::Sort::CoreModule};
    } else {
      item.name = take();
      if (accept("implements")) item.implements = take();
      if (accept("suffix")) item.version_suffix = take();
      if (word_ == "{")
        item.item = read_instance();
      else
        item.item = read_function();
    }
    items.push_back(std::move(item));
  }

  // Root types of this unit are in scope at the root.
  std::vector<std::pair<std::string, types::TypeBound>> root_scope_of_unit() const {
    std::vector<std::pair<std::string, types::TypeBound>> scope;
    for (const auto* side : {&unit_.type.imports, &unit_.type.exports})
      for (const types::RootItem& item : *side)
        if (const auto* bound = std::get_if<types::TypeBound>(&item.item))
          scope.emplace_back(item.name, *bound);
    return scope;
  }

  types::ResourceId make_resource(const std::string& name) {
    const types::ResourceId id = types_.resources.add({name});
    if (!is_import_ || unit_.kind == UnitKind::Wasi) unit_.type.defined.push_back(id);
    return id;
  }

  types::Item read_instance() {
    types::Instance instance;
    scope_.clear();
    expect("{");
    while (!accept("}")) {
      if (accept("use")) {
        const std::string name = take();
        expect("from");
        const types::TypeBound bound = find_used(name);
        scope_.emplace_back(name, bound);
        instance.add_export(name, bound);
      } else if (accept("resource")) {
        const std::string name = take();
        const types::TypeBound bound{make_resource(name)};
        scope_.emplace_back(name, bound);
        instance.add_export(name, bound);
      } else if (begins_definition()) {
        const std::string form = take();
        const std::string name = take();
        const types::TypeBound bound{read_definition(form)};
        scope_.emplace_back(name, bound);
        instance.add_export(name, bound);
      } else {
        const bool is_async = accept("async");
        const std::string name = take();
        const types::FunctionId id = std::get<types::FunctionId>(read_function());
        types_.functions[id].is_async = is_async;
        instance.add_export(name, id);
      }
    }
    return types_.instances.add(std::move(instance));
  }

  types::TypeBound find_used(const std::string& name) {
    const bool of_export = accept("export");
    const std::string from = take();
    const auto find_in = [&](const std::vector<types::RootItem>& items) -> const types::NamedItem* {
      for (const types::RootItem& item : items)
        if (item.name == from)
          return types_.instances[std::get<types::InstanceId>(item.item)].find_export(name);
      return nullptr;
    };
    const types::NamedItem* used = of_export ? nullptr : find_in(unit_.type.imports);
    if (used == nullptr) used = find_in(unit_.type.exports);
    TENON_CHECK(used != nullptr);
    return std::get<types::TypeBound>(used->item);
  }

  [[nodiscard]] bool begins_definition() const {
    return word_ == "record" || word_ == "enum" || word_ == "variant" || word_ == "type";
  }

  types::TypeId read_definition(const std::string& form) {
    if (form == "type") {
      expect("=");
      return named(read_type());
    }
    expect("{");
    types::Record record;
    types::Enum enumeration;
    types::Variant variant;
    while (!accept("}")) {
      const std::string label = take();
      if (form == "variant") {
        types::Case variant_case{label, {}};
        if (accept(":")) variant_case.type = read_type();
        variant.cases.push_back(std::move(variant_case));
        continue;
      }
      if (form == "enum") {
        enumeration.labels.push_back(label);
        continue;
      }
      expect(":");
      record.fields.push_back({label, read_type()});
    }
    if (form == "enum") return types_.types.add({std::move(enumeration)});
    if (form == "variant") return types_.types.add({std::move(variant)});
    return types_.types.add({std::move(record)});
  }

  // A new type: each definition has a node of its own, even an alias.
  types::TypeId named(types::TypeId id) { return types_.types.add(types::Type(types_.types[id])); }

  types::Item read_function() {
    types::Function function;
    expect("(");
    while (!accept(")")) {
      const std::string name = take();
      expect(":");
      function.params.push_back({name, read_type()});
    }
    if (accept("->")) function.result = read_type();
    return types_.functions.add(std::move(function));
  }

  types::TypeId read_type() {
    const std::string word = take();
    if (word == "error-context") return types_.types.add({types::Primitive::ErrorContext});
    if (word == "list" || word == "option" || (word == "stream" && word_ == "<")) {
      expect("<");
      const types::TypeId inner = read_type();
      expect(">");
      if (word == "stream") return types_.types.add({types::Stream{inner}});
      if (word == "list") return types_.types.add({types::List{inner, std::nullopt}});
      return types_.types.add({types::Option{inner}});
    }
    if (word == "result") {  // always with both types
      expect("<");
      const types::TypeId ok = read_type();
      const types::TypeId error = read_type();
      expect(">");
      return types_.types.add({types::ResultType{ok, error}});
    }
    if (word == "map" || word == "pair") {
      expect("<");
      const types::TypeId first = read_type();
      const types::TypeId second = read_type();
      expect(">");
      if (word == "map") return types_.types.add({types::Map{first, second}});
      return types_.types.add({types::Tuple{{first, second}}});
    }
    if (word == "any") return types_.types.add({types::Dynamic{}});
    if (word.starts_with("any.")) return types_.types.add({types::Dynamic{{}, word.substr(4)}});
    if (word == "borrow" || word == "own") {
      expect("<");
      const types::ResourceId resource = std::get<types::ResourceId>(find_type(take()).type);
      expect(">");
      if (word == "borrow") return types_.types.add({types::Borrow{resource}});
      return types_.types.add({types::Own{resource}});
    }
    const std::pair<std::string_view, types::Primitive> primitives[] = {
        {"bool", types::Primitive::Bool},    {"u8", types::Primitive::U8},
        {"u32", types::Primitive::U32},      {"u64", types::Primitive::U64},
        {"s32", types::Primitive::S32},      {"f64", types::Primitive::F64},
        {"string", types::Primitive::String}};
    for (const auto& [name, kind] : primitives)
      if (word == name) return types_.primitive(kind);
    const types::TypeBound bound = find_type(word);
    if (const auto* id = std::get_if<types::TypeId>(&bound.type)) return *id;
    return types_.types.add({types::Own{std::get<types::ResourceId>(bound.type)}});
  }

  types::TypeBound find_type(const std::string& name) const {
    for (const auto& [known, bound] : scope_)
      if (known == name) return bound;
    fail_check(name.c_str(), "a type that is not in scope", 0);
  }

  std::string_view text_;
  types::Types& types_;
  std::size_t at_ = 0;
  std::string word_;
  Unit unit_;
  bool is_import_ = true;
  std::vector<std::pair<std::string, types::TypeBound>> scope_;
};

// root: the name of the root; empty: resolve finds it.
inline Inputs read_units(std::string_view text, std::string_view root = {}) {
  Inputs inputs;
  if (!root.empty()) inputs.policy.root = root;
  inputs.name = "test";
  inputs.units = UnitText(text, inputs.types).read();
  return inputs;
}

// "[CONSUMER:]IMPORT=PROVIDER[:EXPORT]", in the syntax of `--wire`. `(open)`, `(trap)` and
// `(optional)` stand for a provider.
inline Wire wire(std::string_view text) {
  Wire parsed;
  const std::size_t equals = text.find('=');
  TENON_CHECK(equals != std::string_view::npos);
  std::string_view import = text.substr(0, equals);
  const std::string_view before = import.substr(0, import.find('/'));
  const std::size_t colon = before.find(':');
  const bool has_consumer =
      colon != std::string_view::npos &&
      (before.size() == import.size() || before.find(':', colon + 1) != std::string_view::npos);
  if (has_consumer) {
    parsed.consumer = std::string(import.substr(0, colon));
    import.remove_prefix(colon + 1);
  }
  parsed.import = import;
  const std::string_view to = text.substr(equals + 1);
  if (to == "(open)") parsed.target = Wire::Target::Open;
  if (to == "(trap)") parsed.target = Wire::Target::Trap;
  parsed.optional = to == "(optional)";
  if (parsed.target != Wire::Target::Provider || parsed.optional) return parsed;
  parsed.provider = std::string(to.substr(0, to.find(':')));
  if (to.find(':') != std::string_view::npos)
    parsed.export_name = std::string(to.substr(to.find(':') + 1));
  return parsed;
}

// "[CONSUMER:]IMPORT=A,B", in the syntax of `--via`.
inline Wire via(std::string_view text) {
  const std::size_t equals = text.find('=');
  Wire parsed = wire(std::string(text.substr(0, equals)) + "=x");
  parsed.provider.clear();
  std::string_view members = text.substr(equals + 1);
  while (!members.empty()) {
    const std::size_t comma = members.find(',');
    parsed.via.emplace_back(members.substr(0, comma));
    members = comma == std::string_view::npos ? std::string_view() : members.substr(comma + 1);
  }
  return parsed;
}

}  // namespace tenon::resolve
