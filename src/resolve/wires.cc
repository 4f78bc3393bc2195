// Wires and chains: the lines of the user that decide imports.
//
// A line can match many imports (no consumer, no version, a glob), and an import can match many
// lines. Of these, the most specific one decides: one that names the consumer before one that does
// not, then by how specific the name is. Two of the same rank that disagree are an error, so the
// order of the lines has no meaning. Provider and chain are decided separately: one line can name
// the provider and another the chain.
//
// A line matches an import with a label by this label or by the interface that it implements. Of two
// lines of equal rank, the one with the label decides. If a unit imports an interface under its own name
// and under labels, a line with the interface name means the first import only.
//
// A chain `via = [a, b]` means consumer -> a -> b -> provider. Each member imports the interface
// that it also exports. Every import on the way gets the next unit as its `hop`; the import of the
// last member is decided as that of the consumer would have been, but never by a unit in front of
// it. An import can be part of one chain only. If two chains need different hops at one member, the
// unit must be declared twice, since one instance has one argument for each import. Members that are
// not units are middleware: they wrap the calls on the way to the next unit.
//
// A line with an error has no effect, and the imports that it would have decided are not reported:
// the line is the one mistake.
#include "resolve/wires.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "resolve/candidates.h"
#include "resolve/hints.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "support/measures.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

struct ParsedWire {
  const Wire* wire = nullptr;
  NamePattern pattern;
  std::optional<UnitIndex> consumer;
  std::optional<UnitIndex> provider;
  std::vector<UnitIndex> via;
  std::size_t matched = 0;  // number of imports that it matches, whether or not it decides them
  bool is_broken = false;   // reported; the imports that it would decide are not

  [[nodiscard]] bool decides_provider() const {
    return !wire->provider.empty() || wire->target != Wire::Target::Provider;
  }
};

// What `via` can name.
std::vector<std::string> member_names(const Draft& draft) {
  std::vector<std::string> names = {"tenon:cache", "tenon:log"};
  for (const Unit& unit : draft.inputs.units) names.push_back(unit.name);
  for (const Middleware& middleware : draft.inputs.policy.middleware)
    names.push_back(middleware.name);
  return names;
}

std::vector<std::string> unit_names(const Draft& draft) {
  std::vector<std::string> names;
  names.reserve(draft.inputs.units.size());
  for (const Unit& unit : draft.inputs.units) names.push_back(unit.name);
  return names;
}

Diagnostic make_problem(Code code, const Wire& wire, const std::string& why) {
  Diagnostic problem = make_diagnostic(code, "the {} `{}` {}", wire.via.empty() ? "wire" : "chain",
                                       print_wire(wire), why);
  problem.where = wire.where;
  return problem;
}

// The units that a broken wire names may be used once the wire is fixed, so they are not unused.
void consider_named_units(Draft& draft, const Wire& wire) {
  const auto consider = [&](const std::string& name) {
    if (const std::optional<UnitIndex> unit = draft.find_unit(name)) draft.considered[*unit] = true;
  };
  if (!wire.provider.empty()) consider(wire.provider);
  for (const std::string& member : wire.via) consider(member);
}

