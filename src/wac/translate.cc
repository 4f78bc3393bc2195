#include "wac/translate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "compose/passage.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "types/uses.h"
#include "wac/declared_types.h"
#include "wac/items.h"
#include "wac/packages.h"
#include "wac/target.h"

namespace tenon::wac {

namespace {

// A unit of the composition: an instance of a component, or a component that passes items on.
struct Instance {
  std::string name;
  const Component* component = nullptr;
  Span span;  // of the package in `new`
};

// The result of an expression.
struct Term {
  enum class Kind {
    Broken,  // reported
    Unit,    // all exports of a unit
    Export,  // an export of a unit, or the item at a path inside of it
    Import,  // an import of the file, or the item at a path inside of it
  };
  Kind kind = Kind::Broken;
  std::size_t source = 0;  // of `units_`, or a position in DeclaredTypes::imports
  std::vector<std::string> path = {};
  types::Item item = {};       // not of a Unit
  std::string name = {};       // by which it was imported or accessed; empty: none
  std::string interface = {};  // "acme:tax/lib@1.2.0", if it is an instance of that interface
};

// Where a unit gets an import from.
struct Origin {
  std::string unit;
  std::string item;
};

// The items that one passage passes on.
struct Passing {
  std::string unit;
  compose::Passage passage;
  std::unordered_map<std::string, std::uint32_t> imports;   // their positions, if it passes parts
  std::map<std::vector<std::string>, std::string> exports;  // by path, from the import on
};

class Translator final {
 public:
  Translator(const Document& document, const Source& source, Packages& packages,
             types::Types& types)
      : document_(document), source_(source), packages_(packages), types_(types) {}

  Result<Translation> translate() {
    Result<DeclaredTypes> declared = read_declared_types(document_, source_, packages_, types_);
    if (declared)
      declared_ = *std::move(declared);
    else
      problems_ = std::move(declared).error();
    for (std::size_t i = 0; i < document_.statements.size() && !gives_up(); ++i)
      std::visit([&](const auto& statement) { run(i, statement); }, document_.statements[i]);
    check_imports();
    check_exports();
    if (!problems_.empty()) return std::move(problems_);
    write_passages();
    Diagnostics notes;
    if (document_.targets) {
      TENON_TRY(translation_.target,
                find_target(document_, declared_.wit, source_, packages_, notes));
    }
    TENON_TRY_VOID(packages_.check_features());
    // Two uses of a package can have the same notes.
    translation_.notes = std::move(declared_.notes);
    for (Diagnostic& note : notes)
      if (std::ranges::find(translation_.notes, note) == translation_.notes.end())
        translation_.notes.push_back(std::move(note));
    choose_root();
    translation_.name = document_.package.name.substr(document_.package.name.rfind(':') + 1);
    translation_.policy.unresolved = resolve::Policy::Unresolved::Outside;
    translation_.policy.export_mode = resolve::Policy::Exports::Listed;
    return std::move(translation_);
  }

 private:
  // -- Problems

  // After so many problems, the rest of the file is not read.
  [[nodiscard]] bool gives_up() const { return problems_.size() >= 100; }
  Diagnostic& report(Code code, Span span, std::string message) {
    problems_.push_back(source_.place(make_diagnostic(code, "{}", message), span));
    return problems_.back();
  }
  void report(Code code, Span span, std::string message, std::string hint) {
    report(code, span, std::move(message)).hints.push_back(std::move(hint));
  }
  void name_other(Diagnostic& problem, std::string_view what, Span span) {
    const Location where = source_.where(span);
    problem.notes.push_back(
        {.text = fmt::format("{} in line {}", what, where.line), .excerpt = {}, .related = where});
  }
  void append(Diagnostics problems) {
    for (Diagnostic& problem : problems)
      if (std::ranges::find(problems_, problem) == problems_.end())
        problems_.push_back(std::move(problem));
  }

  // -- Statements

