// Calls of packages with values, and of the program and components by packages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "linker/package_unit.h"
#include "packr/graph_writer.h"
#include "packr/package_function.h"
#include "packr/package_import.h"
#include "packr/value_types.h"
#include "tenon/call_failure.h"
#include "tenon/type.h"
#include "tenon/value.h"
#include "value/type_graph.h"

namespace tenon::linker {

// The values of one function in packr's wire form.
class PackageValues final {
 public:
  // type: by which values are read and written: that of the side that has values.
  // package: what it calls its types.
  PackageValues(FunctionType type, std::shared_ptr<const Package> package);

  [[nodiscard]] const FunctionType& type() const { return type_; }
  [[nodiscard]] const types::Function& function() const {
    return graph().types.functions[value::id_of(type_)];
  }

  // Errors: value-type, with the path. Lifetime of the bytes: until the next call of these.
  // REQUIRES: as many arguments as params
  [[nodiscard]] Result<std::span<const std::uint8_t>> write_arguments(
      std::span<const Value> arguments);
  // result: nothing if the function has none.
  [[nodiscard]] Result<std::span<const std::uint8_t>> write_result(
      const std::optional<Value>& result);
  // Errors: value-type: what is wrong with the bytes, or where they do not fit the type.
  [[nodiscard]] Result<std::vector<Value>> read_arguments(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<std::optional<Value>> read_result(std::span<const std::uint8_t> bytes);
  // Whether it could be read.
  [[nodiscard]] Result<void> check_result(std::span<const std::uint8_t> bytes);

 private:
  [[nodiscard]] const value::TypeGraph& graph() const { return *value::graph_of(type_); }
  [[nodiscard]] packr::ValueTypes types() const { return {graph().types, package_->names}; }
  [[nodiscard]] Result<packr::GraphView> open(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<Value> read(packr::NodeView root, types::TypeId type) const;
  // Whether it is of a type that is one node and nothing else.
  [[nodiscard]] bool is_scalar(packr::NodeView root, types::TypeId type) const;
  [[nodiscard]] Result<std::span<const std::uint8_t>> finish();

  FunctionType type_;
  std::shared_ptr<const Package> package_;
  packr::GraphWriter writer_;
  std::vector<std::uint32_t> index_ = std::vector<std::uint32_t>(1);
};

// A function of a package, called with values. Thread: that of the composition.
class PackageCallee final {
 public:
  PackageCallee(packr::PackageFunction function, FunctionType type,
                std::shared_ptr<const Package> package)
      : function_(std::move(function)), type_(std::move(type)), package_(std::move(package)) {}

  [[nodiscard]] packr::PackageFunction& function() { return function_; }
  [[nodiscard]] const packr::PackageFunction& function() const { return function_; }
  [[nodiscard]] const FunctionType& type() const { return type_; }

  // Failures: as PackageFunction::call; BadCall for arguments that cannot be passed, with all that
  // is wrong with them.
  [[nodiscard]] CallResult<std::optional<Value>> call(std::span<const Value> arguments);

 private:
  [[nodiscard]] CallFailure refuse(std::span<const Value> arguments, Diagnostics first) const;

  packr::PackageFunction function_;
  FunctionType type_;
  std::shared_ptr<const Package> package_;
  // One for each call that is under way.
  std::vector<std::unique_ptr<PackageValues>> values_;
  std::size_t depth_ = 0;
};

// An import of a package that is met by what takes and gives values.
class ValueImport : public packr::PackageImport {
 public:
  ValueImport(FunctionType type, std::shared_ptr<const Package> package)
      : type_(std::move(type)), package_(std::move(package)) {}

  Result<void, packr::ImportFailure> call(packr::ImportCall& call) final;

 protected:
  [[nodiscard]] virtual CallResult<std::optional<Value>> call_values(
      std::span<const Value> arguments) = 0;

 private:
  FunctionType type_;
  std::shared_ptr<const Package> package_;
};

}  // namespace tenon::linker