// Finds the units that a wire names. Absent: an error is reported, and it is unknown which imports
// the wire is about.
std::optional<ParsedWire> parse_wire(Draft& draft, const Wire& wire) {
  ParsedWire parsed{.wire = &wire, .pattern = {}, .consumer = {}, .provider = {}, .via = {}};
  const auto fail = [&](Code code, const std::string& why, const std::string& hint) {
    Diagnostic problem = make_problem(code, wire, why);
    problem.hints.push_back(hint);
    consider_named_units(draft, wire);
    draft.problems.push_back(std::move(problem));
    parsed.is_broken = true;
    const bool is_about_imports =
        !parsed.pattern.path.empty() && parsed.consumer.has_value() != wire.consumer.empty();
    return is_about_imports ? std::optional(parsed) : std::nullopt;
  };
  Result<NamePattern, VersionError> pattern = parse_name_pattern(wire.import);
  if (!pattern)
    return fail(Code::ResolveWireUnused,
                fmt::format("matches nothing: `{}` is not a valid import name: {}", wire.import,
                            pattern.error().reason),
                "write `acme:tax/lib`, `acme:tax/lib@1.2.0`, `acme:tax/lib@^1`, `acme:tax/*` or a "
                "plain name");
  parsed.pattern = *std::move(pattern);
  if (!wire.consumer.empty()) {
    parsed.consumer = draft.find_unit(wire.consumer);
    if (!parsed.consumer)
      return fail(Code::ResolveWireUnused,
                  fmt::format("matches nothing: there is no unit `{}`", wire.consumer),
                  suggest_name(wire.consumer, unit_names(draft), "units"));
  }
  if (!wire.provider.empty()) {
    parsed.provider = draft.find_unit(wire.provider);
    if (!parsed.provider && !wire.optional)
      return fail(Code::ResolveWireUnused,
                  fmt::format("matches nothing: there is no unit `{}`", wire.provider),
                  suggest_name(wire.provider, unit_names(draft), "units"));
  }
  for (auto member_name = wire.via.begin(); member_name != wire.via.end(); ++member_name) {
    const std::string& name = *member_name;
    const std::optional<UnitIndex> member = draft.find_unit(name);
    const bool is_middleware = draft.find_middleware(name) != nullptr;
    if (!member && !is_middleware)
      return fail(Code::ResolveChain,
                  fmt::format("cannot be made: there is no unit or middleware `{}`", name),
                  suggest_name(name, member_names(draft), "units and middleware"));
    const bool repeats = std::find(wire.via.begin(), member_name, name) != member_name;
    if (is_middleware && repeats)
      return fail(Code::ResolveChain, fmt::format("cannot be made: `{}` is a member twice", name),
                  "remove one of the two");
    if (is_middleware) continue;
    if (replaces_provider(draft.unit(*member).kind) && member_name + 1 != wire.via.end())
      return fail(Code::ResolveChain,
                  fmt::format("cannot be made: `{}` answers calls itself, so `{}` behind it would "
                              "never be called",
                              name, *(member_name + 1)),
                  fmt::format("make `{}` the last member", name));
    if (repeats || parsed.provider == member || parsed.consumer == member)
      return fail(Code::ResolveChain,
                  fmt::format("cannot be made: `{}` is {}", name,
                              repeats ? "a member twice" : "both a member and an end of it"),
                  fmt::format("declare `{}` twice, under two names", name));
    parsed.via.push_back(*member);
  }
  if (parsed.consumer && parsed.provider && parsed.consumer == parsed.provider)
    return fail(Code::ResolveWireUnused, "matches nothing: a unit never provides for itself",
                "name another unit as the provider");
  if (wire.optional && wire.target != Wire::Target::Provider)
    return fail(Code::ResolveWireUnused,
                "contradicts itself: an import without a provider cannot be optional",
                "remove `optional`, or the other target");
  if (!parsed.decides_provider() && wire.via.empty() && !wire.optional)
    return fail(Code::ResolveWireUnused, "has no effect: it has neither a provider nor a chain",
                "name a provider, or a chain with `via`");
  if (wire.adapt && wire.provider.empty())
    return fail(Code::ResolveWireUnused,
                "has no effect: `adapt` is about a provider, and it names none",
                "name the provider, or remove `adapt`");
  if (wire.buffers && wire.provider.empty())
    return fail(Code::ResolveWireUnused,
                "has no effect: `buffers` is about a provider, and it names none",
                "name the provider, or remove `buffers`");
  return parsed;
}

// Wires by consumer and path, so that each import is compared with few of them. Globs have no path
// and are compared with every import of their consumer.
class WireIndex final {
 public:
  WireIndex(const Draft& draft, std::vector<ParsedWire>& wires) : wires_(wires) {
    for (std::uint32_t w = 0; w < wires.size(); ++w) {
      if (wires[w].pattern.is_glob)
        globs_[wires[w].consumer].push_back(w);
      else
        exact_[{wires[w].consumer, wires[w].pattern.path}].push_back(w);
    }
    if (wires.empty()) return;
    std::set<UnitIndex> labelled;
    for (const DraftImport& import : draft.imports)
      if (import.names.size() > 1) labelled.insert(import.at.unit);
    for (const DraftImport& import : draft.imports)
      if (labelled.contains(import.at.unit) && !import.names.empty() &&
          is_interface(import.names.front()))
        own_[{import.at.unit, import.names.front().path}].push_back(&import.names.front());
  }

