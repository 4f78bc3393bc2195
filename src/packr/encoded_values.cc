#include "packr/encoded_values.h"

#include <fmt/core.h>

#include <cstring>
#include <utility>

#include "packr/scalar_values.h"
#include "packr/value_reader.h"
#include "packr/value_writer.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "value/check_value.h"
#include "value/type_graph.h"

namespace tenon::packr {

namespace {

Diagnostic diagnose(ValueProblem problem) {
  Diagnostic diagnostic = make_diagnostic(Code::ValueType, "{}", problem.message);
  diagnostic.where.item = std::move(problem.path);
  diagnostic.hints.emplace_back("`tenon inspect FILE` shows the types of the package's functions");
  return diagnostic;
}

// Opens a message. graph: keeps the index of its nodes.
Result<NodeView> open_message(GraphOpening& graph, std::span<const std::uint8_t> message) {
  const auto root = graph.open(message);
  if (!root)
    return make_diagnostic(Code::ValueType, "malformed CGRF: {}", packr::describe(root.error()));
  return *root;
}

// Each thread reuses one, so that a call allocates nothing.
GraphWriter& cleared_writer() {
  thread_local GraphWriter writer;
  writer.clear();
  return writer;
}

Result<std::uint32_t> keep_message(GraphWriter& writer, abi::ValueArena& arena) {
  const auto bytes = writer.finish();
  if (!bytes)
    return make_diagnostic(Code::ValueType, "packr cannot represent it: {}",
                           packr::describe(bytes.error()));
  const auto address = add_message(*bytes, arena);
  if (!address) return make_diagnostic(Code::ValueTooLarge, "{}", address.error().message);
  return *address;
}

// Whether a value of a primitive type is a node of that kind.
bool is_scalar(const types::Types& types, NodeView root, types::TypeId type) {
  const auto* const primitive = std::get_if<types::Primitive>(&types.types[type].kind);
  return primitive != nullptr && root.kind() == kind_of_primitive(*primitive);
}

}  // namespace

EncodedValues::EncodedValues(FunctionType type, std::shared_ptr<const TypeNamesOnWire> names,
                             BufferTable* buffers)
    : type_(std::move(type)),
      names_(std::move(names)),
      types_{value::graph_of(type_)->types, *names_},
      function_(types_.types.functions[value::id_of(type_)]),
      buffers_(buffers) {}

Result<std::uint32_t> EncodedValues::write_params(std::span<const Value> arguments,
                                                  abi::ValueArena& arena,
                                                  call::HandleExchange& /*handles*/) const {
  const auto refuse = [&](Diagnostics first) {
    Diagnostics problems = value::check_arguments(arguments, type_);
    return problems.empty() ? std::move(first) : problems;
  };
  if (arguments.size() != function_.params.size()) return refuse({});
  GraphWriter& writer = cleared_writer();
  auto written = ValueWriter(types_, writer, ValueWriter::From::Program, buffers_)
                     .write_arguments(arguments, function_.params);
  if (!written) return refuse({diagnose(std::move(written).error())});
  Result<std::uint32_t> address = keep_message(writer, arena);
  if (!address) return refuse(std::move(address).error());
  return address;
}

Result<std::uint32_t> EncodedValues::write_result(const Value& result, abi::ValueArena& arena,
                                                  call::HandleExchange& /*handles*/) const {
  TENON_CHECK(function_.result.has_value());
  GraphWriter& writer = cleared_writer();
  auto written = ValueWriter(types_, writer, ValueWriter::From::Program, buffers_)
                     .write(result, *function_.result);
  if (!written) return diagnose(std::move(written).error());
  return keep_message(writer, arena);
}

Result<std::vector<Value>> EncodedValues::read_params(std::uint32_t address, abi::ValueArena& arena,
                                                      call::HandleExchange& /*handles*/,
                                                      call::ReadBound /*bound*/) const {
  GraphOpening graph;
  TENON_TRY(const NodeView root, open_message(graph, encoded_message(arena, address)));
  auto read =
      ValueReader(types_, limits::kReadValueBytes, buffers_).read_arguments(root, function_.params);
  if (buffers_ != nullptr) drop_buffers(encoded_message(arena, address), *buffers_);
  if (!read) return diagnose(std::move(read).error());
  return *std::move(read);
}

Result<Value> EncodedValues::read_result(std::uint32_t address, abi::ValueArena& arena,
                                         call::HandleExchange& /*handles*/,
                                         call::ReadBound /*bound*/) const {
  TENON_CHECK(function_.result.has_value());
  GraphOpening graph;
  TENON_TRY(const NodeView root, open_message(graph, encoded_message(arena, address)));
  if (is_scalar(types_.types, root, *function_.result))
    if (std::optional<Value> value = scalar_value(root)) return *std::move(value);
  auto read = ValueReader(types_, limits::kReadValueBytes, buffers_).read(root, *function_.result);
  if (buffers_ != nullptr) drop_buffers(encoded_message(arena, address), *buffers_);
  if (!read) return diagnose(std::move(read).error());
  return *std::move(read);
}

Result<void> EncodedValues::check_params(std::span<const std::uint8_t> message) const {
  GraphOpening graph;
  TENON_TRY(const NodeView root, open_message(graph, message));
  auto checked = check_arguments(types_, root, function_.params);
  if (!checked) return diagnose(std::move(checked).error());
  return {};
}

Result<void> EncodedValues::check_result(std::span<const std::uint8_t> message) const {
  GraphOpening graph;
  TENON_TRY(const NodeView root, open_message(graph, message));
  const std::optional<types::TypeId>& result = function_.result;
  if (!result || is_scalar(types_.types, root, *result)) return {};
  auto checked = check_value(types_, root, *result);
  if (!checked) return diagnose(std::move(checked).error());
  return {};
}

std::shared_ptr<const call::FunctionShape> encoded_shape() {
  types::Types types;
  const types::TypeId byte = types.types.add(types::Type(types::Primitive::U8));
  const types::TypeId bytes = types.types.add(types::Type(types::List{byte, {}}));
  types::Function function;
  function.params.push_back({"message", bytes});
  function.result = bytes;
  auto layout = abi::lay_out_function(types, function);
  TENON_CHECK(layout);
  return std::make_shared<const call::FunctionShape>(
      call::FunctionShape{.program = abi::CopyProgram::make(*std::move(layout)),
                          .form = call::FunctionShape::Form::Encoded});
}

namespace {

std::span<const std::uint8_t> message_at(std::span<const std::uint8_t> bytes,
                                         std::uint32_t address) {
  TENON_CHECK(std::uint64_t{address} + 8 <= bytes.size());
  std::uint32_t at = 0;
  std::uint32_t size = 0;
  std::memcpy(&at, bytes.data() + address, sizeof(at));
  std::memcpy(&size, bytes.data() + address + 4, sizeof(size));
  TENON_CHECK(std::uint64_t{at} + size <= bytes.size());
  return bytes.subspan(at, size);
}

}  // namespace

std::span<const std::uint8_t> encoded_message(const abi::ValueArena& arena, std::uint32_t address) {
  return message_at(arena.bytes(), address);
}

std::span<const std::uint8_t> encoded_message(const abi::From& values) {
  TENON_CHECK(values.address.has_value());
  return message_at(values.guest.memory(), *values.address);
}

Result<std::uint32_t, abi::AbiError> add_message(std::span<const std::uint8_t> message,
                                                 abi::ValueArena& arena) {
  if (message.size() > UINT32_MAX - 16)
    return abi::AbiError{.kind = abi::AbiErrorKind::Limit,
                         .message = "the message is larger than 4 GiB"};
  const auto size = static_cast<std::uint32_t>(message.size());
  TENON_TRY(const std::uint32_t address, arena.allocate(8 + size, 4));
  const std::uint32_t at = address + 8;
  std::uint8_t* const to = arena.memory().data();
  if (size != 0) std::memcpy(to + at, message.data(), size);
  std::memcpy(to + address, &at, sizeof(at));
  std::memcpy(to + address + 4, &size, sizeof(size));
  return address;
}

namespace {

// Packages do not pass handles.
class NoHandles final : public call::HandleExchange {
 public:
  Result<abi::ResourceToken> give(const ValueHandle& /*handle*/,
                                  abi::HandlePart /*part*/) override {
    TENON_CHECK(false);
    return abi::ResourceToken();
  }
  ValueHandle take(abi::ResourceToken /*token*/, abi::HandlePart /*part*/) override {
    TENON_CHECK(false);
    return {};
  }
};

}  // namespace

call::WriteFailure find_encoded_failure(std::shared_ptr<const EncodedValues> values,
                                        const std::string& error_case) {
  const std::optional<Type> result = values->type().result();
  if (!result || result->kind() != TypeKind::Result) return {};
  const std::optional<Type> error = result->cases()[1].type;
  if (!error) return {};
  const bool is_text = error->kind() == TypeKind::String;
  if (!is_text && error_case.empty()) return {};
  return [values = std::move(values), error = *error, error_case, is_text](
             std::string_view text, abi::ValueArena& arena) -> std::optional<std::uint32_t> {
    const auto make_error = [&] {
      if (is_text) return Value::string(std::string(text));
      if (error.kind() == TypeKind::Enum) return Value::enumerator(error_case);
      for (const TypeCase& error_type : error.cases())
        if (error_type.label == error_case && error_type.type)
          return Value::variant(error_case, Value::string(std::string(text)));
      return Value::variant(error_case);
    };
    NoHandles handles;
    const auto address = values->write_result(Value::err(make_error()), arena, handles);
    return address ? std::optional(*address) : std::nullopt;
  };
}

}  // namespace tenon::packr
