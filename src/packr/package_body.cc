#include "packr/package_body.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "packr/buffer_functions.h"
#include "packr/payload_reader.h"
#include "support/try.h"

namespace tenon::packr {

namespace {

using engine::CallError;
using engine::CoreFunctionType;
using engine::Failure;
using engine::FlatValue;

using enum engine::CoreValueType;

// Of packages without allocator.
constexpr std::uint32_t kFixedParams = 0;
constexpr std::uint32_t kFixedSlots = 16384;
constexpr std::uint32_t kFixedLent = kFixedSlots + 8;
constexpr std::uint32_t kFixedLentBytes = 32768;

// The block that a package with allocator keeps: the two words for a result, then room for small
// params, then room for a small result of an import.
constexpr std::uint32_t kKeptBytes = 512;
constexpr std::uint32_t kParamsInKept = 8;
constexpr std::uint32_t kLentInKept = 256;

const CoreFunctionType kAlloc{{I32}, {I32}};
const CoreFunctionType kFree{{I32, I32}, {}};
const CoreFunctionType kPlain{};

Failure broke(std::string message) {
  return {.kind = engine::FailureKind::Trap, .message = std::move(message)};
}

bool is_within(std::span<const std::uint8_t> memory, std::uint64_t address, std::uint64_t size) {
  return address <= memory.size() && size <= memory.size() - address;
}

std::string no_room(std::uint32_t size, std::uint32_t address) {
  return address == 0
             ? fmt::format("`__pack_alloc` could not allocate {} bytes", size)
             : fmt::format("`__pack_alloc` returned {} bytes at {}, which is not in its memory",
                           size, address);
}

// An import, as the engine calls it.
class ImportFunction final : public engine::CoreHostFunction {
 public:
  ImportFunction(PackageBody& body, const PackageImport& import) : body_(body), import_(import) {}

  Result<void, CallError> call(engine::CoreCaller& core, std::span<FlatValue> values) override {
    const GuestBytes passed{values[0].u32(), values[1].u32()};
    const ImportCall::Slots slots{values[2].u32(), values[3].u32()};
    TENON_TRY_VOID(body_.take_back(core, passed));
    const std::span<std::uint8_t> memory = core.memory();
    for (const GuestBytes bytes : {passed, GuestBytes{slots.address, 4}, GuestBytes{slots.size, 4}})
      if (!is_within(memory, bytes.address, bytes.size))
        TENON_TRY_VOID(core.bytes(bytes.address, bytes.size));
    if (import_.callee == nullptr)
      return CallError::make(
          fmt::format("`{}.{}` is an import that nothing provides", import_.module, import_.field));
    ImportCall call(import_, body_, core, memory.subspan(passed.address, passed.size), slots);
    import_.callee->start(call);
    TENON_TRY_VOID(call.take_outcome());
    values[0] = FlatValue::of_u32(0);
    return {};
  }

