#include "runtime/call_observer.h"

#include <span>
#include <utility>

#include "runtime/engine_guest.h"
#include "runtime/function_shape.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;

class SeenGuest final : public abi::Guest {
 public:
  explicit SeenGuest(engine::GuestSide& side) : side_(side) {}
  SeenGuest(const SeenGuest&) = delete;
  SeenGuest& operator=(const SeenGuest&) = delete;
  // What may be asked of a side is not the same before a call and in it.
  ~SeenGuest() override { side_.forget(); }

  [[nodiscard]] std::span<std::uint8_t> memory() override { return side_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override { return encoding_of(side_); }
  [[nodiscard]] Result<std::uint32_t, AbiError> reallocate(std::uint32_t /*old*/,
                                                           std::uint32_t /*old_size*/,
                                                           std::uint32_t /*align*/,
                                                           std::uint32_t /*new_size*/) override {
    return AbiError{.kind = AbiErrorKind::Guest};
  }
  [[nodiscard]] Result<abi::ResourceToken, AbiError> lift_handle(abi::HandlePart /*part*/,
                                                                 std::uint32_t handle) override {
    return abi::ResourceToken{handle};
  }
  [[nodiscard]] Result<void, AbiError> lower_handle(abi::HandlePart /*part*/,
                                                    abi::ResourceToken /*resource*/,
                                                    abi::HandlePlace /*place*/) override {
    return AbiError{.kind = AbiErrorKind::Guest};
  }

 private:
  engine::GuestSide& side_;
};

void note(const Result<std::uint32_t, AbiError>& lifted, ObservedValues& values) {
  using enum ObservedValues::State;
  if (lifted) values.address = *lifted;
  values.state = lifted ? Read : lifted.error().kind == AbiErrorKind::Limit ? TooLarge : Bad;
}

}  // namespace

ObservedValues observe_params(const abi::CopyProgram& program, engine::HostCall& call) {
  ObservedValues values;
  SeenGuest guest(call.caller());
  const auto address = call.params_address();
  const abi::From from =
      address ? abi::From::memory(guest, *address) : abi::From::flat(guest, call.params());
  note(program.lift_params(from, values.arena), values);
  return values;
}

ObservedValues observe_result(const abi::CopyProgram& program, engine::GuestSide& callee,
                              std::span<const engine::FlatValue> result) {
  ObservedValues values;
  SeenGuest guest(callee);
  note(program.lift_result(returned_values(program, guest, result), values.arena), values);
  return values;
}

}  // namespace tenon::runtime