  void run(std::size_t position, const ImportStatement& import) {
    Term value;
    const auto known = declared_.by_statement.find(position);
    if (known != declared_.by_statement.end()) {
      const types::NamedItem& item = declared_.imports[known->second];
      value = {.kind = Term::Kind::Import,
               .source = known->second,
               .path = {},
               .item = item.item,
               .name = item.name};
      const auto interface = declared_.interfaces.find(position);
      if (interface != declared_.interfaces.end()) value.interface = interface->second;
      check_import_name(import, item);
    }
    define(import.id, std::move(value));
  }

  void check_import_name(const ImportStatement& import, const types::NamedItem& item) {
    const Span span = import.as ? import.as->span : import.type.span;
    check_name(import.as, item, "import");
    if (const auto [known, is_new] = imported_.emplace(item.name, span); !is_new) {
      Diagnostic& problem =
          report(Code::WacName, span, fmt::format("two imports are called `{}`", item.name));
      name_other(problem, "the other is", known->second);
      problem.hints.emplace_back("give one of them another name with `as`");
    }
  }

  // A name that the file gives must be one of the component model that fits the item.
  void check_name(const std::optional<Name>& as, const types::NamedItem& item,
                  std::string_view what) {
    if (!as) return;
    const Result<types::ItemName> parsed = types::parse_item_name(as->text);
    const bool is_instance = std::holds_alternative<types::InstanceId>(item.item);
    if (parsed && (parsed->kind == types::NameKind::Label ||
                   (parsed->kind == types::NameKind::Interface && is_instance)))
      return;
    report(Code::WacName, as->span,
           fmt::format("`{}` is not the name of an {}: {}", as->text, what,
                       !parsed ? parsed.error().front().message
                       : parsed->kind == types::NameKind::Interface
                           ? "it is that of an interface, and the item is not an instance"
                           : "it is neither a plain name nor the name of an interface"),
           fmt::format("write a name such as `{}`", is_instance ? "acme:tax/lib@1.2.0" : "rate"));
  }

  void run(std::size_t, const TypeStatement& declared) { define(declared.id, {}, Kind::Type); }

  void run(std::size_t, const LetStatement& let) {
    define(let.id, evaluate(let.value, let.id.text));
  }

  void run(std::size_t, const ExportStatement& exported) {
    const Term value = evaluate(exported.value, {});
    if (value.kind == Term::Kind::Broken) return;
    if (exported.is_spread) return export_all(exported, value);
    std::string name = exported.as ? exported.as->text : infer_export_name(value);
    if (name.empty())
      return report(Code::WacExport, exported.value.span,
                    "this is the instance of a component, which has no name to be exported by",
                    "add `as \"NAME\"`, or `...` to export what it exports");
    const Span span = exported.as ? exported.as->span : exported.value.span;
    check_name(exported.as, {name, item_of(value)}, "export");
    add_export(value, std::move(name), span);
  }

  std::string infer_export_name(const Term& value) const {
    return value.interface.empty() ? value.name : value.interface;
  }

  void export_all(const ExportStatement& exported, const Term& value) {
    const Items* const items = exports_of(value);
    if (items == nullptr) return refuse_access(exported.value.span, "spread");
    bool has_effect = false;
    for (const ListedItem& item : items->list()) {
      if (exported_.contains(item.name)) continue;
      has_effect = true;
      add_export(access(value, item), item.name, exported.value.span, true);
    }
    if (!has_effect)
      report(Code::WacExport, exported.value.span,
             items->list().empty() ? "the instance has no exports"
                                   : "the composition already has every export of this instance",
             "remove the statement");
  }

  void add_export(const Term& value, std::string name, Span span, bool is_one_of_all = false) {
    if (const auto [known, is_new] = exported_.emplace(name, span); !is_new) {
      Diagnostic& problem =
          report(Code::WacExport, span, fmt::format("two exports are called `{}`", name));
      name_other(problem, "the other is", known->second);
      problem.hints.emplace_back("give one of them another name with `as`");
      return;
    }
    const Origin from = pass(value);
    translation_.policy.exports.push_back(
        {.unit = from.unit,
         .item = from.item,
         .as = from.item == name ? std::nullopt : std::optional(name),
         .where = source_.where(span),
         .is_one_of_all = is_one_of_all});
  }

