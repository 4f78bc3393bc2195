// Property: any bytes are either read, or rejected with an offset inside them, with memory within a
// fixed multiple of their size; and a component that was read is written as bytes that read as an
// equal component.
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "binary/custom_sections.h"
#include "binary/read_component.h"
#include "binary/read_module.h"
#include "binary/write_component.h"
#include "require.h"

namespace {

using namespace tenon::binary;
using Bytes = std::span<const std::uint8_t>;

// A definition has at least one byte in the binary and takes at most this many bytes in memory,
// including the growth of its vector. A refusal takes a few kilobytes.
constexpr std::int64_t kBytesPerByte = 1024;
constexpr std::int64_t kBytesAtLeast = 16384;

// Bytes on the heap that were allocated since counting began.
std::int64_t held = 0;
std::int64_t most_held = 0;

void count_malloc(const volatile void*, std::size_t size) {
  held += static_cast<std::int64_t>(size);
  most_held = std::max(most_held, held);
}

void count_free(const volatile void* pointer) {
  if (!pointer) return;
  held -=
      static_cast<std::int64_t>(__sanitizer_get_allocated_size(const_cast<const void*>(pointer)));
}

EncodedComponent rewrite(const Component& component, Bytes file) {
  ComponentWriter out;
  for (const Definition& definition : component.definitions) {
    if (const auto* nested = std::get_if<std::unique_ptr<Component>>(&definition)) {
      out.add_component(rewrite(**nested, file));
      continue;
    }
    if (const auto* module = std::get_if<CoreModuleDef>(&definition)) {
      (void)read_module(file, module->span);
    }
    out.copy_definition(definition, file);
  }
  (void)read_metadata(file, component);
  return std::move(out).finish();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  __sanitizer_install_malloc_and_free_hooks(count_malloc, count_free);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file(data, size);
  most_held = held;
  const std::int64_t before = held;
  const tenon::Result<Component> read = read_component(file);
  require(most_held - before <= kBytesAtLeast + kBytesPerByte * static_cast<std::int64_t>(size));
  if (!read) {
    require(read.error().size() == 1 && read.error()[0].where.offset.value() <= size);
    return 0;
  }
  const EncodedComponent once = rewrite(*read, file);
  const tenon::Result<Component> again = read_component(once.bytes);
  require(again.has_value());
  require(rewrite(*again, once.bytes).bytes == once.bytes);
  return 0;
}