  // The wires that match an import, in order.
  [[nodiscard]] std::vector<std::uint32_t> find_matches(const DraftImport& import) const {
    std::vector<std::uint32_t> matches;
    for (const std::optional<UnitIndex> consumer : {std::optional(import.at.unit), {}}) {
      for (const types::ItemName& name : import.names) {
        const auto exact = exact_.find({consumer, unversioned_name(name)});
        if (exact != exact_.end()) add_matches(import, exact->second, matches);
      }
      const auto globs = globs_.find(consumer);
      if (globs != globs_.end()) add_matches(import, globs->second, matches);
    }
    std::sort(matches.begin(), matches.end());
    matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
    return matches;
  }

 private:
  using Key = std::pair<std::optional<UnitIndex>, std::string>;

  void add_matches(const DraftImport& import, const std::vector<std::uint32_t>& positions,
                   std::vector<std::uint32_t>& matches) const {
    for (const std::uint32_t w : positions)
      if (applies(wires_[w], import)) matches.push_back(w);
  }

  [[nodiscard]] bool applies(const ParsedWire& parsed, const DraftImport& import) const {
    if (!parsed.consumer) {
      // A wire for every consumer must not make its provider or its chain provide for themselves.
      if (parsed.provider == import.at.unit) return false;
      if (std::find(parsed.via.begin(), parsed.via.end(), import.at.unit) != parsed.via.end())
        return false;
    }
    if (matches_name(parsed.pattern, import.names.front())) return true;
    return std::any_of(import.names.begin() + 1, import.names.end(),
                       [&](const types::ItemName& name) {
                         return matches_name(parsed.pattern, name) && !has_own(parsed, import);
                       });
  }

  // Whether the unit of an import also imports the interface that a wire names under its own name.
  [[nodiscard]] bool has_own(const ParsedWire& parsed, const DraftImport& import) const {
    if (parsed.pattern.is_glob) return false;
    const auto own = own_.find({import.at.unit, parsed.pattern.path});
    return own != own_.end() && std::ranges::any_of(own->second, [&](const types::ItemName* name) {
             return matches_name(parsed.pattern, *name);
           });
  }

  const std::vector<ParsedWire>& wires_;
  // The interface names that imports have of their own, by unit and path, in units with labels that
  // implement an interface.
  std::map<std::pair<UnitIndex, std::string>, std::vector<const types::ItemName*>> own_;
  std::map<Key, std::vector<std::uint32_t>> exact_;
  std::map<std::optional<UnitIndex>, std::vector<std::uint32_t>> globs_;
};

// A wire that names the import itself comes before one that names an interface which it implements.
std::tuple<bool, Precision, bool> rank(const ParsedWire& parsed, const DraftImport& import) {
  return {parsed.consumer.has_value(), parsed.pattern.precision,
          matches_name(parsed.pattern, import.names.front())};
}

// The options that `print_wire` leaves out: " with `lazy = true`".
std::string print_options(const Wire& wire) {
  std::vector<std::string> options;
  if (wire.lazy) options.emplace_back("`lazy = true`");
  if (!wire.on_failure.empty())
    options.push_back(fmt::format("`on-failure = \"{}\"`", wire.on_failure));
  if (wire.stream_buffer)
    options.push_back(fmt::format("`stream-buffer = \"{}\"`", print_size(*wire.stream_buffer)));
  if (wire.adapt) options.emplace_back("`adapt = true`");
  if (wire.buffers) options.emplace_back("`buffers = true`");
  return options.empty() ? std::string() : fmt::format(" with {}", fmt::join(options, ", "));
}

void report_conflict(Draft& draft, const DraftImport& import, const Wire& a, const Wire& b) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveAmbiguous, "`{}` imports `{}`, and two wires disagree about it",
                      draft.unit_name(import.at.unit), shown_name(import));
  problem.where = where_of(draft, import.at);
  for (const Wire* wire : {&a, &b}) {
    consider_named_units(draft, *wire);
    const Location& place = wire->where;
    const std::string line =
        place.line == 0 ? "" : fmt::format(", in {}:{}", place.file, place.line);
    problem.notes.push_back(
        {.text = fmt::format("one is `{}`{}{}", print_wire(*wire), print_options(*wire), line),
         .excerpt = {},
         .related = wire->where});
  }
  const bool are_for_consumers = !a.consumer.empty() && !b.consumer.empty();
  problem.hints.emplace_back(are_for_consumers ? "remove one of them"
                                               : "remove one of them, or name the consumer in one");
  draft.problems.push_back(std::move(problem));
}

