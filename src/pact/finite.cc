#include "pact/finite.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>

namespace tenon::pact {

namespace {

// A definition, and whether it has finite values: at [0] with finite arguments, at [i + 1] though
// its parameter i has none.
struct Node {
  const Definition* definition;
  const NameTable* names;
  std::vector<bool> is_finite;
};

class FiniteTypes {
 public:
  explicit FiniteTypes(const Model& model) {
    for (const Block& block : model.all_blocks()) {
      add(block.scope->definitions, block.names);
      for (const auto* const items : {&block.scope->imports, &block.scope->exports})
        for (const Item& item : *items)
          if (item.kind == Item::Kind::Group) add(item.definitions, block.groups.at(&item));
    }
    find_least();
  }

  std::vector<InfiniteType> list() {
    std::vector<InfiniteType> found;
    std::unordered_set<const Definition*> told;
    for (const Node& node : nodes_) {
      if (node.is_finite[0] || told.contains(node.definition)) continue;
      std::vector<const Definition*> circle = find_alias_circle(node);
      told.insert(circle.begin(), circle.end());
      if (circle.empty() && !contains_itself(node)) continue;
      found.push_back({&node.names->file(), node.definition, std::move(circle)});
    }
    return found;
  }

 private:
  void add(const std::vector<Definition>& definitions, const NameTable& names) {
    for (const Definition& definition : definitions) {
      places_.emplace(&definition, nodes_.size());
      nodes_.push_back(
          {&definition, &names, std::vector<bool>(definition.parameters.size() + 1, false)});
    }
  }

  // From none up to all that have to be finite. Passes go both ways, so that chains of definitions
  // take two.
  void find_least() {
    bool has_changed = true;
    while (has_changed) {
      has_changed = false;
      for (Node& node : nodes_) has_changed |= update(node);
      for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) has_changed |= update(*node);
    }
  }

  bool update(Node& node) {
    bool has_changed = false;
    for (std::size_t i = 0; i < node.is_finite.size(); ++i) {
      if (node.is_finite[i] || !is_finite(node, i)) continue;
      node.is_finite[i] = true;
      has_changed = true;
    }
    return has_changed;
  }

  // infinite: which parameter has no finite values, from 1; 0: none.
  [[nodiscard]] bool is_finite(const Node& node, std::size_t infinite) const {
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

  [[nodiscard]] bool is_finite(const TypeExpr& type, const Node& node, std::size_t infinite) const {
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
    const Node* const named = find(type, node);
    if (named == nullptr) return true;
    if (!named->is_finite[0]) return false;
    for (std::size_t i = 0; i < type.arguments.size() && i + 1 < named->is_finite.size(); ++i)
      if (!named->is_finite[i + 1] && !fits(type.arguments[i])) return false;
    return true;
  }

  [[nodiscard]] const Node* find(const TypeExpr& type, const Node& node) const {
    if (type.kind == TypeKind::Self) return &node;
    if (type.kind != TypeKind::Named) return nullptr;
    const auto found = places_.find(node.names->find(type.name).definition);
    return found == places_.end() ? nullptr : &nodes_[found->second];
  }

  // From a node over aliases alone back to it.
  [[nodiscard]] std::vector<const Definition*> find_alias_circle(const Node& node) const {
    std::vector<const Definition*> circle;
    std::unordered_set<const Definition*> seen;
    for (const Node* at = &node; at != nullptr && at->definition->kind == Definition::Kind::Alias;
         at = find(at->definition->target, *at)) {
      if (!seen.insert(at->definition).second) {
        if (at != &node) return {};
        return circle;
      }
      circle.push_back(at->definition);
    }
    return {};
  }

  // Whether the node is reached again from what it contains and is infinite too.
  [[nodiscard]] bool contains_itself(const Node& node) const {
    std::unordered_set<const Node*> seen;
    std::vector<const Node*> left{&node};
    while (!left.empty()) {
      const Node& at = *left.back();
      left.pop_back();
      std::vector<const TypeExpr*> types{&at.definition->target};
      for (const Member& member : at.definition->members)
        for (const TypeExpr& type : member.types) types.push_back(&type);
      while (!types.empty()) {
        const TypeExpr& type = *types.back();
        types.pop_back();
        for (const TypeExpr& argument : type.arguments) types.push_back(&argument);
        const Node* const inner = find(type, at);
        if (inner == nullptr || inner->is_finite[0]) continue;
        if (inner == &node) return true;
        if (seen.insert(inner).second) left.push_back(inner);
      }
    }
    return false;
  }

  std::vector<Node> nodes_;
  std::unordered_map<const Definition*, std::size_t> places_;
};

}  // namespace

std::vector<InfiniteType> find_infinite(const Model& model) { return FiniteTypes(model).list(); }

}  // namespace tenon::pact
