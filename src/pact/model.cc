// Resolving takes two steps, because texts can use each other in a cycle. First every text is
// parsed and each of its blocks gets a table of the names it declares. A `use` is added to that
// table as a reference to the table of the other block, not as a copy of the definition, so the
// order in which texts are read does not matter. The work list is `blocks_` itself: linking the
// uses of a block can read a further file, whose blocks are appended. When all of them are linked,
// each used name is looked up once, to report those that lead nowhere.
#include "pact/model.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <set>
#include <utility>

#include "pact/check.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "wit/read_wit.h"

namespace tenon::pact {

namespace {

// The longest chain of uses that a lookup follows. Without a bound, two texts that use one name
// from each other would make it endless.
constexpr int kMaxUses = 64;

Diagnostics name_file(Diagnostics problems, const std::string& file) {
  for (Diagnostic& problem : problems)
    if (problem.where.file.empty()) problem.where.file = file;
  return problems;
}

// The value of `@package`; empty if the scope has none.
std::string package_of(const Scope& scope) {
  for (const Meta& meta : scope.metas)
    if (meta.name.text == "package" && meta.value.kind == MetaValue::Kind::String)
      return meta.value.text;
  return "";
}

// The error type of `rpc`: the ways in which a remote call can fail.
Definition make_rpc_error() {
  struct Case {
    std::string_view name;
    bool has_text;
  };
  constexpr std::array<Case, 6> kCases = {{{"timeout", false},
                                           {"actor-not-found", true},
                                           {"function-not-found", true},
                                           {"shutting-down", false},
                                           {"channel-closed", false},
                                           {"call-failed", true}}};
  Definition error;
  error.kind = Definition::Kind::Variant;
  error.name.text = "rpc-error";
  for (const Case& row : kCases) {
    Member& member = error.members.emplace_back();
    member.name.text = row.name;
    if (row.has_text) member.types.push_back({TypeKind::Plain, packr::TypeTag::String});
  }
  return error;
}

// The interface `rpc(base)`: each function returns a result with `rpc-error`. Types of the base
// are not copied; the new interface is nested in the base and sees them.
Scope make_rpc_interface(const Scope& base) {
  Scope derived;
  derived.kind = Scope::Kind::Interface;
  derived.name = base.name;
  derived.name.text = "rpc(" + base.name.text + ")";
  derived.definitions.push_back(make_rpc_error());
  for (const FunctionDecl* const function : functions_of(base)) {
    FunctionDecl& wrapped = derived.functions.emplace_back(*function);
    TypeExpr ok{TypeKind::Tuple};
    if (function->results.size() == 1)
      ok = function->results[0];
    else
      ok.arguments = function->results;
    // A side `_` of a result is a bool in metadata; for no value use the empty tuple.
    if (ok.kind == TypeKind::Unit) ok = {TypeKind::Tuple};
    TypeExpr result{TypeKind::Result};
    result.span = function->name.span;
    result.arguments.push_back(std::move(ok));
    result.arguments.push_back({TypeKind::Named, {}, "rpc-error"});
    wrapped.results = {std::move(result)};
  }
  return derived;
}

}  // namespace

bool NameTable::add(const Definition& definition) {
  return declarations_.try_emplace(definition.name.text, Declaration{&definition, nullptr, nullptr})
      .second;
}
bool NameTable::add(const TypeParameter& parameter) {
  return declarations_.try_emplace(parameter.name.text, Declaration{nullptr, &parameter, nullptr})
      .second;
}
bool NameTable::add_use(std::string_view name, const NameTable& from) {
  return declarations_.try_emplace(name, Declaration{nullptr, nullptr, &from}).second;
}

Meaning NameTable::find(std::string_view name) const {
  const NameTable* at = this;
  for (int uses = 0; at != nullptr && uses < kMaxUses;) {
    const auto match = at->declarations_.find(name);
    if (match == at->declarations_.end()) {
      at = at->outer_;
      continue;
    }
    const Declaration& declaration = match->second;
    if (declaration.from == nullptr) return {declaration.definition, declaration.parameter, at};
    at = declaration.from;
    ++uses;
  }
  return {};
}

std::vector<std::string_view> NameTable::list() const {
  std::vector<std::string_view> names;
  for (const NameTable* at = this; at != nullptr; at = at->outer_)
    for (const auto& [name, declaration] : at->declarations_) names.push_back(name);
  return names;
}

std::vector<const FunctionDecl*> functions_of(const Scope& scope) {
  std::vector<const FunctionDecl*> functions;
  for (const FunctionDecl& function : scope.functions) functions.push_back(&function);
  for (const Item& item : scope.exports)
    if (item.kind == Item::Kind::Function && item.path.text.empty())
      functions.push_back(&item.function);
  return functions;
}

Diagnostic make_type_problem(const ParsedFile& file, TextSpan span, std::string message,
                             std::string hint) {
  Diagnostic problem = make_diagnostic(Code::PackType, "{}", message);
  problem.where.file = file.source.name;
  show_place(problem, file.source.text, span.begin, span.end);
  if (!hint.empty()) problem.hints.push_back(std::move(hint));
  return problem;
}

void explain_gate(Diagnostic& problem, const ParsedFile& file, std::string_view name) {
  const std::string_view own_name = name.substr(name.rfind('/') + 1);
  for (const engine::LeftOutItem& item : file.gates.left_out) {
    if (item.path.substr(item.path.rfind('.') + 1) != own_name) continue;
    problem.hints.clear();
    return wit::explain_gate(problem, item, wit::SetBy::Flags);
  }
}

// Parses the texts, makes their blocks, and links their uses.
class ModelBuilder {
 public:
  ModelBuilder(const SourceLoader& load, const WitFeatures& features)
      : load_(load), features_(features) {}