  enum class Kind { Value, Type };
  void define(const Name& id, Term value, Kind kind = Kind::Value) {
    const auto [known, is_new] =
        locals_.try_emplace(id.text, Local{std::move(value), id.span, kind});
    if (is_new) return;
    Diagnostic& problem =
        report(Code::WacName, id.span, fmt::format("`{}` is already defined", id.text));
    name_other(problem, "its first definition is", known->second.span);
    problem.hints.emplace_back("choose another name");
  }

  // -- Expressions

  // name: for the unit, if the expression is a `new`.
  Term evaluate(const Expr& expr, std::string_view name) {
    Term value;
    if (expr.is_new)
      value = instantiate(expr, expr.accesses.empty() ? name : std::string_view());
    else
      value = find_local(expr.local);
    for (const Name& accessed : expr.accesses) {
      if (value.kind == Term::Kind::Broken) return value;
      value = find_access(value, accessed);
    }
    return value;
  }

  Term find_local(const Name& name) {
    const auto known = locals_.find(name.text);
    if (known != locals_.end() && known->second.kind == Kind::Value) return known->second.value;
    if (known != locals_.end()) {
      report(Code::WacName, name.span, fmt::format("`{}` is a type and not an item", name.text),
             "import or instantiate something of this type");
      return {};
    }
    std::vector<std::string> names;
    for (const auto& [known_name, local] : locals_)
      if (local.kind == Kind::Value) names.push_back(known_name);
    report(Code::WacName, name.span, fmt::format("`{}` is not defined", name.text),
           suggest_name(name.text, std::move(names), "names defined before"));
    return {};
  }

  types::Item item_of(const Term& value) const {
    return value.kind == Term::Kind::Unit ? types::Item(types::InstanceId{}) : value.item;
  }

  // The exports of an instance. Null: the value is not an instance.
  const Items* exports_of(const Term& value) {
    if (value.kind == Term::Kind::Unit) {
      const Component& component = *units_[value.source].component;
      return &unit_exports_.try_emplace(&component, component.type.exports).first->second;
    }
    const auto* instance = std::get_if<types::InstanceId>(&value.item);
    if (instance == nullptr) return nullptr;
    return &instance_exports_.try_emplace(instance->index, types_.instances[*instance].exports)
                .first->second;
  }

  static Term access(const Term& value, const ListedItem& item) {
    Term inner = value;
    if (value.kind == Term::Kind::Unit) inner.kind = Term::Kind::Export;
    inner.path.push_back(item.name);
    inner.item = item.item;
    inner.name = item.name;
    inner.interface = item.interface;
    return inner;
  }

  void refuse_access(Span span, std::string_view what) {
    report(Code::WacExport, span, fmt::format("only an instance can be {}", what),
           "name an instance: the result of `new`, or an import or export that is one");
  }

  Term find_access(const Term& value, const Name& accessed) {
    const Items* const items = exports_of(value);
    if (items == nullptr) {
      refuse_access(accessed.span, "accessed");
      return {};
    }
    if (const ListedItem* const item = items->find(accessed)) return access(value, *item);
    report(Code::WacExport, accessed.span,
           fmt::format("the instance has no export `{}`", accessed.text),
           suggest_name(accessed.text, items->names(), "exports"));
    return {};
  }

  // -- Instances

  std::string make_name(std::string_view wanted) {
    std::string name = is_unit_name(wanted) ? std::string(wanted) : propose_unit_name(wanted);
    const std::string base = name;
    for (std::size_t n = 2; !names_.insert(name).second; ++n) name = fmt::format("{}-{}", base, n);
    return name;
  }

  void add_unit(std::string name, std::string path, std::shared_ptr<const Bytes> bytes, Span span) {
    translation_.units.push_back({.name = std::move(name),
                                  .path = std::move(path),
                                  .bytes = std::move(bytes),
                                  .where = std::make_shared<const Location>(source_.where(span))});
  }

