// `Value`s of a package's function as messages in the wire form.
//
// The program always calls packages with messages, because some of their types have no canonical
// layout: recursive types, values of any type, and results of which metadata does not say whether a
// side has a payload. The message is in the arena of the call, as a list of bytes
// (FunctionShape::Form::Encoded).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "call/function_shape.h"
#include "call/on_failure.h"
#include "call/value_form.h"
#include "packr/buffers.h"
#include "packr/graph_view.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::packr {

class EncodedValues final : public call::ValueForm {
 public:
  // type: as the side with the `Value`s has it. names: of the package. buffers: of the program; null:
  // values are never buffers.
  EncodedValues(FunctionType type, std::shared_ptr<const TypeNamesOnWire> names,
                BufferTable* buffers = nullptr);

  [[nodiscard]] const FunctionType& type() const override { return type_; }
  [[nodiscard]] Result<std::uint32_t> write_params(std::span<const Value> arguments,
                                                   abi::ValueArena& arena,
                                                   call::HandleExchange& handles) const override;
  [[nodiscard]] Result<std::uint32_t> write_result(const Value& result, abi::ValueArena& arena,
                                                   call::HandleExchange& handles) const override;
  [[nodiscard]] Result<std::vector<Value>> read_params(std::uint32_t address,
                                                       abi::ValueArena& arena,
                                                       call::HandleExchange& handles,
                                                       call::ReadBound bound = {}) const override;
  [[nodiscard]] Result<Value> read_result(std::uint32_t address, abi::ValueArena& arena,
                                          call::HandleExchange& handles,
                                          call::ReadBound bound = {}) const override;

  // Check that a message has the parameters, or a result, of this type. Errors: value-type.
  [[nodiscard]] Result<void> check_params(std::span<const std::uint8_t> message) const;
  [[nodiscard]] Result<void> check_result(std::span<const std::uint8_t> message) const;

 private:
  FunctionType type_;
  std::shared_ptr<const TypeNamesOnWire> names_;
  ValueTypes types_;                 // in `type_`
  const types::Function& function_;  // in `type_`
  BufferTable* buffers_;
};

// The shape of all calls that pass messages.
[[nodiscard]] std::shared_ptr<const call::FunctionShape> encoded_shape();

// The message at an address that a call of that shape passes.
[[nodiscard]] std::span<const std::uint8_t> encoded_message(const abi::ValueArena& arena,
                                                            std::uint32_t address);
// The message of the parameters or the result of such a call, where it lies. REQUIRES: in memory
[[nodiscard]] std::span<const std::uint8_t> encoded_message(const abi::From& values);
// Copies a message into the arena and returns its address. Errors: Limit.
[[nodiscard]] Result<std::uint32_t, abi::AbiError> add_message(
    std::span<const std::uint8_t> message, abi::ValueArena& arena);

// As call::find_failure_value, for a function whose calls pass messages.
[[nodiscard]] call::WriteFailure find_encoded_failure(std::shared_ptr<const EncodedValues> values,
                                                      const std::string& error_case);

}  // namespace tenon::packr