// The provider that a line names, and its options of the edge.
auto decision_of(const Wire& wire) {
  return std::tie(wire.provider, wire.target, wire.export_name, wire.lazy, wire.on_failure,
                  wire.stream_buffer, wire.adapt, wire.buffers);
}

// The most specific of the matching wires for which `is_about` holds; null if there is none. Reports
// two of the same rank unless `is_same` holds.
template <class IsAbout, class IsSame>
const Wire* pick(Draft& draft, DraftImport& import, const std::vector<ParsedWire>& wires,
                 const std::vector<std::uint32_t>& matches, IsAbout is_about, IsSame is_same) {
  const ParsedWire* best = nullptr;
  const ParsedWire* rival = nullptr;
  for (const std::uint32_t w : matches) {
    const ParsedWire& parsed = wires[w];
    if (parsed.is_broken || !is_about(parsed)) continue;
    if (best == nullptr || rank(parsed, import) > rank(*best, import)) {
      best = &parsed;
      rival = nullptr;
    } else if (rank(parsed, import) == rank(*best, import) && !is_same(*parsed.wire, *best->wire)) {
      rival = &parsed;
    }
  }
  if (rival != nullptr) {
    report_conflict(draft, import, *best->wire, *rival->wire);
    import.outcome = Outcome::Failed;
  }
  return best == nullptr ? nullptr : best->wire;
}

const Wire* pick_provider(Draft& draft, DraftImport& import, const std::vector<ParsedWire>& wires,
                          const std::vector<std::uint32_t>& matches) {
  return pick(
      draft, import, wires, matches, [](const ParsedWire& w) { return w.decides_provider(); },
      [](const Wire& a, const Wire& b) { return decision_of(a) == decision_of(b); });
}

void decide_wires(Draft& draft, DraftImport& import, const std::vector<ParsedWire>& wires,
                  const std::vector<std::uint32_t>& matches) {
  import.wire = pick_provider(draft, import, wires, matches);
  import.chain = pick(
      draft, import, wires, matches, [](const ParsedWire& w) { return !w.wire->via.empty(); },
      [](const Wire& a, const Wire& b) { return a.via == b.via; });
}

// Whether a broken wire would have decided an import, and no other wire does. Every problem of such
// an import would follow from that of the wire.
bool is_left_to_broken_wire(const std::vector<ParsedWire>& wires,
                            const std::vector<std::uint32_t>& matches) {
  const auto decides = [&](std::uint32_t w) {
    return !wires[w].is_broken && wires[w].decides_provider();
  };
  const auto is_broken = [&](std::uint32_t w) { return wires[w].is_broken; };
  return std::any_of(matches.begin(), matches.end(), is_broken) &&
         std::none_of(matches.begin(), matches.end(), decides);
}

// A wire can name one function of an interface that a package imports: "math.double".
void add_functions(const Draft& draft, const DraftImport& import, std::vector<std::string>& names) {
  const types::RootItem& item = draft.item(import.at);
  const auto* instance = std::get_if<types::InstanceId>(&item.item);
  if (!has_packr_types(draft.unit(import.at.unit).kind) || instance == nullptr) return;
  for (const types::NamedItem& part : draft.inputs.types.instances[*instance].exports)
    names.push_back(fmt::format("{}.{}", item.name, part.name));
}

