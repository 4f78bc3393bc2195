#include "pact/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "support/diagnostics.h"
#include "support/names.h"

namespace tenon::pact {

namespace {

// Keywords of types, for near misses.
constexpr std::string_view kNearTypeWords[] = {
    "bool", "u8",     "u16",   "u32",  "u64", "s8",  "s16",    "s32",    "s64",   "f32", "f64",
    "char", "string", "value", "list", "map", "set", "option", "result", "tuple", "self"};

// A definition without finite values.
struct InfiniteType {
  const ParsedFile* file;
  const Definition* definition;
  // For an alias of itself, the cycle: each element is an alias of the next. Otherwise empty.
  std::vector<const Definition*> cycle;
};

// A definition in the search for infinite types. is_finite[0] says that it has a finite value if
// its arguments do; is_finite[i + 1] says that it has one although parameter i does not.
struct TypeNode {
  const Definition* definition;
  const NameTable* names;
  std::vector<bool> is_finite;
};

// Finds the types that have no finite value, as a least fixed point. No definition is taken to be
// finite at first. A record becomes finite when all its fields are, a variant when one of its cases
// is; lists, options, sets and maps always are, since they can be empty. Passes are repeated until
// nothing changes. What is left is infinite.
//
// A generic type can be finite for some arguments only: `record box<t> { x: t }` is finite unless
// `t` is infinite. That is why each definition is examined once with finite arguments, and once
// more for each parameter with that one infinite.
class FiniteTypes {
 public:
  explicit FiniteTypes(const Model& model) {
    for (const Block& block : model.all_blocks()) {
      add(block.scope->definitions, block.names);
      for (const auto* const items : {&block.scope->imports, &block.scope->exports})
        for (const Item& item : *items)
          if (item.kind == Item::Kind::Group) add(item.definitions, block.groups.at(&item));
    }
    find_fixed_point();
  }

  // In the order of the texts. A type is listed if it contains itself, not if it only contains
  // such a type, so that each mistake is reported once.
  std::vector<InfiniteType> list() {
    std::vector<InfiniteType> infinite;
    std::unordered_set<const Definition*> in_cycle;
    for (const TypeNode& node : nodes_) {
      if (node.is_finite[0] || in_cycle.contains(node.definition)) continue;
      std::vector<const Definition*> cycle = find_alias_cycle(node);
      in_cycle.insert(cycle.begin(), cycle.end());
      if (cycle.empty() && !contains_itself(node)) continue;
      infinite.push_back({&node.names->file(), node.definition, std::move(cycle)});
    }
    return infinite;
  }

 private:
  void add(const std::vector<Definition>& definitions, const NameTable& names) {
    for (const Definition& definition : definitions) {
      positions_.emplace(&definition, nodes_.size());
      nodes_.push_back(
          {&definition, &names, std::vector<bool>(definition.parameters.size() + 1, false)});
    }
  }

  // Passes alternate in direction, so that a long chain of definitions takes two passes in either
  // order instead of one pass for each link.
  void find_fixed_point() {
    bool has_changed = true;
    while (has_changed) {
      has_changed = false;
      for (TypeNode& node : nodes_) has_changed |= update(node);
      for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) has_changed |= update(*node);
    }
  }

  bool update(TypeNode& node) {
    bool has_changed = false;
    for (std::size_t i = 0; i < node.is_finite.size(); ++i) {
      if (node.is_finite[i] || !is_finite(node, i)) continue;
      node.is_finite[i] = true;
      has_changed = true;
    }
    return has_changed;
  }

  // infinite: the parameter without finite values, counted from 1, or 0 for none.
  [[nodiscard]] bool is_finite(const TypeNode& node, std::size_t infinite) const {
    const Definition& definition = *node.definition;
    const auto fits = [&](const Member& member) {
      return std::ranges::all_of(
          member.types, [&](const TypeExpr& type) { return is_finite(type, node, infinite); });
    };
    switch (definition.kind) {
      case Definition::Kind::Alias:
        return is_finite(definition.target, node, infinite);
      case Definition::Kind::Record:
        return std::ranges::all_of(definition.members, fits);
      case Definition::Kind::Variant:
        return definition.members.empty() || std::ranges::any_of(definition.members, fits);
      case Definition::Kind::Enum:
      case Definition::Kind::Flags:
        return true;
    }
    return true;
  }

