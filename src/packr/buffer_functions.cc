#include "packr/buffer_functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

#include "support/try.h"

namespace tenon::packr {

namespace {

using engine::CallError;
using engine::CoreCaller;
using engine::FlatValue;
using Values = std::span<FlatValue>;
using Answer = Result<void, CallError>;

CallError no_such(std::uint32_t handle) {
  return CallError::make(fmt::format("the package has no buffer {}", handle));
}

Answer make_buffer(BufferTable& table, CoreCaller& caller, Values values) {
  TENON_TRY(const auto bytes, caller.bytes(values[0].u32(), values[1].u32()));
  const auto handle =
      table.add(std::make_shared<const std::vector<std::uint8_t>>(bytes.begin(), bytes.end()));
  if (!handle) return CallError::make("the package cannot hold any more buffers");
  values[0] = FlatValue::of_u32(*handle);
  return {};
}

Answer measure_buffer(BufferTable& table, CoreCaller& /*caller*/, Values values) {
  const Buffer buffer = table.find(values[0].u32());
  if (buffer == nullptr) return no_such(values[0].u32());
  values[0] = FlatValue::of_u32(static_cast<std::uint32_t>(buffer->size()));
  return {};
}

Answer read_buffer(BufferTable& table, CoreCaller& caller, Values values) {
  const Buffer buffer = table.find(values[0].u32());
  if (buffer == nullptr) return no_such(values[0].u32());
  const std::size_t offset = std::min<std::size_t>(values[1].u32(), buffer->size());
  const std::size_t size = std::min<std::size_t>(values[3].u32(), buffer->size() - offset);
  TENON_TRY(const auto bytes, caller.bytes(values[2].u32(), size));
  if (size != 0) std::memcpy(bytes.data(), buffer->data() + offset, size);
  values[0] = FlatValue::of_u32(static_cast<std::uint32_t>(size));
  return {};
}

Answer drop_buffer(BufferTable& table, CoreCaller& /*caller*/, Values values) {
  return table.drop(values[0].u32()) ? Answer() : Answer(no_such(values[0].u32()));
}

class BufferFunction final : public engine::CoreHostFunction {
 public:
  using Do = Answer (*)(BufferTable&, CoreCaller&, Values);
  BufferFunction(BufferTable& table, Do act) : table_(table), act_(act) {}

  Answer call(CoreCaller& caller, Values values) override { return act_(table_, caller, values); }

 private:
  BufferTable& table_;
  Do act_;
};

}  // namespace

std::vector<engine::CoreHostImport> make_buffer_functions(BufferTable& table) {
  constexpr BufferFunction::Do kActs[] = {make_buffer, measure_buffer, read_buffer, drop_buffer};
  static_assert(std::size(kActs) == kBufferFunctions.size());
  const auto words = [](std::uint32_t count) {
    return std::vector<engine::CoreValueType>(count, engine::CoreValueType::I32);
  };
  std::vector<engine::CoreHostImport> made;
  for (std::size_t i = 0; i < kBufferFunctions.size(); ++i) {
    const BufferFunctionType& one = kBufferFunctions[i];
    made.push_back({.module = std::string(kBufferModule),
                    .field = std::string(one.name),
                    .type = {words(one.params), words(one.results)},
                    .function = std::make_unique<BufferFunction>(table, kActs[i])});
  }
  return made;
}

}  // namespace tenon::packr
