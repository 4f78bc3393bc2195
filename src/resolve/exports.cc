#include "resolve/exports.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "resolve/export_wishes.h"
#include "resolve/split.h"

namespace tenon::resolve {

namespace {

class ExportPlan final {
 public:
  explicit ExportPlan(Draft& draft) : draft_(draft) {}

  void run() {
    const std::vector<WantedExport> wanted = collect_wanted_exports(draft_);
    for (const WantedExport& item : wanted) wanted_.emplace(item.from, item);
    for (const WantedExport& item : wanted) write_with_uses(item);
  }

 private:
  struct Frame {
    WantedExport item;
    std::vector<UnitExport> uses;
    std::size_t next = 0;
  };

  // Writes an export after what it uses, with a stack of its own: uses go from unit to unit.
  void write_with_uses(const WantedExport& wanted) {
    std::vector<Frame> frames;
    push(frames, wanted);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.next < frame.uses.size()) {
        const UnitExport used = frame.uses[frame.next++];
        if (states_[used] != State::New) continue;
        const auto asked = wanted_.find(used);
        push(frames, asked != wanted_.end() ? asked->second : imply(used, frame.item.where));
        continue;
      }
      write(frame.item);
      states_[frame.item.from] = State::Written;
      frames.pop_back();
    }
  }

  WantedExport imply(UnitExport from, const Location& where) const {
    return {.name = shown_name(draft_, from),
            .from = from,
            .reason = ExportReason::Implied,
            .where = where};
  }

  void push(std::vector<Frame>& frames, WantedExport item) {
    states_[item.from] = State::Begun;
    std::vector<UnitExport> uses = find_uses(item.from);
    frames.push_back({std::move(item), std::move(uses), 0});
  }

  // The exports, of any unit, whose types an export uses.
  std::vector<UnitExport> find_uses(UnitExport from) {
    std::vector<UnitExport> uses;
    for (const types::Use& use :
         draft_.uses_of(from.unit).uses_of({types::Side::Export, from.index})) {
      std::optional<UnitExport> used = find_used(from.unit, use);
      if (used && std::find(uses.begin(), uses.end(), *used) == uses.end()) uses.push_back(*used);
    }
    return uses;
  }

  std::optional<UnitExport> find_used(UnitIndex unit, const types::Use& use) {
    if (use.from.side == types::Side::Export) return UnitExport{unit, use.from.position};
    if (const ResourceId* resource = std::get_if<ResourceId>(&use.type))
      return find_maker(*resource);
    DraftImport& import = draft_.import_at({unit, use.from.position});
    switch (import.outcome) {
      case Outcome::Provided:
        if (draft_.is_inside(import.choice->from.unit)) return import.choice->from;
        return std::nullopt;
      case Outcome::Types:
        import.named_by = find_exporter_of_types(import);
        return import.named_by;
      case Outcome::Undecided:
      case Outcome::Open:
      case Outcome::Trap:
      case Outcome::Failed:
        return std::nullopt;
    }
    return std::nullopt;
  }

  // The export by which the unit that makes a resource names it.
  std::optional<UnitExport> find_maker(ResourceId resource) {
    const std::optional<ResourceId> definition = draft_.classes->find_definition(resource);
    if (!definition) return std::nullopt;
    const std::optional<UnitIndex> maker = draft_.find_maker(*definition);
    if (!maker || !draft_.is_inside(*maker)) return std::nullopt;
    const types::UseIndex::Origin* origin = draft_.uses_of(*maker).find_origin(*definition);
    if (origin == nullptr || origin->item.side != types::Side::Export) return std::nullopt;
    return UnitExport{*maker, origin->item.position};
  }

  // A unit's export of an interface of value types, or else a name for the import. Exports of
  // nothing but types are all the same; one with functions must be the only one.
  std::optional<UnitExport> find_exporter_of_types(const DraftImport& import) {
    std::vector<UnitExport> types_only;
    std::vector<UnitExport> others;
    for (const types::ItemName& name : import.names) {
      for (const UnitExport from : draft_.exports.find_matches(name)) {
        if (!draft_.is_inside(from.unit)) continue;
        const types::Item& item = draft_.item(from).item;
        if (!draft_.relation.compare(draft_.item(import.at).item, item).fits()) continue;
        const bool is_types = types::is_value_types_only(draft_.inputs.types, item);
        (is_types ? types_only : others).push_back(from);
      }
    }
    if (!types_only.empty())
      return *std::min_element(
          types_only.begin(), types_only.end(),
          [&](UnitExport a, UnitExport b) { return is_better(draft_, import, a, b); });
    if (others.size() == 1) return others.front();
    draft_.named_imports.push_back(draft_.first_import[import.at.unit] + import.at.index);
    return std::nullopt;
  }