  [[nodiscard]] bool is_finite(const TypeExpr& type, const TypeNode& node,
                               std::size_t infinite) const {
    const auto fits = [&](const TypeExpr& argument) { return is_finite(argument, node, infinite); };
    switch (type.kind) {
      case TypeKind::Plain:
      case TypeKind::List:
      case TypeKind::Option:
      case TypeKind::Set:
      case TypeKind::Map:
      case TypeKind::Unit:
        return true;
      case TypeKind::Result:
        return std::ranges::any_of(type.arguments, fits);
      case TypeKind::Tuple:
        return std::ranges::all_of(type.arguments, fits);
      case TypeKind::Self:
        return node.is_finite[infinite];
      case TypeKind::Named:
        break;
    }
    const auto& parameters = node.definition->parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (parameters[i].text == type.name) return infinite != i + 1;
    const TypeNode* const named = find(type, node);
    if (named == nullptr) return true;
    if (!named->is_finite[0]) return false;
    for (std::size_t i = 0; i < type.arguments.size() && i + 1 < named->is_finite.size(); ++i)
      if (!named->is_finite[i + 1] && !fits(type.arguments[i])) return false;
    return true;
  }

  [[nodiscard]] const TypeNode* find(const TypeExpr& type, const TypeNode& node) const {
    if (type.kind == TypeKind::Self) return &node;
    if (type.kind != TypeKind::Named) return nullptr;
    const auto position = positions_.find(node.names->find(type.name).definition);
    return position == positions_.end() ? nullptr : &nodes_[position->second];
  }

  // The cycle of aliases that leads from a node back to it; empty if there is none.
  [[nodiscard]] std::vector<const Definition*> find_alias_cycle(const TypeNode& node) const {
    std::vector<const Definition*> cycle;
    std::unordered_set<const Definition*> seen;
    for (const TypeNode* at = &node;
         at != nullptr && at->definition->kind == Definition::Kind::Alias;
         at = find(at->definition->target, *at)) {
      if (!seen.insert(at->definition).second) {
        if (at != &node) return {};
        return cycle;
      }
      cycle.push_back(at->definition);
    }
    return {};
  }

  // True if the node is reachable from itself through infinite types.
  [[nodiscard]] bool contains_itself(const TypeNode& node) const {
    std::unordered_set<const TypeNode*> seen;
    std::vector<const TypeNode*> left{&node};
    while (!left.empty()) {
      const TypeNode& at = *left.back();
      left.pop_back();
      std::vector<const TypeExpr*> types{&at.definition->target};
      for (const Member& member : at.definition->members)
        for (const TypeExpr& type : member.types) types.push_back(&type);
      while (!types.empty()) {
        const TypeExpr& type = *types.back();
        types.pop_back();
        for (const TypeExpr& argument : type.arguments) types.push_back(&argument);
        const TypeNode* const inner = find(type, at);
        if (inner == nullptr || inner->is_finite[0]) continue;
        if (inner == &node) return true;
        if (seen.insert(inner).second) left.push_back(inner);
      }
    }
    return false;
  }

  std::vector<TypeNode> nodes_;
  std::unordered_map<const Definition*, std::size_t> positions_;
};

class ModelChecker {
 public:
  ModelChecker(const Model& model, Diagnostics& problems) : model_(model), problems_(problems) {}

  void check() {
    for (const Block& block : model_.all_blocks())
      if (!block.is_derived) check_block(block);
    for (const InfiniteType& type : FiniteTypes(model_).list()) report_infinite(type);
  }

 private:
  void fail(TextSpan span, std::string message, std::string hint = {}) {
    add(make_type_problem(*file_, span, std::move(message), std::move(hint)));
  }
  void add(Diagnostic problem) {
    if (problems_.size() < 2 * kMaxFlags) problems_.push_back(std::move(problem));
  }

  void check_block(const Block& block) {
    file_ = block.file;
    names_ = &block.names;
    check_definitions(block.scope->definitions);
    std::vector<const Name*> functions;
    for (const FunctionDecl* function : functions_of(*block.scope)) {
      check_function(*function);
      functions.push_back(&function->name);
    }
    check_unique(functions, "function");
    for (const auto* const items : {&block.scope->imports, &block.scope->exports})
      for (const Item& item : *items) check_item(block, item, items == &block.scope->imports);
  }

  void check_item(const Block& block, const Item& item, bool is_import) {
    switch (item.kind) {
      case Item::Kind::Interface:
      case Item::Kind::Member:
        return;
      case Item::Kind::Alias:
        return check_type(item.type);
      case Item::Kind::Function:
        // Bare exports are among functions_of(scope) and have been checked.
        if (is_import || !item.path.text.empty()) check_function(item.function);
        return;
      case Item::Kind::Group:
        break;
    }
    names_ = &block.groups.at(&item);
    check_definitions(item.definitions);
    std::vector<const Name*> functions;
    for (const FunctionDecl& function : item.functions) {
      check_function(function);
      functions.push_back(&function.name);
    }
    check_unique(functions, "function");
    names_ = &block.names;
  }

