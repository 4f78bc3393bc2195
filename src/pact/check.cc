#include "pact/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "pact/finite.h"
#include "support/near_miss.h"
#include "support/text_place.h"

namespace tenon::pact {

namespace {

// The words that a type may be, for near misses.
constexpr std::string_view kNearTypeWords[] = {
    "bool", "u8",     "u16",   "u32",  "u64", "s8",  "s16",    "s32",    "s64",   "f32", "f64",
    "char", "string", "value", "list", "map", "set", "option", "result", "tuple", "self"};

class ModelChecker {
 public:
  ModelChecker(const Model& model, Diagnostics& problems) : model_(model), problems_(problems) {}

  void check() {
    for (const Block& block : model_.all_blocks())
      if (!block.is_derived) check_block(block);
    for (const InfiniteType& one : find_infinite(model_)) refuse_infinite(one);
  }

 private:
  void fail(TextSpan place, std::string message, std::string hint = {}) {
    if (problems_.size() < 2 * kMaxFlags)
      problems_.push_back(make_type_problem(*file_, place, std::move(message), std::move(hint)));
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
        // Those of an export by itself are the block's own.
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
      fail(definition.name.place,
           fmt::format("{} has {} flags, and a value holds {}", quote_text(definition.name.text),
                       definition.members.size(), kMaxFlags),
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
        fail(name->place, fmt::format("there are two of the {} {}", what, quote_text(name->text)),
             "give each a name of its own");
  }

  // Depth is bounded by the parser.
  void check_type(const TypeExpr& type) {
    for (const TypeExpr& argument : type.arguments) check_type(argument);
    if (type.kind == TypeKind::Self && definition_ == nullptr)
      fail(type.place, "`self` is the definition around it, and there is none",
           "write the name of the type");
    if (type.kind == TypeKind::Named) check_named(type);
  }

  void check_named(const TypeExpr& type) {
    std::size_t wanted = 0;
    if (!is_parameter(type)) {
      const Meaning found = names_->find(type.name);
      if (!found) return refuse_name(type);
      if (found.definition != nullptr) wanted = found.definition->parameters.size();
    }
    if (type.arguments.size() != wanted)
      fail(type.place,
           fmt::format("{} takes {} type{}, and has {}", quote_text(type.name), wanted,
                       wanted == 1 ? "" : "s", type.arguments.size()),
           wanted == 0 ? fmt::format("write {}", quote_text(type.name))
                       : fmt::format("write `{}<..>` with {} type{}", type.name, wanted,
                                     wanted == 1 ? "" : "s"));
  }

  // Of the generic definition around it.
  [[nodiscard]] bool is_parameter(const TypeExpr& type) const {
    return definition_ != nullptr &&
           std::ranges::find(definition_->parameters, type.name, &Name::text) !=
               definition_->parameters.end();
  }

  void refuse_name(const TypeExpr& type) {
    std::vector<std::string_view> names = names_->list();
    names.insert(names.end(), std::begin(kNearTypeWords), std::end(kNearTypeWords));
    if (definition_ != nullptr)
      for (const Name& parameter : definition_->parameters) names.push_back(parameter.text);
    std::string hint = did_you_mean(near_misses(type.name, names));
    if (hint.empty()) hint = fmt::format("define it, or `use \"FILE.pact\".{{{}}};`", type.name);
    fail(type.place, fmt::format("there is no type {} here", quote_text(type.name)),
         std::move(hint));
  }

  void refuse_infinite(const InfiniteType& one) {
    file_ = one.file;
    const std::string name = quote_text(one.definition->name.text);
    if (one.circle.empty())
      return fail(
          one.definition->name.place,
          fmt::format("{} contains itself without end: no value of it can be written", name),
          "put the inner one in `list<..>` or `option<..>`");
    std::string path;
    for (const Definition* definition : one.circle)
      path += fmt::format("{} -> ", definition->name.text);
    fail(one.definition->name.place,
         fmt::format("{} is an alias of itself: {}{}", name, path, one.definition->name.text),
         "say what one of them stands for, as in `type a = u32`");
  }

  const Model& model_;
  Diagnostics& problems_;
  const ParsedFile* file_ = nullptr;
  const NameTable* names_ = nullptr;
  const Definition* definition_ = nullptr;
};

}  // namespace

void check_pact(const Model& model, Diagnostics& problems) {
  ModelChecker(model, problems).check();
}

}  // namespace tenon::pact