  // root: the tree of the first text, if it is not that of a file. Else it is parsed.
  Result<std::unique_ptr<const Model>> build(Source source, std::optional<Scope> root = {}) {
    if (root) {
      add_tree(std::move(source), *std::move(root), {});
    } else {
      TENON_TRY([[maybe_unused]] const ParsedFile* const first, add_file(std::move(source)));
    }
    // The list grows: a use can name a file that has not been read.
    for (std::size_t i = 0; i < model_->blocks_.size(); ++i) link_uses(model_->blocks_[i]);
    if (definitions_ > kMaxDefinitions)
      problems_.push_back(
          make_diagnostic(Code::PackType, "more than {} definitions", kMaxDefinitions));
    for (const PendingUse& use : uses_) check_use(use);
    if (problems_.empty()) check_model(*model_, problems_);
    if (!problems_.empty()) return std::move(problems_);
    return std::unique_ptr<const Model>(std::move(model_));
  }

 private:
  // A name that a block uses, to be looked up when all texts have been read.
  struct PendingUse {
    const ParsedFile* file;
    const Name* name;
    const NameTable* from;
    std::string origin;
  };

  void problem(const ParsedFile& file, TextSpan span, std::string message, std::string hint = {}) {
    problems_.push_back(make_type_problem(file, span, std::move(message), std::move(hint)));
  }

  Result<const ParsedFile*> add_file(Source source) {
    Gates gates;
    Result<Scope> root = parse_pact(source.text, features_, &gates);
    if (!root) return name_file(std::move(root).error(), source.name);
    for (engine::LeftOutItem& item : gates.left_out) item.where.file = source.name;
    return &add_tree(std::move(source), *std::move(root), std::move(gates));
  }

  const ParsedFile& add_tree(Source source, Scope root, Gates gates) {
    model_->files_.push_back(std::make_unique<ParsedFile>(
        ParsedFile{std::move(source), std::move(root), std::move(gates)}));
    const ParsedFile& file = *model_->files_.back();
    add_block(file, file.root, nullptr, file.root.package.text);
    return file;
  }

  // Recursive; the parser bounds the nesting.
  Block& add_block(const ParsedFile& file, const Scope& scope, const Block* outer,
                   std::string package) {
    if (std::string own = package_of(scope); !own.empty()) package = std::move(own);
    Block& block = model_->blocks_.emplace_back(
        Block{&scope,
              outer,
              &file,
              NameTable(outer == nullptr ? nullptr : &outer->names, file),
              package.empty() || scope.name.text.empty() ? scope.name.text
                                                         : package + "/" + scope.name.text,
              false,
              {}});
    for (const TypeParameter& parameter : scope.parameters)
      if (!block.names.add(parameter)) report_duplicate(file, parameter.name);
    add_definitions(file, scope.definitions, block.names);
    for (const auto* const items : {&scope.imports, &scope.exports})
      for (const Item& item : *items) {
        if (item.kind != Item::Kind::Group) continue;
        const auto added = block.groups.try_emplace(&item, &block.names, file);
        add_definitions(file, item.definitions, added.first->second);
      }
    if (outer != nullptr) add_interface(file, scope.name, block);
    for (const Scope& inner : scope.scopes) add_block(file, inner, &block, package);
    return block;
  }

  void add_interface(const ParsedFile& file, const Name& name, const Block& block) {
    if (!siblings_.emplace(block.outer, name.text).second) report_duplicate(file, name);
    model_->interfaces_.try_emplace({&file, name.text}, &block);
    model_->interfaces_.try_emplace({&file, block.full_name}, &block);
  }

  void add_definitions(const ParsedFile& file, const std::vector<Definition>& definitions,
                       NameTable& names) {
    definitions_ += definitions.size();
    for (const Definition& definition : definitions)
      if (!names.add(definition)) report_duplicate(file, definition.name);
  }

  void report_duplicate(const ParsedFile& file, const Name& name) {
    problem(file, name.span, fmt::format("duplicate definition of {}", quote_text(name.text)));
  }

  void link_uses(Block& block) {
    // Transforms come first, because a use can name an interface that one of them makes.
    for (const DerivedInterface& interface : block.scope->derived)
      if (const Block* const derived = derive(block, interface.transform, interface.arguments))
        add_interface(*block.file, interface.name, *derived);
    for (const Use& use : block.scope->uses) link_use(block, use);
  }

