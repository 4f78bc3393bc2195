#include "pact/transform.h"

#include <array>
#include <string_view>
#include <utility>

#include "pact/model.h"

namespace tenon::pact {

namespace {

Definition make_rpc_error() {
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
  Definition made;
  made.kind = Definition::Kind::Variant;
  made.name.text = "rpc-error";
  for (const Case& one : kCases) {
    Member& member = made.members.emplace_back();
    member.name.text = one.name;
    if (one.has_text) member.types.push_back({TypeKind::Plain, packr::TypeTag::String});
  }
  return made;
}

}  // namespace

Scope make_rpc_interface(const Scope& base) {
  Scope made;
  made.kind = Scope::Kind::Interface;
  made.name = base.name;
  made.name.text = "rpc(" + base.name.text + ")";
  made.definitions.push_back(make_rpc_error());
  for (const FunctionDecl* const function : functions_of(base)) {
    FunctionDecl& wrapped = made.functions.emplace_back(*function);
    TypeExpr ok{TypeKind::Tuple};
    if (function->results.size() == 1)
      ok = function->results[0];
    else
      ok.arguments = function->results;
    // In a result, `_` is not the same as nothing.
    if (ok.kind == TypeKind::Unit) ok = {TypeKind::Tuple};
    TypeExpr result{TypeKind::Result};
    result.place = function->name.place;
    result.arguments.push_back(std::move(ok));
    result.arguments.push_back({TypeKind::Named, {}, "rpc-error"});
    wrapped.results = {std::move(result)};
  }
  return made;
}

}  // namespace tenon::pact