  void write(const WantedExport& wanted) {
    const bool implied = wanted.reason == ExportReason::Implied;
    const Result<types::ItemName> name = types::parse_item_name(wanted.name);
    const std::string key = name ? types::uniqueness_key(*name) : wanted.name;
    const auto [at, is_first] = by_key_.emplace(key, draft_.made_exports.size());
    if (is_first) {
      draft_.made_exports.push_back({wanted.name, wanted.from, implied});
      return;
    }
    DraftExport& other = draft_.made_exports[at->second];
    if (other.from == wanted.from && other.name == wanted.name) {
      other.implied = other.implied && implied;
      return;
    }
    if (other.name == wanted.name && are_same_values(other.from, wanted.from)) return;
    if (wanted.reason == ExportReason::All && may_pass_over(wanted))
      return note_passed_over(wanted, other);
    report_clash(wanted, other);
  }

  bool are_same_values(UnitExport a, UnitExport b) {
    const types::Item& item_a = draft_.item(a).item;
    const types::Item& item_b = draft_.item(b).item;
    return types::is_value_types_only(draft_.inputs.types, item_a) &&
           types::is_value_types_only(draft_.inputs.types, item_b) &&
           draft_.relation.compare(item_a, item_b).fits() &&
           draft_.relation.compare(item_b, item_a).fits();
  }

  // Toolchains leave instances with a plain name behind; and interfaces of value types name nothing
  // that a caller could miss.
  bool may_pass_over(const WantedExport& wanted) const {
    const types::Item& item = draft_.item(wanted.from).item;
    const bool is_plain = draft_.export_names[wanted.from.unit][wanted.from.index].front().kind ==
                          types::NameKind::Label;
    return (is_plain && std::holds_alternative<types::InstanceId>(item)) ||
           types::is_value_types_only(draft_.inputs.types, item);
  }

  void note_passed_over(const WantedExport& wanted, const DraftExport& other) {
    Diagnostic note = make_diagnostic(
        Code::NoteExportPassedOver, "`{}` of `{}` is not exported: `{}` exports the same name",
        wanted.name, draft_.unit_name(wanted.from.unit), draft_.unit_name(other.from.unit));
    note.where = where_of(draft_, wanted.from);
    draft_.notes.push_back(std::move(note));
  }

  void report_clash(const WantedExport& wanted, const DraftExport& other) {
    Diagnostic problem = make_diagnostic(
        Code::ResolveExportClash, "the composition would export `{}` twice: of `{}` and of `{}`",
        wanted.name, draft_.unit_name(other.from.unit), draft_.unit_name(wanted.from.unit));
    problem.where = wanted.where;
    for (const auto& [from, is_implied] :
         {std::pair(other.from, other.implied),
          std::pair(wanted.from, wanted.reason == ExportReason::Implied)}) {
      problem.notes.push_back(
          {.text = fmt::format("`{}` exports `{}`{}", draft_.unit_name(from.unit),
                               shown_name(draft_, from),
                               is_implied ? ", and another export uses its types" : ""),
           .excerpt = {},
           .related = where_of(draft_, from)});
      if (!is_implied)
        problem.hints.push_back(fmt::format(
            "give it a name of its own: add `--export {}:{}={}`, or `export_item` in a program",
            draft_.unit_name(from.unit), shown_name(draft_, from), propose_name(from)));
    }
    draft_.problems.push_back(std::move(problem));
  }

  // A label that says whose it is: "kv-store".
  std::string propose_name(UnitExport from) const {
    const types::ItemName& name = draft_.export_names[from.unit][from.index].front();
    return fmt::format("{}-{}", draft_.unit_name(from.unit),
                       name.kind == types::NameKind::Interface ? name.interface : name.text);
  }

  enum class State : std::uint8_t { New, Begun, Written };

  Draft& draft_;
  std::map<UnitExport, WantedExport> wanted_;
  std::map<UnitExport, State> states_;
  std::map<std::string, std::size_t> by_key_;  // positions in Draft::made_exports
};

}  // namespace

void plan_exports(Draft& draft) { ExportPlan(draft).run(); }

}  // namespace tenon::resolve
