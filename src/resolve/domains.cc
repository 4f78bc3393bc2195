#include "resolve/domains.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "resolve/domain_cycles.h"
#include "resolve/wires.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

// What is instantiated together cannot start later.
void check_lazy(Draft& draft, const DraftImport& import) {
  if (import.wire == nullptr || !import.wire->lazy) return;
  const std::string& provider = draft.unit_name(import.choice->from.unit);
  const bool is_inside = draft.is_inside(import.choice->from.unit);
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, and {}", print_wire(*import.wire),
      is_native(draft, import) ? fmt::format("`{}` is of the program, which runs already", provider)
      : is_inside              ? fmt::format("`{}` is in the domain of `{}` itself", provider,
                                             draft.unit_name(import.at.unit))
                  : fmt::format("`{}` is of another composition, which runs already", provider));
  problem.where = import.wire->where;
  problem.notes.push_back(
      {.text = "a lazy wire starts the domain of its provider at the first call",
       .excerpt = {},
       .related = {}});
  problem.hints.push_back(
      is_inside ? fmt::format("place `{}` in another domain, or leave `lazy` out", provider)
                : std::string("leave `lazy` out"));
  draft.problems.push_back(std::move(problem));
}

// A wire that names no provider has none to start later.
void check_lazy_target(Draft& draft, const Wire& wire) {
  if (!wire.lazy || wire.provider) return;
  Diagnostic problem = make_diagnostic(
      Code::ResolveWireType, "the wire `{}` is lazy, and names no provider to start later",
      print_wire(wire));
  problem.where = wire.where;
  problem.hints.emplace_back("name the provider, or leave `lazy` out");
  draft.problems.push_back(std::move(problem));
}

// What keeps one function from being called across.
struct Obstacle {
  std::string function;  // empty: the import itself
  std::string why;
};

class BridgeCheck final {
 public:
  explicit BridgeCheck(Draft& draft) : draft_(draft), types_(draft.inputs.types) {}

  void check(const DraftImport& import) {
    obstacles_.clear();
    consumer_ = import.at.unit;
    provider_ = import.choice->from.unit;
    // What follows a resource has the ties of that.
    ties_ = (import.leader ? draft_.imports[*import.leader] : import).choice->ties;
    const types::Item& item = draft_.item(import.at).item;
    if (is_package_elsewhere())
      obstacles_.push_back({"", "a packr package is called in its own composition alone"});
    else
      visit("", item);
    if (obstacles_.empty())
      if (std::optional<std::string> why =
              judge_resources(types::mentioned_resources(types_, item)))
        obstacles_.push_back({"", *std::move(why)});
    if (!obstacles_.empty()) report(import);
  }

