#include "packr/pact_model.h"

#include <fmt/core.h>

#include <set>
#include <utility>

#include "packr/pact_check.h"
#include "packr/pact_parser.h"
#include "packr/pact_transform.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/text_place.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

// Uses of uses that are followed: two texts may use each other.
constexpr int kMaxUses = 64;

Diagnostics name_file(Diagnostics problems, const std::string& file) {
  for (Diagnostic& problem : problems)
    if (problem.where.file.empty()) problem.where.file = file;
  return problems;
}

// The value of `@package`, if a scope has it.
std::string package_of(const PactScope& scope) {
  for (const PactMeta& meta : scope.metas)
    if (meta.name.text == "package" && meta.value.kind == PactMetaValue::Kind::String)
      return meta.value.text;
  return "";
}

}  // namespace

bool PactNames::add(const PactDefinition& definition) {
  return entries_.try_emplace(definition.name.text, Entry{&definition, nullptr, nullptr}).second;
}
bool PactNames::add(const PactTypeParameter& parameter) {
  return entries_.try_emplace(parameter.name.text, Entry{nullptr, &parameter, nullptr}).second;
}
bool PactNames::add_use(std::string_view name, const PactNames& from) {
  return entries_.try_emplace(name, Entry{nullptr, nullptr, &from}).second;
}