 private:
  PackageBody& body_;
  const PackageImport& import_;
};

}  // namespace

const CoreFunctionType& package_function_type() {
  static const CoreFunctionType type{{I32, I32, I32, I32}, {I32}};
  return type;
}

PackageBody::PackageBody(runtime::Domain& domain, PackageParts parts)
    : domain_(domain),
      parts_(std::move(parts)),
      imports_buffers_(std::ranges::any_of(parts_.code->imports(), [](const auto& import) {
        return import.module == kBufferModule;
      })) {}

std::vector<engine::CoreHostImport> PackageBody::make_imports() {
  std::vector<engine::CoreHostImport> made = make_buffer_functions(buffers_);
  for (const PackageImport& import : parts_.imports)
    made.push_back({.module = import.module,
                    .field = import.field,
                    .type = package_function_type(),
                    .function = std::make_unique<ImportFunction>(*this, import)});
  return made;
}

Result<void, Failure> PackageBody::begin(engine::Store& store) {
  TENON_TRY(auto instance, engine::CoreInstance::instantiate(store, *parts_.code, make_imports()));
  instance_.emplace(std::move(instance));
  const auto find = [&](std::string_view name, const CoreFunctionType& type,
                        std::optional<engine::CoreFunction>& found) -> Result<void, Failure> {
    if (parts_.code->find_export(name) == nullptr) return {};
    TENON_TRY(const engine::CoreFunction function, instance_->find_function(store, name, type));
    found.emplace(function);
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
  kept_ = 0;
  lent_.clear();
  buffers_.clear();
}

Result<engine::CoreFunction, Failure> PackageBody::find_function(engine::Store& store,
                                                                 const std::string& name) {
  const auto field = parts_.exports.find(name);
  if (field == parts_.exports.end()) return broke("it does not export a function with that name");
  return instance_->find_function(store, field->second, package_function_type());
}

Result<std::uint32_t, Failure> PackageBody::allocate(engine::Store& store, std::uint32_t size) {
  std::array values = {FlatValue::of_u32(size)};
  TENON_TRY_VOID(alloc_->call(store, values));
  const std::uint32_t address = values[0].u32();
  if (address == 0 || !is_within(memory(store), address, size))
    return broke(no_room(size, address));
  return address;
}

Result<GuestBytes, Failure> PackageBody::find_room(engine::Store& store, std::uint64_t size) {
  if (size > UINT32_MAX) return broke("the arguments are larger than 4 GiB");
  GuestBytes room{kFixedParams, static_cast<std::uint32_t>(size)};
  if (!alloc_) {
    if (size > kFixedSlots || memory(store).size() < kFixedLent)
      return broke(
          fmt::format("it has no `__pack_alloc`, so it accepts at most {} bytes: {} were passed",
                      kFixedSlots, size));
  } else if (size <= kLentInKept - kParamsInKept) {
    room.address = kept_ + kParamsInKept;
  } else {
    TENON_TRY(room.address, allocate(store, room.size));
  }
  return room;
}

Result<std::uint32_t, Failure> PackageBody::find_slots(engine::Store& store) {
  if (!alloc_) return kFixedSlots;
  if (kept_ == 0) {
    TENON_TRY(kept_, allocate(store, kKeptBytes));
  }
  return kept_;
}

bool PackageBody::is_to_be_freed(GuestBytes bytes) const {
  const bool is_kept = kept_ != 0 && bytes.address - kept_ < kKeptBytes;
  return free_ && bytes.size != 0 && !is_kept;
}

Result<void, Failure> PackageBody::free(engine::Store& store, GuestBytes bytes) {
  if (!is_to_be_freed(bytes)) return {};
  std::array values = {FlatValue::of_u32(bytes.address), FlatValue::of_u32(bytes.size)};
  return free_->call(store, values);
}

Result<PackageBody::Returned, Failure> PackageBody::call(engine::Store& store,
                                                         const engine::CoreFunction& function,
                                                         std::span<const std::uint8_t> params) {
  Returned returned;
  TENON_TRY(const std::uint32_t slots, find_slots(store));
  TENON_TRY(returned.params, find_room(store, params.size()));
  const std::span<std::uint8_t> before = memory(store);
  std::memcpy(before.data() + returned.params.address, params.data(), params.size());
  std::memset(before.data() + slots, 0, 8);
  std::array values = {FlatValue::of_u32(returned.params.address),
                       FlatValue::of_u32(returned.params.size), FlatValue::of_u32(slots),
                       FlatValue::of_u32(slots + 4)};
  TENON_TRY_VOID(function.call(store, values));
  returned.status = static_cast<std::int32_t>(values[0].u32());
  const std::span<std::uint8_t> after = memory(store);
  returned.result = {load_u32(after.data() + slots), load_u32(after.data() + slots + 4)};
  if (!is_within(after, returned.result.address, returned.result.size))
    return broke(fmt::format("it returned {} bytes at {}, which is not in its memory",
                             returned.result.size, returned.result.address));
  returned.bytes = after.subspan(returned.result.address, returned.result.size);
  return returned;
}

Result<void, Failure> PackageBody::release(engine::Store& store, const Returned& returned) {
  // What it got from an import, or was passed, it may return as it is.
  if (!lent_.empty()) std::erase(lent_, returned.result);
  while (!lent_.empty()) {
    const GuestBytes bytes = lent_.back();
    lent_.pop_back();
    TENON_TRY_VOID(free(store, bytes));
  }
  TENON_TRY_VOID(free(store, returned.params));
  if (returned.result == returned.params) return {};
  return free(store, returned.result);
}

Result<std::uint32_t, CallError> PackageBody::lend(engine::CoreCaller& caller, std::uint32_t size) {
  if (!alloc_) {
    if (size <= kFixedLentBytes && is_within(caller.memory(), kFixedLent, size)) return kFixedLent;
    return CallError::make(fmt::format(
        "a package without `__pack_alloc` can receive at most {} bytes: the result of its import "
        "has {}",
        kFixedLentBytes, size));
  }
  const GuestBytes kept{kept_ + kLentInKept, size};
  const auto is_kept = [&](const GuestBytes& bytes) { return bytes.address == kept.address; };
  if (kept_ != 0 && size <= kKeptBytes - kLentInKept && std::ranges::none_of(lent_, is_kept)) {
    lent_.push_back(kept);
    return kept.address;
  }
  std::array values = {FlatValue::of_u32(size)};
  TENON_TRY_VOID(caller.call(*alloc_, values));
  const std::uint32_t address = values[0].u32();
  if (address == 0 || !is_within(caller.memory(), address, size))
    return CallError::make(no_room(size, address));
  lent_.push_back({address, size});
  return address;
}

Result<void, CallError> PackageBody::take_back(engine::CoreCaller& caller, GuestBytes in_use) {
  const auto is_in_use = [&](const GuestBytes& bytes) {
    return std::uint64_t{bytes.address} + bytes.size > in_use.address &&
           std::uint64_t{in_use.address} + in_use.size > bytes.address;
  };
  // Freeing runs the package, which may change what is lent.
  for (std::size_t i = 0; i < lent_.size();) {
    const GuestBytes bytes = lent_[i];
    if (is_in_use(bytes)) {
      ++i;
      continue;
    }
    lent_.erase(lent_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!is_to_be_freed(bytes)) continue;
    std::array values = {FlatValue::of_u32(bytes.address), FlatValue::of_u32(bytes.size)};
    TENON_TRY_VOID(caller.call(*free_, values));
  }
  return {};
}

}  // namespace tenon::packr
