// packr's wire form (CGRF) and the arena of a call: the one reader and the one writer between them.
//
//   a package's memory, CGRF  -- read -->  arena, canonical  -- copy -->  a guest, native code, ..
//   a package's memory, CGRF  <-- write --  arena, canonical  <-- copy --  the same
//
// The types are those of the side that is not a package: a component's WIT, a bundle's, a C++
// signature. What a message says of its own types is ignored, because packages get it wrong; a
// value of another kind than the type wants is an error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi/value_arena.h"
#include "call/value_program.h"
#include "packr/graph_view.h"
#include "packr/graph_writer.h"
#include "packr/value_types.h"
#include "tenon/result.h"

namespace tenon::packr {

// Made once for a function. Immutable; threads may share it.
class GraphCodec final {
 public:
  // names: what the package calls its records and variants.
  GraphCodec(FunctionType type, const abi::FunctionLayout& layout,
             const std::unordered_map<types::TypeId, std::string>& names);

  // The values of a message, in a new block of the arena: the record of the parameters, or the
  // result. Errors: the message is malformed, or the first place that does not fit its type.
  [[nodiscard]] Result<std::uint32_t, ValueProblem> read_params(
      std::span<const std::uint8_t> message, abi::ValueArena& arena) const;
  // REQUIRES: the function has a result
  [[nodiscard]] Result<std::uint32_t, ValueProblem> read_result(
      std::span<const std::uint8_t> message, abi::ValueArena& arena) const;

  // The message for values in the arena. Errors: packr has no form for them.
  // Lifetime: until the next use of the writer.
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> write_params(
      const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer) const;
  // address: unused, if the function has no result.
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> write_result(
      const abi::ValueArena& arena, std::uint32_t address, GraphWriter& writer) const;

  [[nodiscard]] bool has_result() const { return program_.result().is_valid(); }

 private:
  friend class GraphToArena;
  friend class ArenaToGraph;

  // How the wire calls a type and its parts, by node of the program.
  struct WireNode {
    GraphType type;                   // as lists, options and results of it say
    std::vector<std::string> labels;  // fields or cases
  };

  call::ValueProgram program_;
  std::vector<WireNode> wire_;
};

}  // namespace tenon::packr