void report_unused(Draft& draft, const ParsedWire& parsed) {
  consider_named_units(draft, *parsed.wire);
  Diagnostic problem = make_problem(
      Code::ResolveWireUnused, *parsed.wire,
      parsed.consumer ? fmt::format("matches nothing: `{}` has no such import",
                                    draft.unit_name(*parsed.consumer))
                      : "matches nothing: no unit to which it applies has such an import");
  std::vector<std::string> names;
  for (const DraftImport& import : draft.imports)
    if (!parsed.consumer || import.at.unit == *parsed.consumer) {
      for (const types::ItemName& name : import.names) {
        names.push_back(unversioned_name(name));
        if (name.version && parsed.pattern.path == name.path) names.push_back(name.full_text());
      }
      add_functions(draft, import, names);
    }
  if (std::find(names.begin(), names.end(), parsed.pattern.path) != names.end()) {
    // The path is right and only the version is not, so only versions are proposed.
    std::erase_if(names, [&](const std::string& name) {
      return !name.starts_with(parsed.pattern.path + "@");
    });
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty())
      problem.notes.push_back(
          {.text = fmt::format("imports of this name: `{}`", fmt::join(names, "`, `")),
           .excerpt = {},
           .related = {}});
    problem.hints.push_back(fmt::format("remove the version: `{}`", parsed.pattern.path));
  } else {
    problem.hints.push_back(suggest_name(
        parsed.pattern.path, std::move(names),
        parsed.consumer ? fmt::format("imports of `{}`", draft.unit_name(*parsed.consumer))
                        : "imports"));
  }
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void match_wires(Draft& draft) {
  std::vector<ParsedWire> wires;
  for (const Wire& wire : draft.inputs.policy.wires)
    if (std::optional<ParsedWire> parsed = parse_wire(draft, wire))
      wires.push_back(*std::move(parsed));
  const WireIndex index(draft, wires);
  for (DraftImport& import : draft.imports) {
    if (import.kind == ImportKind::Unsupported || wires.empty()) continue;
    const std::vector<std::uint32_t> matches = index.find_matches(import);
    for (const std::uint32_t w : matches) ++wires[w].matched;
    // A follower has the provider of its leader.
    if (import.kind == ImportKind::Follows) continue;
    // Value types need no provider. A wire only names the unit whose types they must agree with.
    if (import.kind == ImportKind::ValueTypes) {
      import.wire = pick_provider(draft, import, wires, matches);
      continue;
    }
    if (is_left_to_broken_wire(wires, matches)) {
      import.outcome = Outcome::Failed;
      for (const UnitExport from : find_name_matches(draft, import))
        draft.considered[from.unit] = true;
      continue;
    }
    decide_wires(draft, import, wires, matches);
    import.is_optional = std::ranges::any_of(
        matches, [&](std::uint32_t w) { return wires[w].wire->optional && !wires[w].is_broken; });
  }
  for (const ParsedWire& parsed : wires)
    if (parsed.matched == 0 && !parsed.is_broken) report_unused(draft, parsed);
}

