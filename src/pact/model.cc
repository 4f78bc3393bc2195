#include "pact/model.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "pact/check.h"
#include "pact/parser.h"
#include "pact/transform.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/text_place.h"
#include "support/try.h"

namespace tenon::pact {

namespace {

// Uses of uses that are followed: two texts may use each other.
constexpr int kMaxUses = 64;

Diagnostics name_file(Diagnostics problems, const std::string& file) {
  for (Diagnostic& problem : problems)
    if (problem.where.file.empty()) problem.where.file = file;
  return problems;
}

// The value of `@package`, if a scope has it.
std::string package_of(const Scope& scope) {
  for (const Meta& meta : scope.metas)
    if (meta.name.text == "package" && meta.value.kind == MetaValue::Kind::String)
      return meta.value.text;
  return "";
}

}  // namespace

bool NameTable::add(const Definition& definition) {
  return entries_.try_emplace(definition.name.text, Entry{&definition, nullptr, nullptr}).second;
}
bool NameTable::add(const TypeParameter& parameter) {
  return entries_.try_emplace(parameter.name.text, Entry{nullptr, &parameter, nullptr}).second;
}
bool NameTable::add_use(std::string_view name, const NameTable& from) {
  return entries_.try_emplace(name, Entry{nullptr, nullptr, &from}).second;
}

Meaning NameTable::find(std::string_view name) const {
  const NameTable* at = this;
  for (int uses = 0; at != nullptr && uses < kMaxUses;) {
    const auto found = at->entries_.find(name);
    if (found == at->entries_.end()) {
      at = at->outer_;
      continue;
    }
    const Entry& entry = found->second;
    if (entry.from == nullptr) return {entry.definition, entry.parameter, at};
    at = entry.from;
    ++uses;
  }
  return {};
}

std::vector<std::string_view> NameTable::list() const {
  std::vector<std::string_view> names;
  for (const NameTable* at = this; at != nullptr; at = at->outer_)
    for (const auto& [name, entry] : at->entries_) names.push_back(name);
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

Diagnostic make_type_problem(const ParsedFile& file, TextSpan place, std::string message,
                             std::string hint) {
  Diagnostic problem = make_diagnostic(Code::PackType, "{}", message);
  problem.where.file = file.source.name;
  show_place(problem, file.source.text, place.begin, place.end);
  if (!hint.empty()) problem.hints.push_back(std::move(hint));
  return problem;
}

// Reads the texts, makes their blocks, and ties the uses.
class ModelBuilder {
 public:
  explicit ModelBuilder(const SourceLoader& library) : library_(library) {}

  Result<std::unique_ptr<const Model>> build(Source source) {
    TENON_TRY(const ParsedFile* const first, add_file(std::move(source)));
    (void)first;
    // Uses name further files, which have uses of their own.
    for (std::size_t i = 0; i < model_->blocks_.size(); ++i) tie_block(model_->blocks_[i]);
    if (definitions_ > kMaxDefinitions)
      problems_.push_back(
          make_diagnostic(Code::PackType, "there are more than {} definitions", kMaxDefinitions));
    for (const PendingUse& use : uses_) check_use(use);
    if (problems_.empty()) check_pact(*model_, problems_);
    if (!problems_.empty()) return std::move(problems_);
    return std::unique_ptr<const Model>(std::move(model_));
  }

 private:
  // An item that a block uses: to be found when all is read.
  struct PendingUse {
    const ParsedFile* file;
    const Name* name;
    const NameTable* from;
    std::string origin;
  };

  void problem(const ParsedFile& file, TextSpan place, std::string message, std::string hint = {}) {
    problems_.push_back(make_type_problem(file, place, std::move(message), std::move(hint)));
  }

  Result<const ParsedFile*> add_file(Source source) {
    Result<Scope> root = parse_pact(source.text);
    if (!root) return name_file(std::move(root).error(), source.name);
    model_->files_.push_back(
        std::make_unique<ParsedFile>(ParsedFile{std::move(source), *std::move(root)}));
    const ParsedFile& file = *model_->files_.back();
    add_block(file, file.root, nullptr, file.root.package.text);
    return &file;
  }

  // Nesting is bounded by the parser.
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
      if (!block.names.add(parameter)) refuse_second(file, parameter.name);
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
    if (!siblings_.emplace(block.outer, name.text).second) refuse_second(file, name);
    model_->interfaces_.try_emplace({&file, name.text}, &block);
    model_->interfaces_.try_emplace({&file, block.full_name}, &block);
  }

  void add_definitions(const ParsedFile& file, const std::vector<Definition>& definitions,
                       NameTable& names) {
    definitions_ += definitions.size();
    for (const Definition& definition : definitions)
      if (!names.add(definition)) refuse_second(file, definition.name);
  }

  void refuse_second(const ParsedFile& file, const Name& name) {
    problem(file, name.place, fmt::format("{} is defined twice", quote_text(name.text)));
  }

  void tie_block(Block& block) {
    // A use may name what a transform makes.
    for (const DerivedInterface& one : block.scope->derived)
      if (const Block* const made = derive(block, one.transform, one.arguments))
        add_interface(*block.file, one.name, *made);
    for (const Use& use : block.scope->uses) tie_use(block, use);
  }

  void tie_use(Block& block, const Use& use) {
    const NameTable* from = nullptr;
    switch (use.kind) {
      case Use::Kind::File:
        if (const ParsedFile* const file = find_file(block, use)) from = &root_names(*file);
        break;
      case Use::Kind::Interface:
        if (const Block* const found = find_interface(block, use.from)) from = &found->names;
        break;
      case Use::Kind::Transform:
        if (const Block* const made = derive(block, use.from, use.arguments)) from = &made->names;
        break;
    }
    if (from == nullptr) return;
    for (const Name& item : use.items) {
      if (!block.names.add_use(item.text, *from)) refuse_second(*block.file, item);
      uses_.push_back({block.file, &item, from, use.from.text});
    }
  }

  const NameTable& root_names(const ParsedFile& file) {
    for (const Block& block : model_->blocks_)
      if (block.file == &file && block.outer == nullptr) return block.names;
    return model_->blocks_.front().names;
  }

  const ParsedFile* find_file(const Block& block, const Use& use) {
    Result<Source> source = library_(block.file->source.name, use.from.text);
    if (!source) {
      for (Diagnostic& one : source.error()) problems_.push_back(std::move(one));
      return nullptr;
    }
    for (const auto& file : model_->files_)
      if (file->source.name == source->name) return file.get();
    if (model_->files_.size() >= kMaxFiles) {
      problem(*block.file, use.from.place, fmt::format("more than {} texts are used", kMaxFiles));
      return nullptr;
    }
    Result<const ParsedFile*> file = add_file(*std::move(source));
    if (file) return *file;
    for (Diagnostic& one : file.error()) problems_.push_back(std::move(one));
    return nullptr;
  }

  const Block* find_interface(const Block& block, const Name& name) {
    const Block* const found = model_->find_interface(block, name.text);
    if (found != nullptr) return found;
    std::vector<std::string> names;
    for (const auto& [key, one] : model_->interfaces_)
      if (key.first == block.file) names.push_back(key.second);
    problem(*block.file, name.place,
            fmt::format("there is no interface {} in this text", quote_text(name.text)),
            did_you_mean(near_misses(name.text, names)));
    return nullptr;
  }

  // The interface that a transform makes; the same for every use of it.
  const Block* derive(const Block& block, const Name& transform,
                      const std::vector<Name>& arguments) {
    if (transform.text != "rpc") {
      problem(*block.file, transform.place,
              fmt::format("there is no transform {}", quote_text(transform.text)),
              "the one transform is `rpc(interface)`");
      return nullptr;
    }
    if (arguments.size() != 1) {
      problem(*block.file, transform.place,
              fmt::format("`rpc` takes one interface, and has {}", arguments.size()));
      return nullptr;
    }
    const Block* const base = find_interface(block, arguments[0]);
    if (base == nullptr) return nullptr;
    const auto [made, is_new] = derived_.try_emplace(base, nullptr);
    if (!is_new) return made->second;
    const Scope& scope = model_->derived_.emplace_back(make_rpc_interface(*base->scope));
    const std::size_t slash = base->full_name.rfind('/');
    Block& added = add_block(*base->file, scope, base,
                             slash == std::string::npos ? "" : base->full_name.substr(0, slash));
    added.is_derived = true;
    made->second = &added;
    return made->second;
  }

  void check_use(const PendingUse& use) {
    if (use.from->find(use.name->text)) return;
    const std::vector<std::string_view> names = use.from->list();
    problem(
        *use.file, use.name->place,
        fmt::format("{} has no definition {}", quote_text(use.origin), quote_text(use.name->text)),
        did_you_mean(near_misses(use.name->text, names)));
  }

  const SourceLoader& library_;
  std::unique_ptr<Model> model_{new Model()};
  std::vector<PendingUse> uses_;
  std::map<const Block*, const Block*> derived_;  // by base
  std::set<std::pair<const Block*, std::string>> siblings_;
  std::size_t definitions_ = 0;
  Diagnostics problems_;
};

Result<std::unique_ptr<const Model>> Model::open(Source source, const SourceLoader& library) {
  return ModelBuilder(library).build(std::move(source));
}

std::vector<const Block*> Model::blocks() const {
  std::vector<const Block*> own;
  for (const Block& block : blocks_)
    if (block.file == &file()) own.push_back(&block);
  return own;
}

const Block* Model::find_interface(const Block& from, std::string_view name) const {
  const auto found = interfaces_.find({from.file, std::string(name)});
  return found == interfaces_.end() ? nullptr : found->second;
}

}  // namespace tenon::pact