 private:
  // Instances in instances: nesting is bounded by evaluation.
  void visit(const std::string& path, const types::Item& item) {
    if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        visit(path.empty() ? part.name : path + "." + part.name, part.item);
    } else if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      if (std::optional<std::string> why = judge(*function))
        obstacles_.push_back({path, *std::move(why)});
    }
  }

  std::optional<std::string> judge(types::FunctionId id) {
    if (types_.functions[id].is_async) return "it is `async`";
    for (const types::TypeId type : types::mentioned_types(types_, id)) {
      const auto& kind = types_.types[type].kind;
      if (std::holds_alternative<types::Stream>(kind)) return "it passes a `stream`";
      if (std::holds_alternative<types::Future>(kind)) return "it passes a `future`";
      const auto* primitive = std::get_if<types::Primitive>(&kind);
      if (primitive != nullptr && *primitive == types::Primitive::ErrorContext)
        return "it passes an `error-context`";
    }
    return judge_resources(types::mentioned_resources(types_, id));
  }

  std::optional<std::string> judge_resources(const std::vector<ResourceId>& resources) {
    for (const ResourceId resource : resources) {
      const std::optional<ResourceId> made = draft_.classes->find_definition(resource);
      const std::optional<UnitIndex> maker = made ? draft_.find_maker(*made) : std::nullopt;
      const std::string& name = types_.resources[resource].name;
      if (!maker)
        return draft_.unit(provider_).is_running
                   ? of_no_unit(name)
                   : fmt::format(
                         "it needs `{}`, which an import that is left open brings in, and each "
                         "domain has its own of that",
                         name);
      if (maker == draft_.wasi)
        return fmt::format("it needs `{}`, a resource of WASI, and each domain has its own of that",
                           name);
      if (draft_.unit(provider_).is_running && !is_lent(resource)) return of_no_unit(name);
      if (draft_.domain_of[*maker] == draft_.domain_of[consumer_])
        return fmt::format("it needs `{}`, which `{}` makes in the domain of `{}` itself", name,
                           draft_.unit_name(*maker), draft_.unit_name(consumer_));
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_package_elsewhere() const {
    const Unit& provider = draft_.unit(provider_);
    return provider.is_running && provider.kind == UnitKind::Package;
  }

  static std::string of_no_unit(const std::string& resource) {
    return fmt::format(
        "it needs `{}`, which no unit of its composition makes, and each domain has its own of "
        "that",
        resource);
  }

  // Whether the provider, which runs, has it of a composition that makes it: such a resource has a
  // definition of its own. What it has of nobody may be tied to any.
  bool is_lent(ResourceId wanted) {
    const auto tie = std::ranges::find(ties_, wanted, &Tie::wanted);
    return tie != ties_.end() && draft_.find_maker(tie->found).has_value();
  }

  void report(const DraftImport& import) {
    const Obstacle& first = obstacles_.front();
    const bool is_bare = first.function.empty();
    if (is_native(draft_, import)) return report_native(import);
    const bool is_running = draft_.unit(provider_).is_running;
    Diagnostic problem = make_diagnostic(
        Code::ResolvePlacement,
        "`{}` imports `{}` of `{}`, which is in another {}, and {} cannot cross: {}",
        draft_.unit_name(consumer_), shown_name(import), draft_.unit_name(provider_),
        is_running ? "composition" : "domain",
        is_bare ? std::string("that") : fmt::format("`{}`", first.function), first.why);
    problem.where = where_of(draft_, import.at);
    for (std::size_t i = 1; i < obstacles_.size(); ++i)
      problem.notes.push_back(
          {.text = fmt::format("nor can `{}`: {}", obstacles_[i].function, obstacles_[i].why),
           .excerpt = {},
           .related = {}});
    problem.notes.push_back(
        {.text = fmt::format("`{}` is in the domain `{}`, `{}` in `{}`",
                             draft_.unit_name(consumer_), draft_.unit(consumer_).domain,
                             draft_.unit_name(provider_), draft_.unit(provider_).domain),
         .excerpt = {},
         .related = where_of(draft_, import.choice->from)});
    problem.hints.push_back(
        is_running ? fmt::format("add the {} of `{}` to this composition, or wire `{}` to another "
                                 "unit",
                                 is_package_elsewhere() ? "package" : "component",
                                 draft_.unit_name(provider_), shown_name(import))
                   : fmt::format("place `{}` and `{}` in one domain", draft_.unit_name(consumer_),
                                 draft_.unit_name(provider_)));
    draft_.problems.push_back(std::move(problem));
  }

  // Of an import that the program meets.
  void report_native(const DraftImport& import) {
    for (const Obstacle& obstacle : obstacles_) {
      Diagnostic problem = make_diagnostic(
          Code::ResolvePlacement, "`{}` imports `{}` of the program, and {} cannot be called: {}",
          draft_.unit_name(consumer_), shown_name(import),
          obstacle.function.empty() ? std::string("that") : fmt::format("`{}`", obstacle.function),
          obstacle.why);
      problem.where = where_of(draft_, import.at);
      problem.hints.push_back("leave it out of what the program provides");
      draft_.problems.push_back(std::move(problem));
    }
  }

  Draft& draft_;
  const types::Types& types_;
  UnitIndex consumer_ = 0;  // of the import that is looked at
  UnitIndex provider_ = 0;
  std::span<const Tie> ties_;
  std::vector<Obstacle> obstacles_;
};

// The import by which an export of a unit comes from outside of its domain as it is; null: the
// domain makes it.
const DraftImport* find_passed_import(Draft& draft, UnitExport from) {
  // Units that pass on what they import from each other are a circle, which is reported.
  for (UnitIndex left = draft.linked; left > 0; --left) {
    const std::optional<std::uint32_t> passed = draft.item(from).passed_import;
    if (!passed) return nullptr;
    const DraftImport& import = draft.import_at({from.unit, *passed});
    if (import.outcome != Outcome::Provided) return nullptr;
    const bool is_inside = import.choice->from.unit < draft.linked && !is_bridged(draft, import) &&
                           !is_native(draft, import);
    if (!is_inside) return &import;
    from = import.choice->from;
  }
  return nullptr;
}

// The engine calls no export of a component that is one of its imports.
void check_passed_import(Draft& draft, const DraftImport& consumer) {
  const DraftImport* const passed = find_passed_import(draft, consumer.choice->from);
  if (passed == nullptr) return;
  const std::string& unit = draft.unit_name(passed->at.unit);
  const UnitExport source = passed->choice->from;
  Diagnostic problem = make_diagnostic(
      Code::ResolvePlacement,
      "`{}` imports `{}` of `{}`, which is in another domain, and that cannot cross: `{}` exports "
      "its own import `{}` as it is",
      draft.unit_name(consumer.at.unit), shown_name(consumer),
      draft.unit_name(consumer.choice->from.unit), unit, shown_name(*passed));
  problem.where = where_of(draft, consumer.at);
  if (source.unit < draft.linked) {
    problem.notes.push_back(
        {.text = fmt::format("`{}` gets it from `{}`", unit, draft.unit_name(source.unit)),
         .excerpt = {},
         .related = {}});
    problem.hints.push_back(fmt::format(
        "let `{0}` import it from `{1}` itself: `--wire {0}:{2}={1}:{3}`, or a `[[wire]]`",
        draft.unit_name(consumer.at.unit), draft.unit_name(source.unit), shown_name(consumer),
        shown_name(draft, source)));
  }
  problem.hints.push_back(
      fmt::format("or place `{}` in the domain of `{}`", unit, draft.unit_name(consumer.at.unit)));
  draft.problems.push_back(std::move(problem));
}

}  // namespace

