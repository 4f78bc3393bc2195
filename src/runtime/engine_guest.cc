#include "runtime/engine_guest.h"

#include <cstddef>
#include <utility>

#include "support/try.h"

namespace tenon::runtime {

namespace {

engine::HandlePlace place_of(abi::HandlePlace place) {
  using From = abi::HandlePlace::Where;
  using To = engine::HandlePlace::Where;
  switch (place.where) {
    case From::Flat:
      return {To::Flat, place.at};
    case From::Memory:
      return {To::Memory, place.at};
    case From::Bytes:
      return {To::ResultBytes, place.at};
  }
  return {};
}

}  // namespace

engine::FlatCounts flat_counts(const abi::FunctionLayout& layout) {
  engine::FlatCounts counts;
  counts.params = layout.has_spilled_params()
                      ? engine::kSpilled
                      : static_cast<std::uint8_t>(layout.layouts[layout.params].flat.count());
  if (layout.result) {
    counts.results = layout.has_spilled_result()
                         ? engine::kSpilled
                         : static_cast<std::uint8_t>(layout.layouts[*layout.result].flat.count());
  }
  return counts;
}

abi::Encoding EngineGuest::encoding() const {
  switch (side_.encoding()) {
    case engine::GuestEncoding::Utf16:
      return abi::Encoding::Utf16;
    case engine::GuestEncoding::Latin1Utf16:
      return abi::Encoding::Latin1Utf16;
    case engine::GuestEncoding::Utf8:
      break;
  }
  return abi::Encoding::Utf8;
}

Result<std::uint32_t, abi::AbiError> EngineGuest::reallocate(std::uint32_t old,
                                                             std::uint32_t old_size,
                                                             std::uint32_t align,
                                                             std::uint32_t new_size) {
  auto address = side_.reallocate(old, old_size, align, new_size);
  if (!address) return handles_.keep(std::move(address).error());
  return *address;
}

Result<abi::ResourceToken, abi::AbiError> EngineGuest::lift_handle(abi::HandlePart part,
                                                                   std::uint32_t handle) {
  if (skipped_ > 0) {
    --skipped_;
    return abi::ResourceToken{0};
  }
  TENON_TRY(const abi::ResourceToken token, handles_.lift(*lifted_[part.number], part, handle));
  ++lifted_count_;
  return token;
}

Result<void, abi::AbiError> EngineGuest::lower_handle(abi::HandlePart part,
                                                      abi::ResourceToken resource,
                                                      abi::HandlePlace place) {
  TENON_TRY_VOID(handles_.check(*lowered_[part.number], part, resource));
  waiting_.push_back({part, resource, place_of(place)});
  return {};
}

Result<void, abi::AbiError> EngineGuest::put_waiting() {
  for (std::size_t i = 0; i < waiting_.size(); ++i)
    TENON_TRY_VOID(handles_.put(*lowered_[waiting_[i].part.number], waiting_[i]));
  waiting_.clear();
  return {};
}

}  // namespace tenon::runtime
