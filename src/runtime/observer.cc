#include "runtime/observer.h"

#include <span>
#include <utility>

#include "runtime/resource_table.h"
#include "support/diagnostics.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;

// A side of a call that is only read. Handles are not lifted; their numbers serve as tokens.
class ObservedGuest final : public abi::Guest {
 public:
  explicit ObservedGuest(abi::Guest& guest) : guest_(guest) {}
  ObservedGuest(const ObservedGuest&) = delete;
  ObservedGuest& operator=(const ObservedGuest&) = delete;
  ~ObservedGuest() override = default;

  [[nodiscard]] std::span<std::uint8_t> memory() override { return guest_.memory(); }
  [[nodiscard]] abi::Encoding encoding() const override { return guest_.encoding(); }
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
  abi::Guest& guest_;
};

// Shows a handle by the name of its resource and its number on the side that passes it. In an arena, it
// has left that side, and has no number.
class ObservedHandles final : public call::HandleExchange {
 public:
  ObservedHandles(const std::vector<const ResourceKind*>& kinds, const abi::Guest& side)
      : kinds_(kinds), has_numbers_(dynamic_cast<const abi::ValueArena*>(&side) == nullptr) {}

  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart /*part*/) override {
    return handle.id;
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override {
    ValueHandle handle;
    handle.resource = kinds_[part.number]->name;
    if (has_numbers_) handle.id = token;
    return handle;
  }

 private:
  const std::vector<const ResourceKind*>& kinds_;
  const bool has_numbers_;
};

// Values that no `Value` can hold are too large; others come from a package that does not keep to its type.
AbiError explain_unread(const Diagnostics& problems) {
  const bool is_large = problems.front().code == code_text(Code::ValueTooLarge);
  return {.kind = is_large ? AbiErrorKind::Limit : AbiErrorKind::Guest};
}

}  // namespace

Result<std::uint32_t, AbiError> Observer::copy_params(const call::FunctionShape& shape,
                                                      const abi::From& params,
                                                      abi::ValueArena& arena) {
  ObservedGuest guest(params.guest);
  return shape.program.lift_params(abi::From{guest, params.flat_values, params.address}, arena);
}

Result<std::uint32_t, AbiError> Observer::copy_result(const call::FunctionShape& shape,
                                                      const abi::From& result,
                                                      abi::ValueArena& arena) {
  ObservedGuest guest(result.guest);
  return shape.program.lift_result(abi::From{guest, result.flat_values, result.address}, arena);
}

// For an encoded call it is that of the message, without its address and length in the arena.
std::uint64_t Observer::count_bytes(const call::FunctionShape& shape,
                                    const abi::ValueArena& arena) {
  const bool is_encoded = shape.form == call::FunctionShape::Form::Encoded;
  return arena.bytes().size() - (is_encoded ? abi::kPointerPair : 0);
}

Result<std::vector<Value>, AbiError> Observer::read_params(const abi::From& params,
                                                           std::uint64_t& bytes,
                                                           call::ReadBound bound) const {
  abi::ValueArena arena;
  TENON_TRY(const std::uint32_t address, copy_params(shape_, params, arena));
  bytes += count_bytes(shape_, arena);
  ObservedHandles handles(shape_.param_kinds, params.guest);
  Result<std::vector<Value>> values = values_.read_params(address, arena, handles, bound);
  if (!values) return explain_unread(values.error());
  return *std::move(values);
}

Result<Value, AbiError> Observer::read_result(const abi::From& result, std::uint64_t& bytes,
                                              call::ReadBound bound) const {
  abi::ValueArena arena;
  TENON_TRY(const std::uint32_t address, copy_result(shape_, result, arena));
  bytes += count_bytes(shape_, arena);
  ObservedHandles handles(shape_.result_kinds, result.guest);
  Result<Value> value = values_.read_result(address, arena, handles, bound);
  if (!value) return explain_unread(value.error());
  return *std::move(value);
}

}  // namespace tenon::runtime