  Term instantiate(const Expr& created, std::string_view name) {
    if (created.package.name == document_.package.name) {
      report(Code::WacPackage, created.package.span,
             fmt::format("`{}` is the package of this file, which cannot contain itself",
                         created.package.text()),
             "name another package");
      return {};
    }
    const Result<const Component*> component = packages_.find_component(created.package);
    if (!component) {
      append(component.error());
      // The names in its arguments can be wrong too.
      for (const Argument& argument : created.arguments) (void)value_of(argument);
      return {};
    }
    Arguments arguments = collect_arguments(created, **component);
    if (arguments.is_broken) return {};
    const std::string& package = created.package.name;
    const std::string unit =
        make_name(name.empty() ? std::string_view(package).substr(package.rfind(':') + 1) : name);
    units_.push_back({unit, *component, created.package.span});
    const std::size_t index = units_.size() - 1;
    add_unit(unit, (*component)->path, (*component)->bytes, created.package.span);
    for (const auto& [import, argument] : arguments.values)
      add_wire(unit, import, pass(argument.value), argument.span);
    for (const types::RootItem& import : (*component)->type.imports)
      if (!arguments.values.contains(import.name)) implicit_.emplace(import.name, index);
    return {.kind = Term::Kind::Unit, .source = index};
  }

  struct Passed {
    Term value;
    Span span;
  };
  struct Arguments {
    std::map<std::string, Passed> values;  // by import
    bool is_broken = false;
  };

  Term value_of(const Argument& argument) {
    switch (argument.kind) {
      case Argument::Kind::Inferred:
      case Argument::Kind::Spread:
        return find_local(argument.name);
      case Argument::Kind::Named:
        return evaluate(argument.value, {});
      case Argument::Kind::Fill:
        break;
    }
    return {};
  }

  Arguments collect_arguments(const Expr& created, const Component& component) {
    const Items& imports =
        unit_imports_.try_emplace(&component, component.type.imports).first->second;
    Arguments arguments;
    bool has_fill = false;
    std::vector<std::pair<const Argument*, Term>> spreads;
    for (const Argument& argument : created.arguments) {
      if (gives_up()) break;
      if (argument.kind == Argument::Kind::Fill) {
        has_fill = true;
        if (&argument != &created.arguments.back())
          report(Code::WacArgument, argument.span, "`...` must be the last argument",
                 "move it to the end");
        continue;
      }
      Term value = value_of(argument);
      if (value.kind == Term::Kind::Broken) {
        arguments.is_broken = true;
      } else if (argument.kind == Argument::Kind::Spread) {
        spreads.emplace_back(&argument, std::move(value));
      } else {
        add_argument(created, imports, argument, std::move(value), arguments);
      }
    }
    for (const auto& [argument, value] : spreads) spread(*argument, value, imports, arguments);
    if (!has_fill && !arguments.is_broken) check_missing(created, imports, arguments);
    return arguments;
  }

  void add_argument(const Expr& created, const Items& imports, const Argument& argument, Term value,
                    Arguments& arguments) {
    const ListedItem* const import = argument.kind == Argument::Kind::Named
                                         ? imports.find(argument.name)
                                         : infer_argument(argument.name, value, imports);
    if (import == nullptr) {
      arguments.is_broken = true;
      return report(
          Code::WacArgument, argument.name.span,
          fmt::format("`{}` does not import `{}`", created.package.text(), argument.name.text),
          suggest_name(argument.name.text, imports.names(),
                       fmt::format("imports of `{}`", created.package.text())));
    }
    if (arguments.values.emplace(import->name, Passed{std::move(value), argument.span}).second)
      return;
    arguments.is_broken = true;
    report(Code::WacArgument, argument.name.span,
           fmt::format("the argument `{}` is given twice", import->name), "remove one of them");
  }

  static const ListedItem* infer_argument(const Name& local, const Term& value,
                                          const Items& imports) {
    for (const std::string& name : {value.interface, value.name})
      if (const ListedItem* const import = imports.find(name)) return import;
    return imports.find(local);
  }

