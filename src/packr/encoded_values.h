// `Value`s of a package's function as messages of packr's wire form.
//
// The program calls packages with messages, whatever the types: what metadata says leaves open
// whether a side of a result carries anything, and recursive types and values of any type have no
// canonical layout. A message lies in the arena of the call as a list of bytes
// (FunctionShape::Form::Encoded).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "call/function_shape.h"
#include "call/on_failure.h"
#include "call/value_form.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::packr {

class EncodedValues final : public call::ValueForm {
 public:
  // type: of the side that has values. names: shared with the unit that they are of.
  EncodedValues(FunctionType type, std::shared_ptr<const TypeNamesOnWire> names);

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

  // Whether a message is a result of this type. Errors: value-type.
  [[nodiscard]] Result<void> check_result(std::span<const std::uint8_t> message) const;

 private:
  [[nodiscard]] const types::Function& function() const;
  [[nodiscard]] ValueTypes types() const;

  FunctionType type_;
  std::shared_ptr<const TypeNamesOnWire> names_;
};

// The shape of every call whose values are messages.
[[nodiscard]] std::shared_ptr<const call::FunctionShape> encoded_shape();

// The message in an arena whose address a call of that shape has.
[[nodiscard]] std::span<const std::uint8_t> encoded_message(const abi::ValueArena& arena,
                                                            std::uint32_t address);
// Puts a message into the arena; its address. Errors: Limit.
[[nodiscard]] Result<std::uint32_t, abi::AbiError> add_message(
    std::span<const std::uint8_t> message, abi::ValueArena& arena);

// As call::find_failure_value, for a function whose calls are messages.
[[nodiscard]] call::WriteFailure find_encoded_failure(std::shared_ptr<const EncodedValues> values,
                                                      const std::string& error_case);

}  // namespace tenon::packr