namespace {

// A chain at the import of the consumer.
struct ChainHead {
  std::uint32_t import = 0;
  const Wire* chain = nullptr;
  const Wire* end = nullptr;  // the wire that decides the end of the chain
  std::vector<UnitIndex> members;
  // The middleware in front of each member, and at last that in front of the provider.
  std::vector<std::vector<std::string>> middleware = std::vector<std::vector<std::string>>(1);
};

Diagnostic make_problem(const Draft& draft, const ChainHead& head, const std::string& why) {
  const DraftImport& import = draft.imports[head.import];
  Diagnostic problem = make_diagnostic(
      Code::ResolveChain, "`{}` imports `{}` via {}, and this chain cannot be made: {}",
      draft.unit_name(import.at.unit), shown_name(import),
      fmt::format("`{}`", fmt::join(head.chain->via, "`, `")), why);
  problem.where = head.chain->where.file.empty() ? where_of(draft, import.at) : head.chain->where;
  return problem;
}

// The imports by which a member can pass calls on: those that match best by name, or else those of the
// same path in another track.
std::vector<DraftImport*> find_passed_on(Draft& draft, UnitIndex member,
                                         const DraftImport& consumer) {
  std::vector<DraftImport*> same_path;
  std::vector<DraftImport*> matches;
  NameMatch best = NameMatch::None;
  const std::uint32_t first = draft.first_import[member];
  for (std::size_t i = 0; i < draft.unit(member).type.imports.size(); ++i) {
    DraftImport& import = draft.imports[first + i];
    if (import.kind == ImportKind::ValueTypes || import.kind == ImportKind::Follows ||
        import.names.empty())
      continue;
    const MatchedNames names = match_names(consumer.names, import.names);
    if (!names.is_match()) {
      if (unversioned_name(*names.imported) == unversioned_name(*names.exported))
        same_path.push_back(&import);
      continue;
    }
    if (names.match > best) matches.clear();
    best = std::max(best, names.match);
    if (names.match == best) matches.push_back(&import);
  }
  // Versions of the interface leave nothing to choose.
  if (matches.size() > 1 && std::ranges::all_of(matches, [](const DraftImport* import) {
        return is_interface(import->names.front());
      }))
    matches.resize(1);
  return matches.empty() ? same_path : matches;
}

bool is_same_provider(const Wire& a, const Wire& b) {
  return a.provider == b.provider && a.target == b.target && a.export_name == b.export_name;
}

void report_two_hops(Draft& draft, const ChainHead& head, const DraftImport& member,
                     const std::string& first, const std::string& second) {
  const std::string& name = draft.unit_name(member.at.unit);
  Diagnostic problem = make_problem(
      draft, head,
      fmt::format("`{}` would pass calls on to {} for one consumer and to {} for another", name,
                  first, second));
  problem.hints.push_back(
      fmt::format("declare `{}` twice, under two names, and use one in each chain", name));
  draft.problems.push_back(std::move(problem));
}

std::string describe_end(const Wire* wire) {
  if (wire == nullptr) return "the provider";
  return wire->provider.empty() ? "an open import" : fmt::format("`{}`", wire->provider);
}

std::string describe_hop(const Draft& draft, std::optional<UnitIndex> hop, const Wire* end) {
  return hop ? fmt::format("`{}`", draft.unit_name(*hop)) : describe_end(end);
}

std::string describe_middleware(const std::vector<std::string>& names) {
  return names.empty() ? std::string("no middleware")
                       : fmt::format("`{}`", fmt::join(names, "`, `"));
}

// Gives the import of a member its hop. A chain or wire that names this member is more specific,
// and a contradiction to it is an error.
// hop: the next member; absent: the import is the last one of the chain.
// middleware: between the member and the next one.
void place_member(Draft& draft, const ChainHead& head, DraftImport& member,
                  std::optional<UnitIndex> hop, const std::vector<std::string>& middleware) {
  // A line for all consumers that names middleware alone gives way to the chain.
  const bool has_own_chain = member.chain != nullptr && member.place == DraftImport::Place::Head &&
                             (member.hop || !member.chain->consumer.empty());
  const bool was_placed = member.place == DraftImport::Place::Member;
  const bool has_own_wire = !was_placed && member.wire != nullptr && !member.wire->consumer.empty();
  if (has_own_chain) {
    report_two_hops(draft, head, member, describe_hop(draft, hop, head.end),
                    fmt::format("`{}`", member.chain->via.front()));
    return;
  }
  if (was_placed && member.hop != hop) {
    report_two_hops(draft, head, member, describe_hop(draft, member.hop, member.wire),
                    describe_hop(draft, hop, head.end));
    return;
  }
  if (was_placed && member.middleware != middleware) {
    report_two_hops(draft, head, member, describe_middleware(member.middleware),
                    describe_middleware(middleware));
    return;
  }
  if (hop && has_own_wire && member.wire->provider != draft.unit_name(*hop)) {
    report_two_hops(draft, head, member, describe_hop(draft, hop, nullptr),
                    describe_end(member.wire));
    return;
  }
  if (!hop) {
    const bool is_fixed = was_placed || has_own_wire;
    if (is_fixed && member.wire != nullptr && head.end != nullptr &&
        !is_same_provider(*member.wire, *head.end)) {
      report_two_hops(draft, head, member, describe_end(member.wire), describe_end(head.end));
      return;
    }
    if (head.end != nullptr) member.wire = head.end;
    member.is_optional |= draft.imports[head.import].is_optional;
  }
  member.chain = head.chain;
  member.place = DraftImport::Place::Member;
  member.hop = hop;
  member.middleware = middleware;
}

// Fails the import of the consumer. Units that it may use once the chain is fixed are not unused.
void fail_head(Draft& draft, const ChainHead& head, const std::string& why, std::string hint) {
  draft.problems.push_back(make_problem(draft, head, why));
  draft.problems.back().hints.push_back(std::move(hint));
  DraftImport& import = draft.imports[head.import];
  import.outcome = Outcome::Failed;
  for (const UnitIndex member : head.members) draft.considered[member] = true;
  for (const UnitExport from : find_name_matches(draft, import)) draft.considered[from.unit] = true;
}

// Why a member has no import that passes calls on.
std::string describe_passed_on(const Draft& draft, const ChainHead& head, std::size_t member,
                               const std::vector<DraftImport*>& passed_on) {
  const std::string& unit = draft.unit_name(head.members[member]);
  const types::ItemName& name = draft.imports[head.import].names.front();
  if (passed_on.empty())
    return fmt::format("`{}` does not import `{}`, so it cannot pass calls on", unit,
                       unversioned_name(name));
  std::vector<std::string> names;
  for (const DraftImport* const import : passed_on) names.push_back(shown_name(*import));
  return fmt::format("`{}` could pass calls on through `{}`", unit,
                     fmt::join(names, "` or through `"));
}

void lay_chain(Draft& draft, const ChainHead& head) {
  const UnitIndex consumer = draft.imports[head.import].at.unit;
  for (const UnitIndex member : head.members) {
    if (member != consumer &&
        (head.end == nullptr || head.end->provider != draft.unit_name(member)))
      continue;
    return fail_head(draft, head,
                     fmt::format("`{}` would be in front of itself", draft.unit_name(member)),
                     fmt::format("declare `{}` twice, under two names", draft.unit_name(member)));
  }
  draft.imports[head.import].middleware = head.middleware.front();
  if (head.members.empty()) return;
  draft.imports[head.import].hop = head.members.front();
  const types::ItemName& name = draft.imports[head.import].names.front();
  if (!is_interface(name))
    for (const UnitIndex member : head.members) draft.chained_labels.emplace(member, name.text);
  for (std::size_t k = 0; k < head.members.size(); ++k) {
    // It answers calls, and takes the place of the provider.
    if (replaces_provider(draft.unit(head.members[k]).kind)) continue;
    const std::vector<DraftImport*> passed_on =
        find_passed_on(draft, head.members[k], draft.imports[head.import]);
    if (passed_on.size() != 1) {
      fail_head(draft, head, describe_passed_on(draft, head, k, passed_on),
                fmt::format("remove `{}` from the chain", draft.unit_name(head.members[k])));
      continue;
    }
    DraftImport* const member = passed_on.front();
    const bool is_last = k + 1 == head.members.size();
    place_member(draft, head, *member, is_last ? std::nullopt : std::optional(head.members[k + 1]),
                 head.middleware[k + 1]);
    for (std::size_t i = 0; i < k; ++i)
      if (std::find(member->excluded.begin(), member->excluded.end(), head.members[i]) ==
          member->excluded.end())
        member->excluded.push_back(head.members[i]);
  }
}

}  // namespace

