// A second walk over the definitions, after evaluation, that follows functions and instances through
// the index spaces.
//
// Each of them has a source: the component itself makes it, it is an import or a part of one, or it is
// an instance that consists of parts with sources of their own. A nested component is walked once,
// where it is defined. Each instantiation copies the sources of its exports, with the arguments in
// place of the imports; sources without an import are shared.
#include "types/passed_imports.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "support/limits.h"

namespace tenon::types {

namespace {

using binary::Sort;

// A position in SourceWalk::sources_.
using SourceId = std::uint32_t;
constexpr SourceId kOwn = 0;  // made by the component

struct Source {
  static constexpr std::uint32_t kNoImport = UINT32_MAX;

  std::uint32_t import = kNoImport;         // its position in the imports of the component
  std::vector<std::string_view> path = {};  // inside of that import
  std::map<std::string_view, SourceId> parts = {};
  bool has_imports = false;  // in itself or its parts
};

// What a component exports, in terms of its imports.
struct Outline {
  struct Exported {
    std::string_view name;
    Sort sort = Sort::Func;
    SourceId source = kOwn;
  };
  std::vector<std::string_view> imports;
  std::vector<Exported> exports;
};
// A position in SourceWalk::outlines_; the first is that of a component that is not known, such as an
// import.
using OutlineId = std::uint32_t;
constexpr OutlineId kUnknown = 0;

// The index spaces of one component.
struct SourceScope {
  std::vector<SourceId> functions;
  std::vector<SourceId> instances;
  std::vector<OutlineId> components;
  Outline outline;
};

class SourceWalk final {
 public:
  explicit SourceWalk(std::uint64_t bytes) : budget_(limits::kTypeNodes + bytes / 2) {}

  std::vector<std::vector<std::uint32_t>> run(const binary::Component& component) {
    const OutlineId root = walk(component);
    std::vector<std::vector<std::uint32_t>> imports;
    for (const Outline::Exported& exported : outlines_[root].exports)
      imports.push_back(is_exhausted() ? std::vector<std::uint32_t>()
                                       : imports_of(exported.source));
    return imports;
  }

 private:
  OutlineId walk(const binary::Component& component) {
    scopes_.push_back(std::make_unique<SourceScope>());
    for (const binary::Definition& definition : component.definitions)
      std::visit([this](const auto& def) { define(def); }, definition);
    outlines_.push_back(std::move(scopes_.back()->outline));
    scopes_.pop_back();
    return static_cast<OutlineId>(outlines_.size() - 1);
  }

  void define(const std::unique_ptr<binary::Component>& component) {
    const OutlineId outline = walk(*component);
    scope().components.push_back(outline);
  }

  void define(const binary::ImportDef& def) {
    const auto position = static_cast<std::uint32_t>(scope().outline.imports.size());
    scope().outline.imports.push_back(def.name.text);
    if (def.desc.kind == binary::ExternDesc::Kind::Func)
      scope().functions.push_back(add_import(position, {}));
    if (def.desc.kind == binary::ExternDesc::Kind::Instance)
      scope().instances.push_back(add_import(position, {}));
    if (def.desc.kind == binary::ExternDesc::Kind::Component)
      scope().components.push_back(kUnknown);
  }

  void define(const binary::AliasDef& def) {
    if (def.target == binary::AliasDef::Target::Outer && def.sort == Sort::Component)
      scope().components.push_back(scopes_[scopes_.size() - 1 - def.count]->components[def.index]);
    if (def.target == binary::AliasDef::Target::Export)
      push(def.sort, part_of(scope().instances[def.instance], def.name));
  }

  void define(const binary::CanonDef& def) {
    if (def.is_lift()) scope().functions.push_back(kOwn);
  }

  void define(const binary::InstanceDef& def) {
    Source source;
    if (def.component) {
      const Outline& outline = outlines_[scope().components[*def.component]];
      const std::vector<SourceId> arguments = arguments_of(outline, def.args);
      std::unordered_map<SourceId, SourceId> known;
      for (const Outline::Exported& exported : outline.exports) {
        if (is_exhausted()) break;
        source.parts.emplace(exported.name, substitute(exported.source, arguments, known));
      }
    } else {
      for (const binary::InlineExport& item : def.exports)
        source.parts.emplace(item.name.text, source_of(item.item));
    }
    scope().instances.push_back(add_parts(std::move(source)));
  }

  void define(const binary::ExportDef& def) {
    const SourceId source = source_of(def.item);
    scope().outline.exports.push_back({def.name.text, def.item.sort, source});
    if (def.item.sort == Sort::Component)
      scope().components.push_back(scope().components[def.item.index]);
    else
      push(def.item.sort, source);
  }

