#include "engine/raw_call.h"

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/host_gate.h"
#include "engine/seam.h"

// How a raw call runs.
//
// A call of an export, `RawFunction::call`, enters the engine's crate with two C callbacks and a
// pointer to the `RawCall`:
//
//   RawFunction::call -> crate -> wasmtime enters the store
//                                   -> tenon_lower: params into flat values and the guest's memory
//                                   -> the guest runs
//                                   -> tenon_lift: the result out of them, then post-return
//
// A call of a host function runs the other way: the guest calls wasmtime, which calls the crate,
// which calls tenon_host_function. If that function calls another guest, its callbacks run while
// both guests are on the stack, and values go from one memory to the other.
//
// C++ and Rust share the memory of flat values, resources and number calls, so the types on both
// sides have one layout, and pointers to them are cast. The assertions below check the layouts.
//
// A callback returns an error as a `CallError`, which owns the engine's error object. Returning it
// passes the object back to the engine unchanged, so that a failure keeps its kind, payload and
// frames on its way through several guests. Callbacks do not throw: an exception must not unwind
// through Rust frames.

namespace tenon::engine {

namespace {

static_assert(std::endian::native == std::endian::little, "flat values are little-endian");
static_assert(sizeof(FlatValue) == sizeof(wasmtime_val_raw_t));
static_assert(alignof(FlatValue) == alignof(wasmtime_val_raw_t));
static_assert(sizeof(GuestResource) == sizeof(tnengine_resource_t));
static_assert(sizeof(NumberCall) == sizeof(tnengine_numbers_t));
static_assert(offsetof(NumberCall, result) == offsetof(tnengine_numbers_t, result));
static_assert(offsetof(NumberCall, has_entered) == offsetof(tnengine_numbers_t, entered));
static_assert(kSpilled == TNENGINE_SPILLED);

GuestEncoding encoding_of(std::uint8_t encoding) {
  switch (encoding) {
    case TNENGINE_UTF16:
      return GuestEncoding::Utf16;
    case TNENGINE_LATIN1_UTF16:
      return GuestEncoding::Latin1Utf16;
    default:
      return GuestEncoding::Utf8;
  }
}

tnengine_resource_t raw(const GuestResource& resource) {
  return std::bit_cast<tnengine_resource_t>(resource);
}

extern "C" {

wasmtime_error_t* tenon_lower(void* env, tnengine_guest_t* callee, wasmtime_val_raw_t* slots,
                              std::size_t size) noexcept {
  const HostEntry entry;
  GuestSide side(callee);
  const std::span params(reinterpret_cast<FlatValue*>(slots), size);
  return guard_callback([&] { return static_cast<RawCall*>(env)->lower(side, params); });
}

wasmtime_error_t* tenon_lift(void* env, tnengine_guest_t* callee, const wasmtime_val_raw_t* slots,
                             std::size_t size) noexcept {
  const HostEntry entry;
  GuestSide side(callee);
  const std::span result(reinterpret_cast<const FlatValue*>(slots), size);
  return guard_callback([&] { return static_cast<RawCall*>(env)->lift(side, result); });
}

wasmtime_error_t* tenon_host_function(void* env, tnengine_host_call_t* raw_call) noexcept {
  const HostEntry entry;
  const auto* params = reinterpret_cast<const FlatValue*>(raw_call->params);
  HostCall call(raw_call, raw_call->caller, {params, raw_call->param_count},
                raw_call->params_in_memory, raw_call->params_at, raw_call->reps,
                reinterpret_cast<FlatValue*>(raw_call->result));
  return guard_callback([&] { return static_cast<HostFunction*>(env)->call(call); });
}

wasmtime_error_t* tenon_drop_resource(void* env, wasmtime_context_t* /*context*/,
                                      std::uint32_t rep) noexcept {
  const HostEntry entry;
  return guard_callback([&] { return static_cast<HostResource*>(env)->drop(rep); });
}

void tenon_delete_host_function(void* env) noexcept { delete static_cast<HostFunction*>(env); }

void tenon_delete_host_resource(void* env) noexcept { delete static_cast<HostResource*>(env); }
}

using RawFuncHandle = std::unique_ptr<tnengine_raw_func_t, Deleter<tnengine_raw_func_delete>>;
using LinkerInstanceHandle = std::unique_ptr<wasmtime_component_linker_instance_t,
                                             Deleter<wasmtime_component_linker_instance_delete>>;
using ResourceTypeHandle = std::unique_ptr<wasmtime_component_resource_type_t,
                                           Deleter<wasmtime_component_resource_type_delete>>;

}  // namespace

CallError CallError::make(std::string_view message, std::uint64_t payload) {
  const tnengine_slice_t text = to_slice(message);
  return CallError(tnengine_error_new(&text, payload));
}

Failure CallError::to_failure() && {
  return take_failure(static_cast<wasmtime_error_t*>(error_.release()));
}

void CallError::Free::operator()(void* error) const noexcept {
  wasmtime_error_delete(static_cast<wasmtime_error_t*>(error));
}

void GuestSide::read_view() {
  tnengine_guest_view_t view = {};
  tnengine_guest_get(raw(*this), &view);
  view_ = View{.memory = {view.data, view.size}, .encoding = encoding_of(view.encoding)};
}

Result<std::span<std::uint8_t>, CallError> GuestSide::bytes(std::uint64_t address,
                                                            std::uint64_t size,
                                                            std::uint32_t align) {
  const std::span<std::uint8_t> all = memory();
  if (address > all.size() || size > all.size() - address) {
    return CallError::make(fmt::format("{} bytes at {:#x} are out of bounds of memory ({} bytes)",
                                       size, address, all.size()));
  }
  if (address % align != 0) {
    return CallError::make(
        fmt::format("the address {:#x} is not aligned to {} bytes", address, align));
  }
  return all.subspan(address, size);
}

Result<std::uint32_t, CallError> GuestSide::reallocate(std::uint32_t old, std::uint32_t old_size,
                                                       std::uint32_t align,
                                                       std::uint32_t new_size) {
  std::uint32_t address = 0;
  tnengine_guest_view_t moved = {};
  wasmtime_error_t* error =
      tnengine_guest_realloc(raw(*this), old, old_size, align, new_size, &address, &moved);
  if (error != nullptr) {
    view_.reset();  // the guest may have grown its memory before it failed
    return CallError(error);
  }
  if (view_) view_->memory = {moved.data, moved.size};
  return address;
}

Result<std::uint32_t, CallError> GuestSide::lift_own(std::size_t number, std::uint32_t handle) {
  if (reps_ != nullptr) return reps_[number];
  std::uint32_t rep = 0;
  if (auto* error = tnengine_guest_lift_own(raw(*this), number, handle, &rep)) {
    return CallError(error);
  }
  return rep;
}

Result<std::uint32_t, CallError> GuestSide::lift_borrow(std::size_t number, std::uint32_t handle) {
  if (reps_ != nullptr) return reps_[number];
  std::uint32_t rep = 0;
  if (auto* error = tnengine_guest_lift_borrow(raw(*this), number, handle, &rep)) {
    return CallError(error);
  }
  return rep;
}

Result<void, CallError> GuestSide::lower_own(std::size_t number, std::uint32_t rep,
                                             HandlePlace place) {
  return check(tnengine_guest_lower_own(raw(*this), number, rep, raw(place)));
}

Result<void, CallError> GuestSide::lower_borrow(std::size_t number, std::uint32_t rep,
                                                HandlePlace place) {
  return check(tnengine_guest_lower_borrow(raw(*this), number, rep, raw(place)));
}

Result<GuestResource, CallError> GuestSide::lift_resource(Store& store, std::size_t number,
                                                          std::uint32_t handle) {
  tnengine_resource_t resource = {};
  HomeHandle& store_home = store.impl().home;
  tnengine_home_t* home = store_home.get();
  auto* error = tnengine_guest_lift_resource(raw(*this), number, handle, &home, &resource);
  if (store_home == nullptr) store_home.reset(home);
  if (error != nullptr) return CallError(error);
  return std::bit_cast<GuestResource>(resource);
}

Result<void, CallError> GuestSide::lower_resource(std::size_t number, const GuestResource& resource,
                                                  HandlePlace place) {
  const auto* words = reinterpret_cast<const tnengine_resource_t*>(&resource);
  return check(tnengine_guest_lower_resource(raw(*this), number, words, raw(place)));
}

struct RawFunction::Impl {
  RawFuncHandle func;
};

RawFunction::RawFunction(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RawFunction::RawFunction(RawFunction&&) noexcept = default;
RawFunction& RawFunction::operator=(RawFunction&&) noexcept = default;
RawFunction::~RawFunction() = default;

Result<RawFunction, Failure> RawFunction::find(Store& store, const Instance& instance,
                                               std::span<const std::string_view> path,
                                               FlatCounts counts) {
  std::vector<tnengine_slice_t> names;
  names.reserve(path.size());
  for (const std::string_view name : path) names.push_back(to_slice(name));
  tnengine_raw_func_t* func = nullptr;
  if (auto* error =
          tnengine_raw_func_new(store.impl().context, &instance.impl().instance, names.data(),
                                names.size(), counts.params, counts.results, &func)) {
    return take_failure(error);
  }
  return RawFunction(std::make_unique<Impl>(RawFuncHandle(func)));
}

Result<void, Failure> RawFunction::call(Store& store, RawCall& call) const {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  if (auto* error = tnengine_raw_call(impl_->func.get(), store.impl().context, tenon_lower,
                                      tenon_lift, &call)) {
    return take_failure(error);
  }
  return {};
}

Result<void, Failure> RawFunction::call(Store& store, NumberCall& call) const {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  auto* numbers = reinterpret_cast<tnengine_numbers_t*>(&call);
  if (auto* error = tnengine_raw_call_numbers(impl_->func.get(), store.impl().context, numbers)) {
    return take_failure(error);
  }
  return {};
}

Result<std::span<std::uint8_t>, CallError> HostCall::result_bytes(std::uint32_t size) {
  std::uint8_t* data = nullptr;
  if (auto* error = tnengine_guest_result(raw(caller_), size, &data)) return CallError(error);
  return std::span(data, size);
}

Result<void> define_host_function(Linker& linker, std::string_view interface, std::string_view name,
                                  FlatCounts counts, std::unique_ptr<HostFunction> function,
                                  ParamHandles handles) {
  const tnengine_slice_t interface_slice = to_slice(interface);
  const tnengine_slice_t name_slice = to_slice(name);
  if (auto* error = tnengine_linker_define(linker.impl().linker.get(), &interface_slice,
                                           &name_slice, counts.params, counts.results,
                                           handles == ParamHandles::OfHost, tenon_host_function,
                                           function.release(), tenon_delete_host_function)) {
    return take_error(Code::RunEngine, fmt::format("`{}` cannot be defined", name), error);
  }
  return {};
}

Result<void> define_host_resource(Linker& linker, std::string_view interface, std::string_view name,
                                  std::uint32_t kind, std::unique_ptr<HostResource> resource) {
  const ResourceTypeHandle type(wasmtime_component_resource_type_new_host(kind));
  const LinkerInstanceHandle root(wasmtime_component_linker_root(linker.impl().linker.get()));
  LinkerInstanceHandle opened;
  wasmtime_error_t* error = nullptr;
  if (!interface.empty()) {
    wasmtime_component_linker_instance_t* instance = nullptr;
    error = wasmtime_component_linker_instance_add_instance(root.get(), interface.data(),
                                                            interface.size(), &instance);
    opened.reset(instance);
  }
  if (error == nullptr) {
    error = wasmtime_component_linker_instance_add_resource(
        opened ? opened.get() : root.get(), name.data(), name.size(), type.get(),
        tenon_drop_resource, resource.release(), tenon_delete_host_resource);
  }
  if (error == nullptr) return {};
  return take_error(Code::RunEngine, fmt::format("`{}` cannot be defined", name), error);
}

Result<void, Failure> drop_resource(Store& store, const GuestResource& resource) {
  const StoreEntry entry(store);
  if (entry.refused()) return StoreEntry::refusal();
  const tnengine_resource_t words = raw(resource);
  if (auto* error = tnengine_resource_drop(store.impl().context, store.impl().home.get(), &words)) {
    return take_failure(error);
  }
  return {};
}

}  // namespace tenon::engine
