// Translates between the two forms of a call's values: a message in packr's wire form, and values
// in canonical form in the arena of the call.
//
//   memory of a package, CGRF  -- read -->   arena, canonical  -- copy -->  guest, native code, ...
//   memory of a package, CGRF  <-- write --  arena, canonical  <-- copy --  guest, native code, ...
//
// The types are those of the side that is not a package: the WIT of a component or a host bundle,
// or a C++ signature. The types that a message carries itself are ignored, because packages get
// them wrong. A value of another kind than the type requires is an error. An own handle is one of a
// buffer, and a record `tenon:buffer` in a message.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi/value_arena.h"
#include "call/function_shape.h"
#include "packr/buffers.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "packr/value_types.h"
#include "tenon/result.h"

namespace tenon::packr {

// The codec of one function. Immutable, so threads can share it.
class GraphCodec final {
 public:
  // types: those that the shape was made from. names: of the package's records and variants on the
  // wire. Neither is needed afterwards.  REQUIRES: `shape` is in canonical form
  GraphCodec(std::shared_ptr<const call::FunctionShape> shape, const types::Types& types,
             const std::unordered_map<types::TypeId, std::string>& names);

  // Read a message into a new block of the arena, and return its address: the record of the
  // parameters, or the result. Errors: the message is malformed, or a part does not match its type.
  // buffers: of the call; null: the function passes none.
  [[nodiscard]] Result<std::uint32_t, ValueProblem> read_params(
      std::span<const std::uint8_t> message, abi::ValueArena& arena,
      PassedBuffers* buffers = nullptr) const;
  // REQUIRES: the function has a result
  [[nodiscard]] Result<std::uint32_t, ValueProblem> read_result(
      std::span<const std::uint8_t> message, abi::ValueArena& arena,
      PassedBuffers* buffers = nullptr) const;

  // Write values in the arena as a message. Errors: the wire form cannot represent the values.
  // Lifetime: until the next use of the writer.
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> write_params(
      const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer,
      PassedBuffers* buffers = nullptr) const;
  // address: unused if the function has no result.
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> write_result(
      const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer,
      PassedBuffers* buffers = nullptr) const;

  [[nodiscard]] bool has_result() const { return layout().result.has_value(); }

 private:
  friend class GraphToArena;
  friend class ArenaToGraph;

  // A type and its labels on the wire.
  struct WireType {
    GraphType type;                   // the element type in lists, options and results of it
    std::vector<std::string> labels;  // fields or cases
  };

  [[nodiscard]] const abi::FunctionLayout& layout() const { return shape_->program.layout(); }

  std::shared_ptr<const call::FunctionShape> shape_;
  std::vector<WireType> wire_;  // by layout
};

}  // namespace tenon::packr
