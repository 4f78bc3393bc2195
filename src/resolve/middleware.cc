#include "resolve/middleware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "resolve/wires.h"

namespace tenon::resolve {

namespace {

struct Head {
  std::uint32_t import = 0;
  const Wire* chain = nullptr;
  const Wire* end = nullptr;  // the wire that decides the end of the chain
  std::vector<UnitIndex> members;
};

Diagnostic make_problem(const Draft& draft, const Head& head, const std::string& why) {
  const DraftImport& import = draft.imports[head.import];
  Diagnostic problem = make_diagnostic(
      Code::ResolveChain, "`{}` imports `{}` via {}, and that chain cannot be made: {}",
      draft.unit_name(import.at.unit), shown_name(import),
      fmt::format("`{}`", fmt::join(head.chain->via, "`, `")), why);
  problem.where = head.chain->where.file.empty() ? where_of(draft, import.at) : head.chain->where;
  return problem;
}

// The import of a member that asks for what the consumer asks for: of the same track, or else the
// only one of the same path.
DraftImport* find_passed_on(Draft& draft, UnitIndex member, const DraftImport& consumer) {
  DraftImport* same_path = nullptr;
  std::size_t found = 0;
  const std::uint32_t first = draft.first_import[member];
  for (std::size_t i = 0; i < draft.unit(member).type.imports.size(); ++i) {
    DraftImport& import = draft.imports[first + i];
    if (import.kind == ImportKind::ValueTypes || import.kind == ImportKind::Follows) continue;
    for (const types::ItemName& name : import.names) {
      for (const types::ItemName& wanted : consumer.names) {
        if (names_match(wanted, name)) return &import;
        if (unversioned_name(wanted) != unversioned_name(name)) continue;
        same_path = &import;
        ++found;
      }
    }
  }
  return found == 1 ? same_path : nullptr;
}

bool says_the_same(const Wire& a, const Wire& b) {
  return a.provider == b.provider && a.target == b.target && a.export_name == b.export_name;
}

void report_two_hops(Draft& draft, const Head& head, const DraftImport& member,
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
  return wire->provider ? fmt::format("`{}`", *wire->provider) : "an open import";
}

std::string describe_hop(const Draft& draft, std::optional<UnitIndex> hop, const Wire* end) {
  return hop ? fmt::format("`{}`", draft.unit_name(*hop)) : describe_end(end);
}

// Gives a member's import its place in the chain. `own` is a wire of its own that names it.
void place_member(Draft& draft, const Head& head, DraftImport& member,
                  std::optional<UnitIndex> hop) {
  const bool has_own_chain = member.chain != nullptr && member.place == DraftImport::Place::Head;
  const bool was_placed = member.place == DraftImport::Place::Member;
  const bool has_own_wire = !was_placed && member.wire != nullptr && member.wire->consumer;
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
  if (hop && has_own_wire && member.wire->provider != draft.unit_name(*hop)) {
    report_two_hops(draft, head, member, describe_hop(draft, hop, nullptr),
                    describe_end(member.wire));
    return;
  }
  if (!hop) {
    const bool is_fixed = was_placed || has_own_wire;
    if (is_fixed && member.wire != nullptr && head.end != nullptr &&
        !says_the_same(*member.wire, *head.end)) {
      report_two_hops(draft, head, member, describe_end(member.wire), describe_end(head.end));
      return;
    }
    if (head.end != nullptr) member.wire = head.end;
  }
  member.chain = head.chain;
  member.place = DraftImport::Place::Member;
  member.hop = hop;
}

// Nothing else is said of an import whose chain cannot be made, nor of the units that it may use
// once the chain is mended.
void fail_head(Draft& draft, const Head& head, const std::string& why, std::string hint) {
  draft.problems.push_back(make_problem(draft, head, why));
  draft.problems.back().hints.push_back(std::move(hint));
  DraftImport& import = draft.imports[head.import];
  import.outcome = Outcome::Failed;
  for (const UnitIndex member : head.members) draft.touched[member] = true;
  for (const UnitExport from : find_name_matches(draft, import)) draft.touched[from.unit] = true;
}

void lay_chain(Draft& draft, const Head& head) {
  const UnitIndex consumer = draft.imports[head.import].at.unit;
  for (const UnitIndex member : head.members) {
    if (member != consumer &&
        (head.end == nullptr || head.end->provider != draft.unit_name(member)))
      continue;
    return fail_head(draft, head,
                     fmt::format("`{}` would stand before itself", draft.unit_name(member)),
                     fmt::format("declare `{}` twice, under two names", draft.unit_name(member)));
  }
  draft.imports[head.import].hop = head.members.front();
  for (std::size_t k = 0; k < head.members.size(); ++k) {
    DraftImport* member = find_passed_on(draft, head.members[k], draft.imports[head.import]);
    if (member == nullptr) {
      fail_head(draft, head,
                fmt::format("`{}` does not import `{}`, so it cannot pass calls on",
                            draft.unit_name(head.members[k]),
                            unversioned_name(draft.imports[head.import].names.front())),
                fmt::format("leave `{}` out of the chain", draft.unit_name(head.members[k])));
      continue;
    }
    const bool is_last = k + 1 == head.members.size();
    place_member(draft, head, *member, is_last ? std::nullopt : std::optional(head.members[k + 1]));
    for (std::size_t i = 0; i < k; ++i)
      if (std::find(member->excluded.begin(), member->excluded.end(), head.members[i]) ==
          member->excluded.end())
        member->excluded.push_back(head.members[i]);
  }
}

}  // namespace

void lay_chains(Draft& draft) {
  std::vector<Head> heads;
  for (std::uint32_t i = 0; i < draft.imports.size(); ++i) {
    const DraftImport& import = draft.imports[i];
    if (import.chain == nullptr) continue;
    Head head{.import = i, .chain = import.chain, .end = import.wire, .members = {}};
    for (const std::string& name : import.chain->via)
      if (const std::optional<UnitIndex> member = draft.find_unit(name))
        head.members.push_back(*member);
    heads.push_back(std::move(head));
  }
  for (const Head& head : heads) lay_chain(draft, head);
}

}  // namespace tenon::resolve
