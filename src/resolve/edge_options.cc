#include "resolve/edge_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>

#include "resolve/passes.h"
#include "resolve/wires.h"
#include "support/diagnostics.h"
#include "support/measures.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

std::string value_of(const EdgeOption& option, const DraftImport& import) {
  return import.wire == nullptr ? std::string() : option.print(*import.wire);
}

// Whether calls of an import can fail without ending its consumer: they are bridged, have middleware, or
// go to another process.
bool leaves_domain(const Draft& draft, const DraftImport& import) {
  return is_bridged(draft, import) || !import.middleware.empty() ||
         (import.choice && import.choice->adapted) ||
         (is_outside(draft, import) && runs_elsewhere(draft.unit(import.choice->from.unit)));
}

// The consumers of one export in one domain share one import of the domain's component, so they
// must agree on its options.
void check_agreement(Draft& draft, const EdgeOption& option) {
  std::map<std::tuple<std::uint32_t, UnitExport, std::vector<std::string>>, const DraftImport*>
      firsts;
  for (const DraftImport& import : draft.imports) {
    if (!leaves_domain(draft, import)) continue;
    const std::tuple key(draft.domain_of[import.at.unit], import.choice->from, import.middleware);
    const DraftImport& first = *firsts.try_emplace(key, &import).first->second;
    const std::string value = value_of(option, import);
    if (value_of(option, first) == value) continue;
    const DraftImport& reported = value.empty() ? first : import;
    const DraftImport& other = value.empty() ? import : first;
    const std::string other_value = value_of(option, other);
    report_edge_option(
        draft, option, *reported.wire,
        fmt::format(
            "disagrees with `{0}`, which has {1}: `{2}` and `{0}` are in the domain `{3}` and "
            "share one import of `{4}`",
            draft.unit_name(other.at.unit),
            other_value.empty() ? "none" : fmt::format("`{}`", other_value),
            draft.unit_name(reported.at.unit), draft.domain_names[std::get<0>(key)],
            draft.unit_name(std::get<1>(key).unit)),
        fmt::format("give both the same `{}`, or place them in two domains", option.key));
  }
}

void report_no_effect(Draft& draft, const EdgeOption& option, const DraftImport& import) {
  const std::string& provider = draft.unit_name(import.choice->from.unit);
  const std::string& consumer = draft.unit_name(import.at.unit);
  const bool is_inside = draft.is_inside(import.choice->from.unit);
  report_edge_option(
      draft, option, *import.wire,
      is_inside ? fmt::format("has no effect: `{}` and `{}` share a domain", consumer, provider)
                : fmt::format("has no effect: `{}` does not run in a domain", provider),
      is_inside ? fmt::format("place one of them in another domain, or remove `{}`", option.key)
                : fmt::format("remove `{}`", option.key));
}

// Whether a type is more than its own bytes, if its parts are not.
bool refers(const types::Type& type) {
  if (const auto* const primitive = std::get_if<types::Primitive>(&type.kind))
    return *primitive == types::Primitive::String || *primitive == types::Primitive::ErrorContext;
  if (const auto* const list = std::get_if<types::List>(&type.kind)) return !list->length;
  return std::holds_alternative<types::Map>(type.kind) ||
         std::holds_alternative<types::Own>(type.kind) ||
         std::holds_alternative<types::Borrow>(type.kind) ||
         std::holds_alternative<types::Stream>(type.kind) ||
         std::holds_alternative<types::Future>(type.kind) ||
         std::holds_alternative<types::Dynamic>(type.kind);
}

// Whether a function passes a stream that has a buffer: one of items without strings, lists and
// handles.
bool passes_buffered_stream(const types::Types& types, types::FunctionId function) {
  std::unordered_set<types::TypeId> deep;
  // The parts of a type come before it.
  for (const types::TypeId id : types::mentioned_types(types, function)) {
    const types::Type& type = types.types[id];
    const auto* const stream = std::get_if<types::Stream>(&type.kind);
    if (stream != nullptr && stream->type && !deep.contains(*stream->type)) return true;
    bool is_deep = refers(type);
    types::for_each_part(
        type, [&](types::TypeId part) { is_deep |= deep.contains(part); },
        [](types::ResourceId) {});
    if (is_deep) deep.insert(id);
  }
  return false;
}

}  // namespace