bool is_bridged(const Draft& draft, const DraftImport& import) {
  if (import.outcome != Outcome::Provided || import.choice->from.unit >= draft.linked) return false;
  const UnitKind kind = draft.unit(import.choice->from.unit).kind;
  const bool has_instance =
      kind == UnitKind::Component || kind == UnitKind::Composition || kind == UnitKind::Package;
  return has_instance &&
         draft.domain_of[import.at.unit] != draft.domain_of[import.choice->from.unit];
}

bool is_native(const Draft& draft, const DraftImport& import) {
  return import.outcome == Outcome::Provided && import.choice->from.unit < draft.linked &&
         is_native(draft.unit(import.choice->from.unit).kind);
}

void check_domains(Draft& draft) {
  for (const Wire& wire : draft.inputs.policy.wires) check_lazy_target(draft, wire);
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided &&
        (!is_bridged(draft, import) || !draft.is_inside(import.choice->from.unit)))
      check_lazy(draft, import);
  check_domain_cycles(draft);
  BridgeCheck bridges(draft);
  for (const DraftImport& import : draft.imports) {
    if (is_bridged(draft, import) || is_native(draft, import)) bridges.check(import);
    if (is_bridged(draft, import)) check_passed_import(draft, import);
  }
}

}  // namespace tenon::resolve
