#include "linker/package_call.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "packr/graph_view.h"
#include "packr/scalar_values.h"
#include "packr/value_reader.h"
#include "packr/value_writer.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "tenon/detail/call_port.h"
#include "value/check_arguments.h"

namespace tenon::linker {

namespace {

Diagnostic place(packr::ValueProblem problem) {
  Diagnostic made = make_diagnostic(Code::ValueType, "{}", problem.message);
  made.where.item = std::move(problem.path);
  made.hints.emplace_back("look at what the package takes and gives: `tenon inspect FILE`");
  return made;
}

Diagnostic describe_graph(const packr::GraphError& error) {
  return make_diagnostic(Code::ValueType, "the bytes are no value of packr: {}", describe(error));
}

std::string describe(const Diagnostics& problems) {
  const Diagnostic& first = problems.front();
  return first.where.item.empty() ? first.message
                                  : fmt::format("{}: {}", first.where.item, first.message);
}

// Reads a result where it lies.
class ValueSink final : public packr::ResultSink {
 public:
  explicit ValueSink(PackageValues& values) : values_(values) {}

  bool take(packr::PackageBody& /*package*/, std::span<std::uint8_t> result) override {
    Result<std::optional<Value>> read = values_.read_result(result);
    if (read)
      value_ = *std::move(read);
    else
      problems_ = std::move(read).error();
    return problems_.empty();
  }

  [[nodiscard]] std::optional<Value>& value() { return value_; }
  [[nodiscard]] const Diagnostics& problems() const { return problems_; }

 private:
  PackageValues& values_;
  std::optional<Value> value_;
  Diagnostics problems_;
};

}  // namespace

PackageValues::PackageValues(FunctionType type, std::shared_ptr<const Package> package)
    : type_(std::move(type)), package_(std::move(package)) {}

Result<std::span<const std::uint8_t>> PackageValues::finish() {
  auto bytes = writer_.finish();
  if (!bytes)
    return make_diagnostic(Code::ValueType, "packr cannot say it: {}",
                           packr::describe(bytes.error()));
  return *bytes;
}

Result<std::span<const std::uint8_t>> PackageValues::write_arguments(
    std::span<const Value> arguments) {
  writer_.clear();
  const packr::ValueTypes types = this->types();
  auto written = packr::ValueWriter(types, writer_).write_arguments(arguments, function().params);
  if (!written) return place(std::move(written).error());
  return finish();
}

Result<std::span<const std::uint8_t>> PackageValues::write_result(
    const std::optional<Value>& result) {
  writer_.clear();
  if (!function().result || !result) {
    writer_.begin_tuple();
    writer_.end();
    return finish();
  }
  const packr::ValueTypes types = this->types();
  auto written = packr::ValueWriter(types, writer_).write(*result, *function().result);
  if (!written) return place(std::move(written).error());
  return finish();
}

Result<packr::GraphView> PackageValues::open(std::span<const std::uint8_t> bytes) {
  if (const auto number = packr::GraphView::open_number(bytes, index_)) return *number;
  const auto count = packr::GraphView::count_nodes(bytes);
  if (!count) return describe_graph(count.error());
  if (index_.size() < *count) index_.resize(*count);
  auto view = packr::GraphView::open(bytes, index_);
  if (!view) return describe_graph(view.error());
  return *view;
}

Result<std::vector<Value>> PackageValues::read_arguments(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const packr::GraphView view, open(bytes));
  const packr::ValueTypes types = this->types();
  auto read = packr::ValueReader(types, limits::kReadValueBytes)
                  .read_arguments(view.root(), function().params);
  if (!read) return place(std::move(read).error());
  return *std::move(read);
}

Result<Value> PackageValues::read(packr::NodeView root, types::TypeId type) const {
  const packr::ValueTypes types = this->types();
  auto read = packr::ValueReader(types, limits::kReadValueBytes).read(root, type);
  if (!read) return place(std::move(read).error());
  return *std::move(read);
}

bool PackageValues::is_scalar(packr::NodeView root, types::TypeId type) const {
  const auto* primitive = std::get_if<types::Primitive>(&graph().types.types[type].kind);
  return primitive != nullptr && root.kind() == packr::kind_of_primitive(*primitive);
}

Result<std::optional<Value>> PackageValues::read_result(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const packr::GraphView view, open(bytes));
  const std::optional<types::TypeId>& result = function().result;
  if (!result) return std::optional<Value>();
  if (is_scalar(view.root(), *result))
    if (std::optional<Value> value = packr::scalar_value(view.root())) return value;
  TENON_TRY(Value value, read(view.root(), *result));
  return std::optional(std::move(value));
}

Result<void> PackageValues::check_result(std::span<const std::uint8_t> bytes) {
  TENON_TRY(const packr::GraphView view, open(bytes));
  const std::optional<types::TypeId>& result = function().result;
  if (result && !is_scalar(view.root(), *result)) TENON_TRY_VOID(read(view.root(), *result));
  return {};
}

// All that is wrong with them. first: what writing them has met.
CallFailure PackageCallee::refuse(std::span<const Value> arguments, Diagnostics first) const {
  Diagnostics problems = value::check_arguments(arguments, type_);
  return detail::refuse_call(function_.name(), problems.empty() ? std::move(first) : problems);
}

CallResult<std::optional<Value>> PackageCallee::call(std::span<const Value> arguments) {
  if (depth_ == values_.size()) values_.push_back(std::make_unique<PackageValues>(type_, package_));
  PackageValues& values = *values_[depth_];
  if (arguments.size() != values.function().params.size()) return refuse(arguments, {});
  const auto bytes = values.write_arguments(arguments);
  if (!bytes) return refuse(arguments, bytes.error());
  ++depth_;
  ValueSink sink(values);
  const CallResult<void> called = function_.call(*bytes, nullptr, sink);
  --depth_;
  if (!called) return called.error();
  if (!sink.problems().empty())
    return function_.refuse_result(
        fmt::format("its result does not fit its type: {}", describe(sink.problems())));
  return std::move(sink.value());
}

Result<void, packr::ImportFailure> ValueImport::call(packr::ImportCall& call) {
  using engine::CallError;
  // Calls of one import are under way one in another only by way of other domains.
  PackageValues values(type_, package_);
  const Result<std::vector<Value>> arguments = values.read_arguments(call.params());
  if (!arguments)
    return packr::ImportFailure(CallError::make(
        fmt::format("what it passed does not fit its type: {}", describe(arguments.error()))));
  CallResult<std::optional<Value>> result = call_values(*arguments);
  if (!result) return packr::ImportFailure(std::move(result).error());
  const auto bytes = values.write_result(*result);
  if (!bytes)
    return packr::ImportFailure(CallError::make(
        fmt::format("the result of its import cannot be passed: {}", describe(bytes.error()))));
  auto given = call.give(bytes->size());
  if (!given) return packr::ImportFailure(std::move(given).error());
  std::memcpy(given->data(), bytes->data(), bytes->size());
  return {};
}

}  // namespace tenon::linker