PactMeaning PactNames::find(std::string_view name) const {
  const PactNames* at = this;
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

std::vector<std::string_view> PactNames::list() const {
  std::vector<std::string_view> names;
  for (const PactNames* at = this; at != nullptr; at = at->outer_)
    for (const auto& [name, entry] : at->entries_) names.push_back(name);
  return names;
}

std::vector<const PactFunction*> functions_of(const PactScope& scope) {
  std::vector<const PactFunction*> functions;
  for (const PactFunction& function : scope.functions) functions.push_back(&function);
  for (const PactItem& item : scope.exports)
    if (item.kind == PactItem::Kind::Function && item.path.text.empty())
      functions.push_back(&item.function);
  return functions;
}

Diagnostic make_pact_problem(const PactFile& file, PactPlace place, std::string message,
                             std::string hint) {
  Diagnostic problem = make_diagnostic(Code::PackType, "{}", message);
  problem.where.file = file.source.name;
  show_place(problem, file.source.text, place.begin, place.end);
  if (!hint.empty()) problem.hints.push_back(std::move(hint));
  return problem;
}

// Reads the texts, makes their blocks, and ties the uses.
class PactModelBuilder {
 public:
  explicit PactModelBuilder(const PactLibrary& library) : library_(library) {}

  Result<std::unique_ptr<const PactModel>> build(PactSource source) {
    TENON_TRY(const PactFile* const first, add_file(std::move(source)));
    (void)first;
    // Uses name further files, which have uses of their own.
    for (std::size_t i = 0; i < model_->blocks_.size(); ++i) tie_block(model_->blocks_[i]);
    if (definitions_ > kMaxPactDefinitions)
      problems_.push_back(make_diagnostic(Code::PackType, "there are more than {} definitions",
                                          kMaxPactDefinitions));
    for (const Use& use : uses_) check_use(use);
    if (problems_.empty()) check_pact(*model_, problems_);
    if (!problems_.empty()) return std::move(problems_);
    return std::unique_ptr<const PactModel>(std::move(model_));
  }

 private:
  // An item that a block uses: to be found when all is read.
  struct Use {
    const PactFile* file;
    const PactName* name;
    const PactNames* from;
    std::string origin;
  };

  void problem(const PactFile& file, PactPlace place, std::string message, std::string hint = {}) {
    problems_.push_back(make_pact_problem(file, place, std::move(message), std::move(hint)));
  }

  Result<const PactFile*> add_file(PactSource source) {
    Result<PactScope> root = parse_pact(source.text);
    if (!root) return name_file(std::move(root).error(), source.name);
    model_->files_.push_back(
        std::make_unique<PactFile>(PactFile{std::move(source), *std::move(root)}));
    const PactFile& file = *model_->files_.back();
    add_block(file, file.root, nullptr, file.root.package.text);
    return &file;
  }

  // Nesting is bounded by the parser.
  PactBlock& add_block(const PactFile& file, const PactScope& scope, const PactBlock* outer,
                       std::string package) {
    if (std::string own = package_of(scope); !own.empty()) package = std::move(own);
    PactBlock& block = model_->blocks_.emplace_back(
        PactBlock{&scope,
                  outer,
                  &file,
                  PactNames(outer == nullptr ? nullptr : &outer->names, file),
                  package.empty() || scope.name.text.empty() ? scope.name.text
                                                             : package + "/" + scope.name.text,
                  false,
                  {}});
    for (const PactTypeParameter& parameter : scope.parameters)
      if (!block.names.add(parameter)) refuse_second(file, parameter.name);
    add_definitions(file, scope.definitions, block.names);
    for (const auto* const items : {&scope.imports, &scope.exports})
      for (const PactItem& item : *items) {
        if (item.kind != PactItem::Kind::Group) continue;
        const auto added = block.groups.try_emplace(&item, &block.names, file);
        add_definitions(file, item.definitions, added.first->second);
      }
    if (outer != nullptr) add_interface(file, scope.name, block);
    for (const PactScope& inner : scope.scopes) add_block(file, inner, &block, package);
    return block;
  }

  void add_interface(const PactFile& file, const PactName& name, const PactBlock& block) {
    if (!siblings_.emplace(block.outer, name.text).second) refuse_second(file, name);
    model_->interfaces_.try_emplace({&file, name.text}, &block);
    model_->interfaces_.try_emplace({&file, block.full_name}, &block);
  }

  void add_definitions(const PactFile& file, const std::vector<PactDefinition>& definitions,
                       PactNames& names) {
    definitions_ += definitions.size();
    for (const PactDefinition& definition : definitions)
      if (!names.add(definition)) refuse_second(file, definition.name);
  }

  void refuse_second(const PactFile& file, const PactName& name) {
    problem(file, name.place, fmt::format("{} is defined twice", quote_text(name.text)));
  }

  void tie_block(PactBlock& block) {
    // A use may name what a transform makes.
    for (const PactDerived& one : block.scope->derived)
      if (const PactBlock* const made = derive(block, one.transform, one.arguments))
        add_interface(*block.file, one.name, *made);
    for (const PactUse& use : block.scope->uses) tie_use(block, use);
  }

  void tie_use(PactBlock& block, const PactUse& use) {
    const PactNames* from = nullptr;
    switch (use.kind) {
      case PactUse::Kind::File:
        if (const PactFile* const file = find_file(block, use)) from = &root_names(*file);
        break;
      case PactUse::Kind::Interface:
        if (const PactBlock* const found = find_interface(block, use.from)) from = &found->names;
        break;
      case PactUse::Kind::Transform:
        if (const PactBlock* const made = derive(block, use.from, use.arguments))
          from = &made->names;
        break;
    }
    if (from == nullptr) return;
    for (const PactName& item : use.items) {
      if (!block.names.add_use(item.text, *from)) refuse_second(*block.file, item);
      uses_.push_back({block.file, &item, from, use.from.text});
    }
  }

  const PactNames& root_names(const PactFile& file) {
    for (const PactBlock& block : model_->blocks_)
      if (block.file == &file && block.outer == nullptr) return block.names;
    return model_->blocks_.front().names;
  }

  const PactFile* find_file(const PactBlock& block, const PactUse& use) {
    Result<PactSource> source = library_(block.file->source.name, use.from.text);
    if (!source) {
      for (Diagnostic& one : source.error()) problems_.push_back(std::move(one));
      return nullptr;
    }
    for (const auto& file : model_->files_)
      if (file->source.name == source->name) return file.get();
    if (model_->files_.size() >= kMaxPactFiles) {
      problem(*block.file, use.from.place,
              fmt::format("more than {} texts are used", kMaxPactFiles));
      return nullptr;
    }
    Result<const PactFile*> file = add_file(*std::move(source));
    if (file) return *file;
    for (Diagnostic& one : file.error()) problems_.push_back(std::move(one));
    return nullptr;
  }

  const PactBlock* find_interface(const PactBlock& block, const PactName& name) {
    const PactBlock* const found = model_->find_interface(block, name.text);
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
  const PactBlock* derive(const PactBlock& block, const PactName& transform,
                          const std::vector<PactName>& arguments) {
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
    const PactBlock* const base = find_interface(block, arguments[0]);
    if (base == nullptr) return nullptr;
    const auto [made, is_new] = derived_.try_emplace(base, nullptr);
    if (!is_new) return made->second;
    const PactScope& scope = model_->derived_.emplace_back(make_rpc_interface(*base->scope));
    const std::size_t slash = base->full_name.rfind('/');
    PactBlock& added =
        add_block(*base->file, scope, base,
                  slash == std::string::npos ? "" : base->full_name.substr(0, slash));
    added.is_derived = true;
    made->second = &added;
    return made->second;
  }

  void check_use(const Use& use) {
    if (use.from->find(use.name->text)) return;
    const std::vector<std::string_view> names = use.from->list();
    problem(
        *use.file, use.name->place,
        fmt::format("{} has no definition {}", quote_text(use.origin), quote_text(use.name->text)),
        did_you_mean(near_misses(use.name->text, names)));
  }

  const PactLibrary& library_;
  std::unique_ptr<PactModel> model_{new PactModel()};
  std::vector<Use> uses_;
  std::map<const PactBlock*, const PactBlock*> derived_;  // by base
  std::set<std::pair<const PactBlock*, std::string>> siblings_;
  std::size_t definitions_ = 0;
  Diagnostics problems_;
};

Result<std::unique_ptr<const PactModel>> PactModel::open(PactSource source,
                                                         const PactLibrary& library) {
  return PactModelBuilder(library).build(std::move(source));
}

std::vector<const PactBlock*> PactModel::blocks() const {
  std::vector<const PactBlock*> own;
  for (const PactBlock& block : blocks_)
    if (block.file == &file()) own.push_back(&block);
  return own;
}

const PactBlock* PactModel::find_interface(const PactBlock& from, std::string_view name) const {
  const auto found = interfaces_.find({from.file, std::string(name)});
  return found == interfaces_.end() ? nullptr : found->second;
}

}  // namespace tenon::packr
