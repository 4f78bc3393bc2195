// Builds types and programs in one line, for tests.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "abi/layout.h"
#include "support/check.h"
#include "types/type.h"

namespace tenon::abi {

struct TestTypes {
  using TypeId = types::TypeId;
  using P = types::Primitive;

  types::Types types;

  TypeId add(types::Type type) { return types.types.add(std::move(type)); }
  TypeId operator()(P kind) { return types.primitive(kind); }
  TypeId list(TypeId element, std::optional<std::uint32_t> length = {}) {
    return add({types::List{element, length}});
  }
  TypeId map(TypeId key, TypeId value) { return add({types::Map{key, value}}); }
  TypeId tuple(std::vector<TypeId> parts) { return add({types::Tuple{std::move(parts)}}); }
  TypeId record(std::vector<types::Field> fields) {
    return add({types::Record{std::move(fields)}});
  }
  TypeId variant(std::vector<types::Case> cases) { return add({types::Variant{std::move(cases)}}); }
  TypeId option(TypeId type) { return add({types::Option{type}}); }
  TypeId result(std::optional<TypeId> ok, std::optional<TypeId> error) {
    return add({types::ResultType{ok, error}});
  }
  TypeId enumeration(std::size_t count) { return add({types::Enum{labels(count)}}); }
  TypeId flags(std::size_t count) { return add({types::Flags{labels(count)}}); }
  TypeId own() { return add({types::Own{resource()}}); }
  TypeId borrow() { return add({types::Borrow{resource()}}); }
  types::ResourceId resource() {
    if (types.resources.size() == 0) types.resources.add({"r"});
    return {0};
  }

  // The parameters are named p0, p1, ...
  static types::Function function(const std::vector<TypeId>& params,
                                  std::optional<TypeId> result = {}) {
    types::Function signature;
    for (const TypeId param : params)
      signature.params.push_back({fmt::format("p{}", signature.params.size()), param});
    signature.result = result;
    return signature;
  }
  [[nodiscard]] FunctionLayout lay_out(const std::vector<TypeId>& params,
                                       std::optional<TypeId> result = {}) const {
    Result<FunctionLayout> layout = lay_out_function(types, function(params, result));
    TENON_CHECK(layout.has_value());
    return *std::move(layout);
  }
  [[nodiscard]] CopyProgram program(const std::vector<TypeId>& params,
                                    std::optional<TypeId> result = {}) const {
    return CopyProgram::make(lay_out(params, result));
  }

 private:
  static std::vector<std::string> labels(std::size_t count) {
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < count; ++i) labels.push_back(fmt::format("l{}", i));
    return labels;
  }
};

}  // namespace tenon::abi
