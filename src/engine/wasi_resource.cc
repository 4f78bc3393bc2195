#include "engine/wasi_resource.h"

#include "engine/seam.h"
#include "support/try.h"

namespace tenon::engine {

namespace {

constexpr std::uint8_t raw(WasiKind kind) { return static_cast<std::uint8_t>(kind); }

#define TENON_WASI_HANDLE(name, constant, interface, resource, can_be_borrowed) \
  static_assert(raw(WasiKind::name) == TNENGINE_WASI_##constant);
#include "support/wasi_handles.def"
#undef TENON_WASI_HANDLE

Result<tnengine_wasi_table_t*, CallError> table_of(Store& store) {
  if (store.impl().wasi == nullptr) return CallError::make("the store has no WASI");
  return store.impl().wasi.get();
}

}  // namespace

Result<WasiResource, CallError> WasiResource::take(GuestSide& giver, Store& store, WasiKind kind,
                                                   std::uint32_t rep) {
  TENON_TRY(tnengine_wasi_table_t* const table, table_of(store));
  tnengine_wasi_resource_t* resource = nullptr;
  auto* const guest = static_cast<tnengine_guest_t*>(giver.guest());
  if (auto* error = tnengine_wasi_table_take(table, guest, raw(kind), rep, &resource))
    return CallError(error);
  return WasiResource(resource);
}

Result<WasiResource, CallError> WasiResource::share(Store& store, WasiKind kind,
                                                    std::uint32_t rep) {
  TENON_TRY(tnengine_wasi_table_t* const table, table_of(store));
  tnengine_wasi_resource_t* resource = nullptr;
  if (auto* error = tnengine_wasi_table_share(table, raw(kind), rep, &resource))
    return CallError(error);
  return WasiResource(resource);
}

Result<std::uint32_t, CallError> WasiResource::put(Store& store) && {
  TENON_TRY(tnengine_wasi_table_t* const table, table_of(store));
  auto* const resource = static_cast<tnengine_wasi_resource_t*>(resource_.release());
  std::uint32_t rep = 0;
  if (auto* error = tnengine_wasi_table_put(table, resource, &rep)) return CallError(error);
  return rep;
}

Result<WasiResource, CallError> WasiResource::share() const {
  tnengine_wasi_resource_t* same = nullptr;
  if (auto* error = tnengine_wasi_resource_share(
          static_cast<tnengine_wasi_resource_t*>(resource_.get()), &same))
    return CallError(error);
  return WasiResource(same);
}

void WasiResource::Free::operator()(void* resource) const noexcept {
  tnengine_wasi_resource_delete(static_cast<tnengine_wasi_resource_t*>(resource));
}

Result<void> define_wasi_resource(Linker& linker, std::string_view interface, std::string_view name,
                                  WasiKind kind) {
  const tnengine_slice_t instance = to_slice(interface);
  const tnengine_slice_t resource = to_slice(name);
  auto* const error =
      tnengine_linker_define_wasi(linker.impl().linker.get(), &instance, &resource, raw(kind));
  if (error == nullptr) return {};
  return take_error(Code::RunEngine, fmt::format("`{}` cannot be defined", name), error);
}

void end_loan(Store& store, WasiKind kind, std::uint32_t rep) {
  if (store.impl().wasi != nullptr)
    tnengine_wasi_table_end_loan(store.impl().wasi.get(), raw(kind), rep);
}

}  // namespace tenon::engine