  void check_definitions(const std::vector<Definition>& definitions) {
    for (const Definition& definition : definitions) {
      definition_ = &definition;
      check_definition(definition);
      definition_ = nullptr;
    }
  }

  void check_definition(const Definition& definition) {
    if (definition.kind == Definition::Kind::Alias) check_type(definition.target);
    std::vector<const Name*> names;
    for (const Member& member : definition.members) {
      names.push_back(&member.name);
      for (const TypeExpr& type : member.types) check_type(type);
    }
    check_unique(names, definition.kind == Definition::Kind::Record ? "field" : "case");
    std::vector<const Name*> parameters;
    for (const Name& parameter : definition.parameters) parameters.push_back(&parameter);
    check_unique(parameters, "type parameter");
    if (definition.kind == Definition::Kind::Flags && definition.members.size() > kMaxFlags)
      fail(definition.name.span,
           fmt::format("{} has {} flags; a value holds at most {}",
                       quote_text(definition.name.text), definition.members.size(), kMaxFlags),
           "split it in two");
  }

  void check_function(const FunctionDecl& function) {
    std::vector<const Name*> names;
    for (const Parameter& param : function.params) {
      names.push_back(&param.name);
      check_type(param.type);
    }
    check_unique(names, "parameter");
    for (const TypeExpr& result : function.results) check_type(result);
  }

  void check_unique(const std::vector<const Name*>& names, std::string_view what) {
    std::unordered_set<std::string_view> seen;
    for (const Name* name : names)
      if (!seen.insert(name->text).second)
        fail(name->span, fmt::format("duplicate {} {}", what, quote_text(name->text)),
             "rename one of them");
  }

  // Recursive; the parser bounds the depth.
  void check_type(const TypeExpr& type) {
    for (const TypeExpr& argument : type.arguments) check_type(argument);
    if (type.kind == TypeKind::Self && definition_ == nullptr)
      fail(type.span, "`self` outside of a definition", "write the name of the type");
    if (type.kind == TypeKind::Named) check_named(type);
  }

  void check_named(const TypeExpr& type) {
    std::size_t expected = 0;
    if (!is_parameter(type)) {
      const Meaning meaning = names_->find(type.name);
      if (!meaning) return report_unknown(type);
      if (meaning.definition != nullptr) expected = meaning.definition->parameters.size();
    }
    if (type.arguments.size() == expected) return;
    const std::string_view plural = expected == 1 ? "" : "s";
    fail(type.span,
         fmt::format("{} takes {} type argument{}, found {}", quote_text(type.name), expected,
                     plural, type.arguments.size()),
         expected == 0 ? fmt::format("write {}", quote_text(type.name))
                       : fmt::format("write `{}<..>` with {} type{}", type.name, expected, plural));
  }

  // True for a type parameter of the enclosing definition.
  [[nodiscard]] bool is_parameter(const TypeExpr& type) const {
    return definition_ != nullptr &&
           std::ranges::find(definition_->parameters, type.name, &Name::text) !=
               definition_->parameters.end();
  }

  void report_unknown(const TypeExpr& type) {
    std::vector<std::string_view> names = names_->list();
    names.insert(names.end(), std::begin(kNearTypeWords), std::end(kNearTypeWords));
    if (definition_ != nullptr)
      for (const Name& parameter : definition_->parameters) names.push_back(parameter.text);
    std::string hint = did_you_mean(near_misses(type.name, names));
    if (hint.empty()) hint = fmt::format("define it, or `use \"FILE.pact\".{{{}}};`", type.name);
    Diagnostic problem = make_type_problem(
        *file_, type.span, fmt::format("unknown type {}", quote_text(type.name)), std::move(hint));
    explain_gate(problem, *file_, type.name);
    add(std::move(problem));
  }

  void report_infinite(const InfiniteType& type) {
    file_ = type.file;
    const std::string name = quote_text(type.definition->name.text);
    if (type.cycle.empty())
      return fail(type.definition->name.span,
                  fmt::format("{} contains itself without end: it has no values", name),
                  "put the inner type in `list<..>` or `option<..>`");
    std::string path;
    for (const Definition* definition : type.cycle)
      path += fmt::format("{} -> ", definition->name.text);
    fail(type.definition->name.span,
         fmt::format("{} is an alias of itself: {}{}", name, path, type.definition->name.text),
         "define one of them as another type: `type a = u32`");
  }

  const Model& model_;
  Diagnostics& problems_;
  const ParsedFile* file_ = nullptr;
  const NameTable* names_ = nullptr;
  const Definition* definition_ = nullptr;
};

}  // namespace

void check_model(const Model& model, Diagnostics& problems) {
  ModelChecker(model, problems).check();
}

}  // namespace tenon::pact