  // Other definitions add neither functions nor instances nor components.
  template <class Other>
  void define(const Other& /*def*/) {}

  [[nodiscard]] SourceScope& scope() { return *scopes_.back(); }
  [[nodiscard]] bool is_exhausted() const { return used_ > budget_; }

  void push(Sort sort, SourceId source) {
    if (sort == Sort::Func) scope().functions.push_back(source);
    if (sort == Sort::Instance) scope().instances.push_back(source);
    if (sort == Sort::Component) scope().components.push_back(kUnknown);
  }

  SourceId source_of(binary::SortIndex item) {
    if (item.sort == Sort::Func) return scope().functions[item.index];
    if (item.sort == Sort::Instance) return scope().instances[item.index];
    return kOwn;
  }

  SourceId add(Source source) {
    used_ += 1 + source.path.size() + source.parts.size();
    if (is_exhausted()) return kOwn;
    sources_.push_back(std::move(source));
    return static_cast<SourceId>(sources_.size() - 1);
  }
  SourceId add_import(std::uint32_t import, std::vector<std::string_view> path) {
    return add({.import = import, .path = std::move(path), .has_imports = true});
  }
  SourceId add_parts(Source source) {
    source.has_imports = std::ranges::any_of(
        source.parts, [this](const auto& part) { return sources_[part.second].has_imports; });
    return add(std::move(source));
  }

  SourceId part_of(SourceId whole, std::string_view name) {
    const Source& source = sources_[whole];
    if (source.import != Source::kNoImport) {
      std::vector<std::string_view> path = source.path;
      path.push_back(name);
      return add_import(source.import, std::move(path));
    }
    const auto part = source.parts.find(name);
    return part == source.parts.end() ? kOwn : part->second;
  }

  [[nodiscard]] std::vector<SourceId> arguments_of(
      const Outline& outline, const std::vector<binary::InstantiateArg>& args) {
    std::unordered_map<std::string_view, SourceId> by_name;
    for (const binary::InstantiateArg& arg : args) by_name.emplace(arg.name, source_of(arg.item));
    std::vector<SourceId> arguments;
    for (const std::string_view name : outline.imports) {
      const auto argument = by_name.find(name);
      arguments.push_back(argument == by_name.end() ? kOwn : argument->second);
    }
    return arguments;
  }

  // A source of a nested component in terms of the component around it. Instances nest within
  // limits::kNestingDepth, as evaluation has checked.
  SourceId substitute(SourceId id, const std::vector<SourceId>& arguments,
                      std::unordered_map<SourceId, SourceId>& known) {
    if (!sources_[id].has_imports || is_exhausted()) return id;
    if (const auto copy = known.find(id); copy != known.end()) return copy->second;
    SourceId result = kOwn;
    if (sources_[id].import != Source::kNoImport) {
      result = arguments[sources_[id].import];
      for (const std::string_view name : sources_[id].path) result = part_of(result, name);
    } else {
      Source copy;
      for (const auto& [name, part] : sources_[id].parts) {
        if (is_exhausted()) break;
        copy.parts.emplace(name, substitute(part, arguments, known));
      }
      result = add_parts(std::move(copy));
    }
    known.emplace(id, result);
    return result;
  }

  [[nodiscard]] std::vector<std::uint32_t> imports_of(SourceId exported) const {
    std::set<std::uint32_t> imports;
    std::set<SourceId> seen;
    std::vector<SourceId> pending{exported};
    while (!pending.empty()) {
      const SourceId id = pending.back();
      pending.pop_back();
      const Source& source = sources_[id];
      if (!source.has_imports || !seen.insert(id).second) continue;
      if (source.import != Source::kNoImport) imports.insert(source.import);
      for (const auto& [name, part] : source.parts) pending.push_back(part);
    }
    return {imports.begin(), imports.end()};
  }

  // Left for sources, their parts, and the names in their paths.
  const std::uint64_t budget_;
  std::uint64_t used_ = 0;
  // Deques, because references to their elements are held while they grow.
  std::deque<Source> sources_ = std::deque<Source>(1);
  std::deque<Outline> outlines_ = std::deque<Outline>(1);
  std::vector<std::unique_ptr<SourceScope>> scopes_;  // outermost first
};

}  // namespace

std::vector<std::vector<std::uint32_t>> find_passed_imports(const binary::Component& component) {
  return SourceWalk(component.span.size()).run(component);
}

}  // namespace tenon::types
