// Values of C programs as text, for logs and messages. They are written to an arena, with the
// checks of a call, and read from it as `Value`s.
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "abi/copy_program.h"
#include "abi/layout.h"
#include "abi/value_arena.h"
#include "call/canonical_values.h"
#include "call/function_shape.h"
#include "capi/function.h"
#include "capi/values.h"
#include "support/check.h"
#include "support/try.h"
#include "types/print_type.h"
#include "value/type_graph.h"

using namespace tenon;
using capi::make_misuse;

namespace {

// The handles of a value, by their positions among those that were written: none of them is passed.
class ShownHandles final : public call::HandleExchange {
 public:
  ShownHandles(const value::TypeGraph& graph, const abi::FunctionLayout& layout,
               const host::WrittenResult& written)
      : graph_(graph), layout_(layout), written_(written) {}

  Result<abi::ResourceToken> give(const ValueHandle& /*handle*/,
                                  abi::HandlePart /*part*/) override {
    TENON_CHECK(false);  // Values are only read.
    return abi::ResourceToken();
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override {
    const host::WrittenResult::Handle& handle = written_.handles[token];
    const abi::HandleType& type = layout_.param_handles[part.number];
    ValueHandle shown;
    if (handle.stream != 0) {
      shown.resource = types::print_type(graph_.types, graph_.names, type.transmitted);
      shown.id = handle.stream;
    } else if (const tenon_resource* const resource = tenon_resource::find(handle.rep)) {
      shown = resource->handle;
    } else {
      const auto origin = graph_.origins.find(type.resource);
      shown.resource = origin != graph_.origins.end() ? origin->second.path
                                                      : graph_.types.resources[type.resource].name;
    }
    return shown;
  }

 private:
  const value::TypeGraph& graph_;
  const abi::FunctionLayout& layout_;
  const host::WrittenResult& written_;
};

// Errors: value-type, value-too-large; those of types without values in C.
Result<Value> read_value(const Type& type, const tenon_value& value) {
  const value::TypeGraph& graph = *value::graph_of(type);
  types::Function function;
  function.params.push_back({.label = "value", .type = value::id_of(type)});
  TENON_TRY(abi::FunctionLayout laid_out, abi::lay_out_function(graph.types, function));
  const call::FunctionShape shape{.program = abi::CopyProgram::make(std::move(laid_out))};
  const abi::FunctionLayout& layout = shape.program.layout();
  abi::ValueArena arena;
  const auto written = host::write_native_params(layout, std::span(&value, 1), arena);
  if (!written) return capi::make_problem(written.error());
  for (std::size_t i = 0; i < written->handles.size(); ++i) {
    const std::uint32_t index = arena.add_resource(i);
    std::memcpy(arena.memory().data() + written->handles[i].address, &index, sizeof(index));
  }
  ShownHandles handles(graph, layout, *written);
  return call::read_item(shape, written->address, arena, handles);
}

// print: makes the text of a Value.
template <class Print>
tenon_error* print_value(const tenon_type* type, const tenon_value* value, char** text,
                         Print print) {
  if (text == nullptr) return make_misuse("the place for the text is NULL");
  *text = nullptr;
  return capi::guard([&]() -> tenon_error* {
    if (tenon_error* const misuse = capi::find_misuse(type, "type")) return misuse;
    if (value == nullptr) return make_misuse("`value` is NULL");
    return capi::store(read_value(type->type, *value), text,
                       [&](const Value& read) { return capi::copy_text(print(read)); });
  });
}

}  // namespace

tenon_error* tenon_value_wave(const tenon_type* type, const tenon_value* value, char** text) {
  return print_value(type, value, text, [](const Value& read) { return print_wave(read); });
}

tenon_error* tenon_value_json(const tenon_type* type, const tenon_value* value, char** text) {
  return print_value(type, value, text, [](const Value& read) { return print_json(read); });
}
