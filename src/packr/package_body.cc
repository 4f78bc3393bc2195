// A package and the host exchange messages in the package's memory. A function gets four words: the
// address and size of its parameters, and the addresses of two words, the slots, in which it stores
// the address and size of its result. An import has the same type, with the roles reversed.
//
// Everything that the host writes must be in memory that the package's allocator (`__pack_alloc`)
// handed out, and an allocation is a call into the package. To avoid two such calls per message,
// the host allocates one block at the first call of a life and keeps it: 8 bytes for the slots,
// then space for small parameters, then space for the small result of an import. Larger messages
// get an allocation of their own.
//
// Who frees what, and when:
//
//   parameters of a call         the host, after the call
//   result of a call             the host, after it has read it
//   result of an import          the host: when the package calls its next import, or returns
//
// The result of an import cannot be freed at once, because the package reads it after the import
// has returned. A package can pass parts of it on, or return it as its own result, so a range that
// is still in use is freed one step later, and no range is freed twice. `import_results_` lists the
// results that are not freed yet; while one of them uses the space in the block, the next one gets
// an allocation.
//
// In packr's original form, the last two words are the address and size of a buffer for the result,
// and the function returns the size of the result. The buffer of a call follows the block, and an
// import writes directly to the buffer that the package passes. Then no result is freed.
//
// In packr's async form, the package frees the result of an import itself, so each one gets an
// allocation of its own, and the host forgets it.
//
// A package without an allocator has fixed places, as in packr: parameters at 0, the slots at
// 16384, and the result of an import from 16392 on; or, in the original form, the buffer at 16384.
// Nothing is freed.
#include "packr/package_body.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "packr/graph_format.h"
#include "packr/message_form.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using engine::CallError;
using engine::CoreFunctionType;
using engine::Failure;
using engine::FlatValue;

using enum engine::CoreValueType;

// The addresses in packages without an allocator.
constexpr std::uint32_t kFixedParams = 0;
constexpr std::uint32_t kFixedSlots = 16384;
constexpr std::uint32_t kFixedImportResult = kFixedSlots + 8;
constexpr std::uint32_t kFixedImportResultBytes = 32768;
constexpr std::uint32_t kFixedBufferBytes = 32768;

// The block of a package with an allocator, and offsets in it. The slots are at its beginning.
constexpr std::uint32_t kBlockBytes = 512;
constexpr std::uint32_t kParamsInBlock = 8;
constexpr std::uint32_t kImportResultInBlock = 256;
// The buffer that follows the block in the original form.
constexpr std::uint32_t kBufferBytes = 256 * 1024;

const CoreFunctionType kAlloc{{I32}, {I32}};
const CoreFunctionType kFree{{I32, I32}, {}};
const CoreFunctionType kPlain{};

Failure trap_failure(std::string message) {
  return {.kind = engine::FailureKind::Trap, .message = std::move(message)};
}

bool is_within(std::span<const std::uint8_t> memory, std::uint64_t address, std::uint64_t size) {
  return address <= memory.size() && size <= memory.size() - address;
}

std::string describe_failed_allocation(std::uint32_t size, std::uint32_t address) {
  return address == 0
             ? fmt::format("`__pack_alloc` could not allocate {} bytes", size)
             : fmt::format("`__pack_alloc` returned {} bytes at {}, which is not in its memory",
                           size, address);
}

// The host function behind an import.
class ImportFunction final : public engine::CoreHostFunction {
 public:
  ImportFunction(PackageBody& body, const PackageImport& import) : body_(body), import_(import) {}

  Result<void, CallError> call(engine::CoreCaller& core, std::span<FlatValue> values) override {
    const GuestBytes passed{values[0].u32(), values[1].u32()};
    const GuestBytes room{values[2].u32(), values[3].u32()};
    TENON_TRY_VOID(body_.free_import_results(core, passed));
    const std::span<std::uint8_t> memory = core.memory();
    const bool is_buffer = body_.has_caller_buffers();
    for (const GuestBytes bytes : {passed, is_buffer ? room : GuestBytes{room.address, 4},
                                   is_buffer ? room : GuestBytes{room.size, 4}})
      if (!is_within(memory, bytes.address, bytes.size))
        TENON_TRY_VOID(core.bytes(bytes.address, bytes.size));
    if (import_.callee == nullptr)
      return CallError::make(
          fmt::format("`{}.{}` is an import that nothing provides", import_.module, import_.field));
    const std::span<std::uint8_t> message = memory.subspan(passed.address, passed.size);
    if (!body_.has_known_version())
      if (const auto version = version_of(message)) body_.learn_version(*version);
    ImportCall call(import_, body_, core, message, room);
    import_.callee->start(call);
    TENON_TRY_VOID(call.take_outcome());
    values[0] = FlatValue::of_u32(is_buffer ? call.result_bytes() : 0);
    return {};
  }

 private:
  PackageBody& body_;
  const PackageImport& import_;
};

}  // namespace