  void spread(const Argument& argument, const Term& value, const Items& imports,
              Arguments& arguments) {
    const Items* const items = exports_of(value);
    if (items == nullptr) {
      arguments.is_broken = true;
      return refuse_access(argument.name.span, "spread");
    }
    bool has_effect = false;
    for (const ListedItem& import : imports.list()) {
      const ListedItem* const item = items->find(import.name);
      if (item == nullptr || arguments.values.contains(import.name)) continue;
      has_effect = true;
      arguments.values.emplace(import.name, Passed{access(value, *item), argument.span});
    }
    if (has_effect) return;
    arguments.is_broken = true;
    report(
        Code::WacArgument, argument.span,
        fmt::format("`{}` has no export that an argument is still missing for", argument.name.text),
        "remove it");
  }

  void check_missing(const Expr& created, const Items& imports, Arguments& arguments) {
    std::vector<std::string> missing;
    for (const ListedItem& import : imports.list())
      if (!arguments.values.contains(import.name))
        missing.push_back(fmt::format("`{}`", import.name));
    if (missing.empty()) return;
    arguments.is_broken = true;
    report(Code::WacArgument, created.package.span,
           fmt::format("`{}` is missing {}: {}", created.package.text(),
                       missing.size() == 1 ? "an argument" : "arguments", fmt::join(missing, ", ")),
           "pass them, or add `...` to make them imports of the composition");
  }

  void add_wire(const std::string& consumer, const std::string& import, const Origin& from,
                Span span) {
    translation_.policy.wires.push_back({.consumer = consumer,
                                         .import = import,
                                         .provider = from.unit,
                                         .export_name = from.item,
                                         .where = source_.where(span)});
  }

  // -- Passages

  // The export that gives a value to a wire or an export. What is not an export of a unit goes
  // through a passage.
  Origin pass(const Term& value) {
    if (value.kind == Term::Kind::Export && value.path.size() == 1)
      return {units_[value.source].name, value.path.front()};
    if (value.kind == Term::Kind::Import) return pass_import(value);
    return pass_part(value);
  }

  // Exports are called "p0", "p1", ...: names of the file could differ only in case.
  static Origin add_passed(Passing& passing, std::vector<std::string> key,
                           compose::PassedExport exported) {
    const auto [known, is_new] = passing.exports.try_emplace(std::move(key));
    if (is_new) {
      exported.name = known->second = fmt::format("p{}", passing.exports.size() - 1);
      passing.passage.exports.push_back(std::move(exported));
    }
    return {passing.unit, known->second};
  }

  Origin pass_import(const Term& value) {
    std::vector<std::string> key{std::to_string(value.source)};
    key.insert(key.end(), value.path.begin(), value.path.end());
    compose::PassedExport exported;
    exported.item = {static_cast<std::uint32_t>(value.source), value.path};
    return add_passed(import_passage(), std::move(key), std::move(exported));
  }

  Passing& import_passage() {
    if (imports_.unit.empty()) {
      imports_.unit = make_name("imports");
      imports_.passage.imports = declared_.imports;
    }
    return imports_;
  }

  // A part of an export of a unit, or all of a unit.
  Origin pass_part(const Term& value) {
    const Instance& unit = units_[value.source];
    Passing& passing = parts_[value.source];
    if (passing.unit.empty()) {
      passing.unit = make_name(unit.name + "-parts");
      for (const types::RootItem& item : unit.component->type.exports)
        if (!std::holds_alternative<types::Unsupported>(item.item)) {
          passing.imports.emplace(item.name,
                                  static_cast<std::uint32_t>(passing.passage.imports.size()));
          passing.passage.imports.push_back({item.name, item.item});
        }
    }
    const std::vector<types::NamedItem>& items = passing.passage.imports;
    compose::PassedExport exported;
    if (value.kind == Term::Kind::Unit) {
      exported.bundle.emplace();
      for (std::uint32_t i = 0; i < items.size(); ++i)
        exported.bundle->emplace_back(items[i].name, compose::PassedItem{i, {}});
    } else {
      exported.item = {passing.imports.at(value.path.front()),
                       {value.path.begin() + 1, value.path.end()}};
    }
    return add_passed(passing, value.path, std::move(exported));
  }

