// The form in which a package reads the messages of one of its functions: the version of the wire form
// that it has, and maps and sets where its types have them.
//
//   message of version 2 or 3   -- fit_params -->   message that the package reads
//
// Each version of packr reads only the version that it writes. All values of version 2 are values of
// version 3, and a copy with another number in its header is enough. But maps and sets were lists
// before version 3, so where the types of a package of version 3 say `map` or `set`, a list becomes
// one; and in a message for a package of version 2, each map becomes a list of pairs, and each set a
// list. A function of a component, or of the program, may have been declared with either.
//
// Source: docs/packr.md, "Versions".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "packr/graph_format.h"
#include "packr/graph_writer.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/type.h"

namespace tenon::packr {

class MessageForm final {
 public:
  // type: of the function, as the package's metadata has it. names: of the package.
  MessageForm(FunctionType type, std::shared_ptr<const TypeNamesOnWire> names);

  // The message as the package reads it: itself, or a copy in `writer`, whose header may still have
  // the other version (`stamp_version`). Bytes that are not a value are returned as they are, because
  // the package reports them.
  // Errors: the copy has more than kMaxValueDepth levels, more than kMaxTreeNodes nodes, or more bytes
  //         than a package reads (kDefaultLimits), where a shared node counts for each reference;
  //         the wire form cannot represent it.
  // Lifetime: that of `message`, or until the next use of the writer.
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> fit_params(
      std::span<const std::uint8_t> message, GraphVersion version, GraphWriter& writer) const;
  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> fit_result(
      std::span<const std::uint8_t> message, GraphVersion version, GraphWriter& writer) const;

 private:
  friend class FormWalk;

  // One value and its type, or a tuple of several.
  struct Parts {
    std::span<const types::Field> tuple = {};  // for parameters, unless there is one
    std::optional<types::TypeId> value = {};
  };

  [[nodiscard]] Result<std::span<const std::uint8_t>, ValueProblem> fit(
      std::span<const std::uint8_t> message, GraphVersion version, const Parts& parts,
      GraphWriter& writer) const;
  bool find_collections(types::TypeId id);

  FunctionType type_;
  std::shared_ptr<const TypeNamesOnWire> names_;
  ValueTypes types_;                 // in `type_`
  const types::Function& function_;  // in `type_`
  // Whether each type is, or contains, a map or a set.
  std::unordered_map<types::TypeId, bool> has_collections_;
  bool has_any_ = false;
};

// Sets the version in the header of a message. Other bytes stay as they are.
void stamp_version(std::span<std::uint8_t> message, GraphVersion version);

}  // namespace tenon::packr