  void link_use(Block& block, const Use& use) {
    const NameTable* from = nullptr;
    switch (use.kind) {
      case Use::Kind::File:
        if (const ParsedFile* const file = find_file(block, use)) from = &root_names(*file);
        break;
      case Use::Kind::Interface:
        if (const Block* const base = find_interface(block, use.from)) from = &base->names;
        break;
      case Use::Kind::Transform:
        if (const Block* const derived = derive(block, use.from, use.arguments))
          from = &derived->names;
        break;
    }
    if (from == nullptr) return;
    for (const Name& item : use.items) {
      if (!block.names.add_use(item.text, *from)) report_duplicate(*block.file, item);
      uses_.push_back({block.file, &item, from, use.from.text});
    }
  }

  const NameTable& root_names(const ParsedFile& file) {
    for (const Block& block : model_->blocks_)
      if (block.file == &file && block.outer == nullptr) return block.names;
    return model_->blocks_.front().names;
  }

  const ParsedFile* find_file(const Block& block, const Use& use) {
    Result<Source> source = load_(block.file->source.name, use.from.text);
    if (!source) {
      for (Diagnostic& cause : source.error()) problems_.push_back(std::move(cause));
      return nullptr;
    }
    for (const auto& file : model_->files_)
      if (file->source.name == source->name) return file.get();
    if (model_->files_.size() >= kMaxFiles) {
      problem(*block.file, use.from.span, fmt::format("more than {} files are used", kMaxFiles));
      return nullptr;
    }
    Result<const ParsedFile*> file = add_file(*std::move(source));
    if (file) return *file;
    for (Diagnostic& cause : file.error()) problems_.push_back(std::move(cause));
    return nullptr;
  }

  const Block* find_interface(const Block& block, const Name& name) {
    const Block* const interface = model_->find_interface(block, name.text);
    if (interface != nullptr) return interface;
    std::vector<std::string> names;
    for (const auto& [key, candidate] : model_->interfaces_)
      if (key.first == block.file) names.push_back(key.second);
    problem(*block.file, name.span, fmt::format("unknown interface {}", quote_text(name.text)),
            did_you_mean(near_misses(name.text, names)));
    explain_gate(problems_.back(), *block.file, name.text);
    return nullptr;
  }

  // The interface that a transform makes. Repeated transforms of one base share it.
  const Block* derive(const Block& block, const Name& transform,
                      const std::vector<Name>& arguments) {
    if (transform.text != "rpc") {
      problem(*block.file, transform.span,
              fmt::format("unknown transform {}", quote_text(transform.text)),
              "the only transform is `rpc(interface)`");
      return nullptr;
    }
    if (arguments.size() != 1) {
      problem(*block.file, transform.span,
              fmt::format("`rpc` takes one interface, found {}", arguments.size()));
      return nullptr;
    }
    const Block* const base = find_interface(block, arguments[0]);
    if (base == nullptr) return nullptr;
    const auto [derived, is_new] = derived_.try_emplace(base, nullptr);
    if (!is_new) return derived->second;
    const Scope& scope = model_->derived_.emplace_back(make_rpc_interface(*base->scope));
    const std::size_t slash = base->full_name.rfind('/');
    Block& added = add_block(*base->file, scope, base,
                             slash == std::string::npos ? "" : base->full_name.substr(0, slash));
    added.is_derived = true;
    derived->second = &added;
    return &added;
  }

  void check_use(const PendingUse& use) {
    if (use.from->find(use.name->text)) return;
    const std::vector<std::string_view> names = use.from->list();
    problem(
        *use.file, use.name->span,
        fmt::format("{} has no definition {}", quote_text(use.origin), quote_text(use.name->text)),
        did_you_mean(near_misses(use.name->text, names)));
    explain_gate(problems_.back(), use.from->file(), use.name->text);
  }

  const SourceLoader& load_;
  const WitFeatures& features_;
  std::unique_ptr<Model> model_{new Model()};
  std::vector<PendingUse> uses_;
  std::map<const Block*, const Block*> derived_;  // by base
  std::set<std::pair<const Block*, std::string>> siblings_;
  std::size_t definitions_ = 0;
  Diagnostics problems_;
};

Result<std::unique_ptr<const Model>> Model::open(Source source, const SourceLoader& load,
                                                 const WitFeatures& features) {
  return ModelBuilder(load, features).build(std::move(source));
}

Result<std::unique_ptr<const Model>> Model::open_value_type(Source source) {
  Result<Scope> root = parse_value_type(source.text);
  if (!root) return name_file(std::move(root).error(), source.name);
  // A type has no `use`, and no gates.
  const SourceLoader load;
  const WitFeatures features;
  return ModelBuilder(load, features).build(std::move(source), *std::move(root));
}

std::vector<const Block*> Model::blocks() const {
  std::vector<const Block*> own;
  for (const Block& block : blocks_)
    if (block.file == &file()) own.push_back(&block);
  return own;
}

const Block* Model::find_interface(const Block& from, std::string_view name) const {
  const auto match = interfaces_.find({from.file, std::string(name)});
  return match == interfaces_.end() ? nullptr : match->second;
}

}  // namespace tenon::pact