  void add_unit(const Passing& passing) {
    add_unit(passing.unit, {},
             std::make_shared<const Bytes>(compose::write_passage(types_, passing.passage)),
             document_.directive);
  }

  void write_passages() {
    // A plan has at least one unit.
    if (!declared_.imports.empty() || units_.empty()) (void)import_passage();
    if (!imports_.unit.empty()) add_unit(imports_);
    for (const auto& [index, passing] : parts_) {
      add_unit(passing);
      for (const types::NamedItem& item : passing.passage.imports)
        add_wire(passing.unit, item.name, {units_[index].name, item.name}, units_[index].span);
    }
  }

  // -- The whole

  // An import that the file declares is not one that `...` makes.
  void check_imports() {
    for (const auto& [name, span] : imported_) {
      const auto implicit = implicit_.find(name);
      if (implicit == implicit_.end()) continue;
      const Instance& unit = units_[implicit->second];
      Diagnostic& problem = report(
          Code::WacName, span,
          fmt::format("the import `{}` is also one that `...` adds for `{}`", name, unit.name));
      name_other(problem, fmt::format("`{}` is instantiated", unit.name), unit.span);
      problem.hints.emplace_back("pass it as an argument, or give it another name with `as`");
    }
  }

  // `wac compose` also exports each type of the file, by its name.
  void check_exports() {
    for (const auto& [name, span] : exported_) {
      const auto local = locals_.find(name);
      if (local == locals_.end() || local->second.kind != Kind::Type) continue;
      Diagnostic& problem =
          report(Code::WacExport, span,
                 fmt::format("the export `{}` has the name of a type of the file", name));
      name_other(problem, "the type is declared", local->second.span);
      problem.hints.emplace_back("give the export another name with `as`");
    }
  }

  // The unit whose domain gets the grants of the command line.
  void choose_root() {
    const auto& exports = translation_.policy.exports;
    const auto run = std::ranges::find_if(exports, [](const resolve::ExportRequest& exported) {
      return exported.as.value_or(exported.item).starts_with("wasi:cli/run");
    });
    translation_.policy.root = run != exports.end() ? run->unit
                               : exports.empty()    ? translation_.units.back().name
                                                    : exports.front().unit;
  }

  struct Local {
    Term value;
    Span span;
    Kind kind = Kind::Value;
  };

  const Document& document_;
  const Source& source_;
  Packages& packages_;
  types::Types& types_;
  DeclaredTypes declared_;
  std::map<std::string, Local> locals_;
  std::set<std::string> names_ = {"wasi"};
  std::vector<Instance> units_;
  std::map<const Component*, Items> unit_imports_;
  std::map<const Component*, Items> unit_exports_;
  std::map<std::uint32_t, Items> instance_exports_;  // by index of types::InstanceId
  Passing imports_;
  std::map<std::size_t, Passing> parts_;  // by unit
  std::map<std::string, Span> imported_;
  std::map<std::string, std::size_t> implicit_;  // the first unit with an import from outside
  std::map<std::string, Span> exported_;
  Translation translation_;
  Diagnostics problems_;
};

}  // namespace

Result<Translation> translate_wac(const std::string& path, const WacOptions& options,
                                  const Files& files) {
  TENON_TRY(std::string text, read_text_file(files, path, NamedBy::User));
  const Source source(path, std::move(text));
  TENON_TRY(const Document document, parse_wac(path, source.text));
  types::Types types;
  Packages packages(files, options, source, types);
  Result<Translation> translation = Translator(document, source, packages, types).translate();
  if (!translation)
    for (Diagnostic& problem : translation.error())
      if (problem.hints.empty() && problem.code == code_text(Code::WitSyntax))
        problem.hints.emplace_back(
            "types in a .wac file follow the rules of WIT: declare it here, or `use` it");
  return translation;
}

}  // namespace tenon::wac
