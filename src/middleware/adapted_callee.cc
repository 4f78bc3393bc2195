#include "middleware/adapted_callee.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "middleware/kinds.h"
#include "runtime/observer.h"
#include "runtime/program_call.h"
#include "support/try.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::middleware {

namespace {

using Converted = Result<Value, std::string>;

// Gives a value the cases and fields of another type. Recursion is bounded by the depth of types.
// path: of the value in the call, for messages. Errors: a case that the type does not have.
class Converter final {
 public:
  static Converted convert(const Value& value, const Type& to, const std::string& path) {
    switch (to.kind()) {
      case TypeKind::Record:
        return convert_record(*value.get_if<ValueRecord>(), to, path);
      case TypeKind::List:
        return convert_list(value, to, path);
      case TypeKind::Map:
        return convert_map(*value.get_if<ValueMap>(), to, path);
      case TypeKind::Tuple:
        return convert_tuple(*value.get_if<ValueTuple>(), to, path);
      case TypeKind::Enum: {
        const std::string& label = value.get_if<ValueEnum>()->label;
        const std::vector<std::string> labels = to.labels();
        if (std::ranges::find(labels, label) == labels.end()) return refuse_case(path, label);
        return value;
      }
      case TypeKind::Variant: {
        const ValueVariant& variant = *value.get_if<ValueVariant>();
        const std::string& label = variant.label;
        for (const TypeCase& each : to.cases()) {
          if (each.label != label) continue;
          TENON_TRY(ValuePayload converted,
                    convert(variant.payload, each.type, path + "." + label));
          return Value::variant(label, std::move(converted));
        }
        return refuse_case(path, label);
      }
      case TypeKind::Option: {
        TENON_TRY(ValuePayload payload,
                  convert(value.get_if<ValueOption>()->payload, to.element(), path));
        return Value::option(std::move(payload));
      }
      case TypeKind::Result: {
        const auto& [is_ok, payload] = *value.get_if<ValueResult>();
        const TypeCase side = to.cases()[is_ok ? 0 : 1];
        TENON_TRY(ValuePayload converted, convert(payload, side.type, path + "." + side.label));
        return is_ok ? Value::ok(std::move(converted)) : Value::err(std::move(converted));
      }
      default:
        return value;
    }
  }

 private:
  static Result<ValuePayload, std::string> convert(const ValuePayload& payload,
                                                   const std::optional<Type>& to,
                                                   const std::string& path) {
    if (payload.get() == nullptr || !to) return ValuePayload();
    TENON_TRY(Value converted, convert(*payload.get(), *to, path));
    return ValuePayload(std::move(converted));
  }
  static Converted convert_record(const ValueRecord& record, const Type& to,
                                  const std::string& path) {
    std::vector<std::pair<std::string, Value>> fields;
    for (const TypeField& field : to.fields()) {
      const Value* const value = record.find(field.label);
      if (value == nullptr) {
        fields.emplace_back(field.label, Value::none());
        continue;
      }
      TENON_TRY(Value converted, convert(*value, field.type, path + "." + field.label));
      fields.emplace_back(field.label, std::move(converted));
    }
    return Value::record(std::move(fields));
  }
  static Converted convert_list(const Value& value, const Type& to, const std::string& path) {
    const Type element = *to.element();
    // A list of scalars is packed, and needs no conversion.
    if (element.kind() <= TypeKind::String) return value;
    std::vector<Value> elements;
    std::optional<std::string> problem;
    value.get_if<ValueList>()->for_each([&](const Value& each) {
      if (problem) return;
      Converted converted = convert(each, element, path + "[]");
      if (converted)
        elements.push_back(*std::move(converted));
      else
        problem = std::move(converted).error();
    });
    if (problem) return *std::move(problem);
    return Value::list(std::move(elements));
  }
  static Converted convert_map(const ValueMap& map, const Type& to, const std::string& path) {
    std::vector<std::pair<Value, Value>> entries;
    for (const auto& [key, value] : map.entries) {
      TENON_TRY(Value new_key, convert(key, *to.key(), path + ".key"));
      TENON_TRY(Value new_value, convert(value, *to.element(), path + ".value"));
      entries.emplace_back(std::move(new_key), std::move(new_value));
    }
    return Value::map(std::move(entries));
  }
  static Converted convert_tuple(const ValueTuple& tuple, const Type& to, const std::string& path) {
    const std::vector<Type> types = to.elements();
    std::vector<Value> values;
    for (std::size_t i = 0; i < types.size(); ++i) {
      TENON_TRY(Value converted, convert(tuple.values[i], types[i], fmt::format("{}.{}", path, i)));
      values.push_back(std::move(converted));
    }
    return Value::tuple(std::move(values));
  }
  static std::string refuse_case(const std::string& path, const std::string& label) {
    return fmt::format("`{}` is `{}`, a case that the other side does not have", path, label);
  }
};

}  // namespace

AdaptedCallee::AdaptedCallee(Edge consumer, Edge provider, runtime::Shared& shared,
                             std::unique_ptr<call::Callee> callee)
    : consumer_(std::move(consumer)),
      provider_(std::move(provider)),
      shared_(shared),
      callee_(std::move(callee)) {}

void AdaptedCallee::start(call::Call& call) {
  call.end_within_start();
  const auto refuse = [&](std::string why) {
    call.finish(make_refusal(consumer_.function, std::move(why)));
  };
  const abi::From* const params = call.params();
  if (params == nullptr) return call.finish();
  std::uint64_t bytes = 0;
  const auto values =
      runtime::Observer(*consumer_.shape, *consumer_.values).read_params(*params, bytes);
  if (!values) {
    call.break_off(values.error());
    return call.finish();
  }
  const std::vector<TypeField> types = provider_.values->type().params();
  std::vector<Value> converted;
  for (std::size_t i = 0; i < types.size(); ++i) {
    Converted value = Converter::convert((*values)[i], types[i].type, types[i].label);
    if (!value) return refuse(std::move(value).error());
    converted.push_back(*std::move(value));
  }
  abi::ValueArena arena;
  NoHandles handles;
  const auto address = provider_.values->write_params(converted, arena, handles);
  if (!address) return refuse(address.error().front().message);
  runtime::ProgramCall inner(*provider_.shape, shared_, arena, abi::From::memory(arena, *address));
  callee_->start(inner);
  if (!inner.is_success()) return call.finish(inner.take_failure(provider_.function));
  if (!inner.result()) return call.finish();
  const auto result = provider_.values->read_result(*inner.result(), arena, handles);
  if (!result) return refuse(result.error().front().message);
  Converted value = Converter::convert(*result, *consumer_.values->type().result(), "result");
  if (!value) return refuse(std::move(value).error());
  arena.clear();
  const auto written = consumer_.values->write_result(*value, arena, handles);
  if (!written) return refuse(written.error().front().message);
  const auto given = call.give_result(abi::From::memory(arena, *written));
  if (given || call.is_broken_off()) return call.finish();
  refuse("its result cannot be passed: " + abi::describe(given.error()));
}

}  // namespace tenon::middleware
