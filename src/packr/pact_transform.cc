#include "packr/pact_transform.h"

#include <array>
#include <string_view>
#include <utility>

#include "packr/pact_model.h"

namespace tenon::packr {

namespace {

PactDefinition make_rpc_error() {
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
  PactDefinition made;
  made.kind = PactDefinition::Kind::Variant;
  made.name.text = "rpc-error";
  for (const Case& one : kCases) {
    PactMember& member = made.members.emplace_back();
    member.name.text = one.name;
    if (one.has_text) member.types.push_back({PactKind::Plain, TypeTag::String});
  }
  return made;
}

}  // namespace

PactScope make_rpc_interface(const PactScope& base) {
  PactScope made;
  made.kind = PactScope::Kind::Interface;
  made.name = base.name;
  made.name.text = "rpc(" + base.name.text + ")";
  made.definitions.push_back(make_rpc_error());
  for (const PactFunction* const function : functions_of(base)) {
    PactFunction& wrapped = made.functions.emplace_back(*function);
    PactType ok{PactKind::Tuple};
    if (function->results.size() == 1)
      ok = function->results[0];
    else
      ok.arguments = function->results;
    // In a result, `_` is not the same as nothing.
    if (ok.kind == PactKind::Unit) ok = {PactKind::Tuple};
    PactType result{PactKind::Result};
    result.place = function->name.place;
    result.arguments.push_back(std::move(ok));
    result.arguments.push_back({PactKind::Named, {}, "rpc-error"});
    wrapped.results = {std::move(result)};
  }
  return made;
}

}  // namespace tenon::packr
