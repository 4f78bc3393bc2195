// Writes `Value`s in the wire form, by their types.
//
// A Dynamic accepts any value except a handle, and the value's own kind is written. A variant needs
// a tag: that of an enclosing record or variant with the case, in a recursive type, or the number that
// the value has. The same holds for the bits of flags.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "packr/buffers.h"
#include "packr/graph_writer.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::packr {

class ValueWriter final {
 public:
  // The source of the values. Text: they were read from text, and without a type where a type
  // contains itself. There, numbers are s64, u64 or f64, and records can lack fields that are
  // options. Such a record is written as the enclosing type that has its fields, and its numbers as
  // that type requires.
  enum class From : std::uint8_t { Program, Text };

  // buffers: gets the buffers of values that are buffers; null: there can be none.
  // Lifetime: refers to `types`, `writer` and `buffers`.
  ValueWriter(const ValueTypes& types, GraphWriter& writer, From from = From::Program,
              BufferTable* buffers = nullptr)
      : types_(types), writer_(writer), from_(from), buffers_(buffers) {}

  // Writes one value. Errors: the first part that does not match its type.
  [[nodiscard]] Result<void, ValueProblem> write(const Value& value, types::TypeId id);
  // Writes the arguments of a call: a single one directly, any other number as a tuple.
  // REQUIRES: the number of arguments is that of the parameters
  [[nodiscard]] Result<void, ValueProblem> write_arguments(std::span<const Value> arguments,
                                                           std::span<const types::Field> params);

 private:
  friend struct TypedWrite;
  friend struct AnyWrite;

  bool put(const Value& value, types::TypeId id);
  bool put_any(const Value& value);
  bool put_label(const ValueVariant& variant);
  bool put_list(const ValueList& list, const types::List& kind);
  bool put_any_list(const ValueList& list);
  // The innermost enclosing record type that has these fields; nothing unless from_ is Text.
  [[nodiscard]] std::optional<types::TypeId> find_enclosing(const ValueRecord& record) const;
  // Stores the problem with the current path. Returns false, for callers to return.
  bool fail(std::string message);

  const ValueTypes& types_;
  GraphWriter& writer_;
  From from_;
  BufferTable* buffers_;
  EnclosingTypes enclosing_;
  std::uint32_t depth_ = 0;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

}  // namespace tenon::packr