const CoreFunctionType& package_function_type() {
  // Never destroyed: a thread can start a package while the process ends.
  static const CoreFunctionType& type = *new CoreFunctionType{{I32, I32, I32, I32}, {I32}};
  return type;
}

PackageBody::PackageBody(runtime::Domain& domain, PackageParts parts)
    : domain_(domain),
      parts_(std::move(parts)),
      imports_buffers_(
          std::ranges::any_of(parts_.code->imports(),
                              [](const auto& import) { return import.module == kBufferModule; })),
      buffers_(parts_.buffer_bytes.value_or(std::numeric_limits<std::uint64_t>::max())) {}

std::vector<engine::CoreHostImport> PackageBody::make_imports() {
  std::vector<engine::CoreHostImport> imports = make_buffer_functions(buffers_);
  for (const PackageImport& import : parts_.imports)
    imports.push_back({.module = import.module,
                       .field = import.field,
                       .type = package_function_type(),
                       .function = std::make_unique<ImportFunction>(*this, import)});
  return imports;
}

Result<void, Failure> PackageBody::begin(engine::Store& store) {
  TENON_TRY(auto instance, engine::CoreInstance::instantiate(store, *parts_.code, make_imports()));
  instance_.emplace(std::move(instance));
  const auto find = [&](std::string_view name, const CoreFunctionType& type,
                        std::optional<engine::CoreFunction>& function) -> Result<void, Failure> {
    if (parts_.code->find_export(name) == nullptr) return {};
    TENON_TRY(const engine::CoreFunction exported, instance_->find_function(store, name, type));
    function.emplace(exported);
    return {};
  };
  std::optional<engine::CoreFunction> constructors;
  TENON_TRY_VOID(find("__pack_alloc", kAlloc, alloc_));
  TENON_TRY_VOID(find("__pack_free", kFree, free_));
  TENON_TRY_VOID(find("__wasm_call_ctors", kPlain, constructors));
  if (constructors) TENON_TRY_VOID(constructors->call(store, {}));
  return {};
}

void PackageBody::end() {
  instance_.reset();
  alloc_.reset();
  free_.reset();
  block_ = 0;
  import_results_.clear();
  buffers_.clear();
}

Result<engine::CoreFunction, Failure> PackageBody::find_function(engine::Store& store,
                                                                 const std::string& name) {
  const auto field = parts_.exports.find(name);
  const std::string& exported = field == parts_.exports.end() ? name : field->second;
  if (parts_.code->find_export(exported) == nullptr)
    return trap_failure("it does not export a function with that name");
  return instance_->find_function(store, exported, package_function_type());
}

Result<std::uint32_t, Failure> PackageBody::allocate(engine::Store& store, std::uint32_t size) {
  std::array values = {FlatValue::of_u32(size)};
  TENON_TRY_VOID(alloc_->call(store, values));
  const std::uint32_t address = values[0].u32();
  if (address == 0 || !is_within(memory(store), address, size))
    return trap_failure(describe_failed_allocation(size, address));
  return address;
}

Result<GuestBytes, Failure> PackageBody::make_params(engine::Store& store, std::uint64_t size) {
  if (size > UINT32_MAX) return trap_failure("the arguments are larger than 4 GiB");
  GuestBytes room{kFixedParams, static_cast<std::uint32_t>(size)};
  if (!alloc_) {
    if (size > kFixedSlots || memory(store).size() < kFixedImportResult)
      return trap_failure(
          fmt::format("it has no `__pack_alloc`, so it accepts at most {} bytes: {} were passed",
                      kFixedSlots, size));
  } else if (size <= kImportResultInBlock - kParamsInBlock) {
    room.address = block_ + kParamsInBlock;
  } else {
    TENON_TRY(room.address, allocate(store, room.size));
  }
  return room;
}

std::uint32_t PackageBody::block_bytes() const {
  return kBlockBytes + (has_caller_buffers() ? kBufferBytes : 0);
}

Result<GuestBytes, Failure> PackageBody::make_result_room(engine::Store& store) {
  if (alloc_ && block_ == 0) {
    TENON_TRY(block_, allocate(store, block_bytes()));
  }
  if (!has_caller_buffers()) return GuestBytes{alloc_ ? block_ : kFixedSlots, 8};
  if (alloc_) return GuestBytes{block_ + kBlockBytes, kBufferBytes};
  if (!is_within(memory(store), kFixedSlots, kFixedBufferBytes))
    return trap_failure(fmt::format("its memory has no room for a result of {} bytes at {}",
                                    kFixedBufferBytes, kFixedSlots));
  return GuestBytes{kFixedSlots, kFixedBufferBytes};
}

bool PackageBody::must_be_freed(GuestBytes bytes) const {
  const bool is_in_block = block_ != 0 && bytes.address - block_ < block_bytes();
  return free_ && bytes.size != 0 && !is_in_block;
}