void lay_chains(Draft& draft) {
  std::vector<ChainHead> heads;
  for (std::uint32_t i = 0; i < draft.imports.size(); ++i) {
    const DraftImport& import = draft.imports[i];
    if (import.chain == nullptr) continue;
    ChainHead head{.import = i, .chain = import.chain, .end = import.wire, .members = {}};
    for (const std::string& name : import.chain->via) {
      if (draft.find_middleware(name) != nullptr) {
        head.middleware.back().push_back(name);
      } else if (const std::optional<UnitIndex> member = draft.find_unit(name)) {
        head.members.push_back(*member);
        head.middleware.emplace_back();
      }
    }
    heads.push_back(std::move(head));
  }
  std::ranges::stable_partition(heads, [](const ChainHead& head) { return head.members.empty(); });
  for (const ChainHead& head : heads) lay_chain(draft, head);
}

std::string print_wire(const Wire& wire) {
  std::string text;
  if (!wire.consumer.empty()) text += wire.consumer + ":";
  text += wire.import + "=";
  if (!wire.via.empty() && wire.target == Wire::Target::Provider && wire.provider.empty())
    return text + fmt::format("{}", fmt::join(wire.via, ","));
  if (wire.target == Wire::Target::Open) return text + "(open)";
  if (wire.target == Wire::Target::Trap) return text + "(trap)";
  if (wire.optional && wire.provider.empty()) text += "(optional)";
  text += wire.provider;
  if (!wire.export_name.empty()) text += ":" + wire.export_name;
  if (!wire.via.empty()) text += fmt::format(" via {}", fmt::join(wire.via, ","));
  return text;
}

std::string wire_import(const Draft& draft, const DraftImport& import) {
  const types::ItemName& name = import.names.front();
  const std::uint32_t first = draft.first_import[import.at.unit];
  std::size_t same = 0;
  for (std::size_t i = 0; i < draft.unit(import.at.unit).type.imports.size(); ++i)
    if (const ItemNames& names = draft.imports[first + i].names;
        !names.empty() && unversioned_name(names.front()) == unversioned_name(name))
      ++same;
  return same > 1 ? name.full_text() : unversioned_name(name);
}

Hint wire_hint(const Draft& draft, const DraftImport& import, const std::string& provider,
               const std::optional<std::string>& export_name) {
  return hint_at_wire(export_name ? fmt::format("choose `{}` of `{}`", *export_name, provider)
                                  : fmt::format("choose `{}`", provider),
                      {.consumer = draft.unit_name(import.at.unit),
                       .import = wire_import(draft, import),
                       .provider = provider,
                       .export_name = export_name});
}

}  // namespace tenon::resolve