void report_edge_option(Draft& draft, const EdgeOption& option, const Wire& wire,
                        std::string_view why, std::string hint) {
  Diagnostic problem = make_diagnostic(Code::ResolveWireType, "`{} = {}` of the wire `{}` {}",
                                       option.key, option.print(wire), print_wire(wire), why);
  problem.where = wire.where;
  problem.hints.push_back(std::move(hint));
  draft.problems.push_back(std::move(problem));
}

std::vector<const DraftImport*> check_edge_option(Draft& draft, const EdgeOption& option) {
  for (const Wire& wire : draft.inputs.policy.wires)
    if (wire.provider.empty() && !option.print(wire).empty())
      report_edge_option(draft, option, wire, "has no effect: the wire names no provider",
                         fmt::format("name the provider, or remove `{}`", option.key));
  check_agreement(draft, option);
  std::vector<const DraftImport*> bridged;
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || value_of(option, import).empty()) continue;
    if (leaves_domain(draft, import))
      bridged.push_back(&import);
    else if (!import.wire->provider.empty())
      report_no_effect(draft, option, import);
  }
  return bridged;
}

std::vector<NamedFunction> functions_behind(const Draft& draft, const DraftImport& import) {
  const types::RootItem& item = draft.item(import.at);
  if (const auto* function = std::get_if<types::FunctionId>(&item.item))
    return {{item.name, *function}};
  std::vector<NamedFunction> functions;
  if (const auto* instance = std::get_if<types::InstanceId>(&item.item)) {
    for (const types::NamedItem& part : draft.inputs.types.instances[*instance].exports)
      if (const auto* function = std::get_if<types::FunctionId>(&part.item))
        functions.push_back({part.name, *function});
  }
  return functions;
}

void check_stream_buffers(Draft& draft) {
  static constexpr EdgeOption kStreamBuffer{
      "stream-buffer", [](const Wire& wire) {
        return wire.stream_buffer ? fmt::format("\"{}\"", print_size(*wire.stream_buffer))
                                  : std::string();
      }};
  for (const DraftImport* const import : check_edge_option(draft, kStreamBuffer)) {
    const bool has_effect =
        std::ranges::any_of(functions_behind(draft, *import), [&](const NamedFunction& function) {
          return passes_buffered_stream(draft.inputs.types, function.id);
        });
    if (has_effect) continue;
    report_edge_option(draft, kStreamBuffer, *import->wire,
                       fmt::format("has no effect: no function of `{}` passes a stream of items "
                                   "without strings, lists and handles, and only such streams "
                                   "have a buffer",
                                   shown_name(*import)),
                       "remove `stream-buffer`");
  }
}

void check_buffers(Draft& draft) {
  static constexpr EdgeOption kBuffers{
      "buffers", [](const Wire& wire) { return std::string(wire.buffers ? "true" : ""); }};
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || value_of(kBuffers, import).empty()) continue;
    const UnitExport from = import.choice->from;
    const bool has_effect =
        can_pass_buffers(draft.unit(import.at.unit), draft.unit(from.unit)) &&
        !draft.relation
             .compare(draft.item(import.at).item, draft.item(from).item, types::TypeRelation::Mixed)
             .fits();
    if (has_effect) continue;
    report_edge_option(
        draft, kBuffers, *import.wire,
        fmt::format("has no effect: `{}` and `{}` pass no buffer as `value` of a package",
                    draft.unit_name(import.at.unit), draft.unit_name(from.unit)),
        "remove `buffers`");
  }
}

}  // namespace tenon::resolve