Result<void, Failure> PackageBody::free(engine::Store& store, GuestBytes bytes) {
  if (!must_be_freed(bytes)) return {};
  std::array values = {FlatValue::of_u32(bytes.address), FlatValue::of_u32(bytes.size)};
  return free_->call(store, values);
}

Result<PackageBody::Returned, Failure> PackageBody::call(engine::Store& store,
                                                         const engine::CoreFunction& function,
                                                         std::span<const std::uint8_t> params) {
  Returned returned;
  TENON_TRY(const GuestBytes room, make_result_room(store));
  TENON_TRY(returned.params, make_params(store, params.size()));
  const std::span<std::uint8_t> before = memory(store);
  std::memcpy(before.data() + returned.params.address, params.data(), params.size());
  stamp_version(before.subspan(returned.params.address, params.size()), version());
  std::memset(before.data() + room.address, 0, 8);
  const std::uint32_t slots = room.address;
  std::array values = {FlatValue::of_u32(returned.params.address),
                       FlatValue::of_u32(returned.params.size), FlatValue::of_u32(slots),
                       FlatValue::of_u32(has_caller_buffers() ? room.size : slots + 4)};
  TENON_TRY_VOID(function.call(store, values));
  returned.status = static_cast<std::int32_t>(values[0].u32());
  const std::span<std::uint8_t> after = memory(store);
  if (has_caller_buffers()) {
    if (returned.status < 0) return returned;
    const std::uint32_t size = values[0].u32();
    if (size > room.size)
      return trap_failure(
          fmt::format("it returned a result of {} bytes, and the buffer that it got for it has {}",
                      size, room.size));
    returned.status = 0;
    returned.bytes = after.subspan(room.address, size);
    return returned;
  }
  returned.result = {load_u32(after.data() + slots), load_u32(after.data() + slots + 4)};
  if (!is_within(after, returned.result.address, returned.result.size))
    return trap_failure(fmt::format("it returned {} bytes at {}, which is not in its memory",
                                    returned.result.size, returned.result.address));
  returned.bytes = after.subspan(returned.result.address, returned.result.size);
  return returned;
}

Result<void, Failure> PackageBody::release(engine::Store& store, const Returned& returned) {
  // A package can return the result of an import, or its parameters, as its own result.
  if (!import_results_.empty()) std::erase(import_results_, returned.result);
  while (!import_results_.empty()) {
    const GuestBytes bytes = import_results_.back();
    import_results_.pop_back();
    TENON_TRY_VOID(free(store, bytes));
  }
  TENON_TRY_VOID(free(store, returned.params));
  if (returned.result == returned.params) return {};
  return free(store, returned.result);
}

Result<std::uint32_t, CallError> PackageBody::allocate_import_result(engine::CoreCaller& caller,
                                                                     std::uint32_t size) {
  if (!alloc_) {
    if (size <= kFixedImportResultBytes && is_within(caller.memory(), kFixedImportResult, size))
      return kFixedImportResult;
    return CallError::make(fmt::format(
        "a package without `__pack_alloc` can receive at most {} bytes: the result of its import "
        "has {}",
        kFixedImportResultBytes, size));
  }
  const auto allocate_own = [&]() -> Result<std::uint32_t, CallError> {
    std::array values = {FlatValue::of_u32(size)};
    TENON_TRY_VOID(caller.call(*alloc_, values));
    const std::uint32_t address = values[0].u32();
    if (address == 0 || !is_within(caller.memory(), address, size))
      return CallError::make(describe_failed_allocation(size, address));
    return address;
  };
  if (is_async()) return allocate_own();
  const GuestBytes in_block{block_ + kImportResultInBlock, size};
  const auto uses_block = [&](const GuestBytes& bytes) {
    return bytes.address == in_block.address;
  };
  if (block_ != 0 && size <= kBlockBytes - kImportResultInBlock &&
      std::ranges::none_of(import_results_, uses_block)) {
    import_results_.push_back(in_block);
    return in_block.address;
  }
  TENON_TRY(const std::uint32_t address, allocate_own());
  import_results_.push_back({address, size});
  return address;
}

Result<void, CallError> PackageBody::free_import_results(engine::CoreCaller& caller,
                                                         GuestBytes in_use) {
  const auto is_in_use = [&](const GuestBytes& bytes) {
    return std::uint64_t{bytes.address} + bytes.size > in_use.address &&
           std::uint64_t{in_use.address} + in_use.size > bytes.address;
  };
  // Freeing runs code of the package, which can change the list.
  for (std::size_t i = 0; i < import_results_.size();) {
    const GuestBytes bytes = import_results_[i];
    if (is_in_use(bytes)) {
      ++i;
      continue;
    }
    import_results_.erase(import_results_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!must_be_freed(bytes)) continue;
    std::array values = {FlatValue::of_u32(bytes.address), FlatValue::of_u32(bytes.size)};
    TENON_TRY_VOID(caller.call(*free_, values));
  }
  return {};
}

}  // namespace tenon::packr
