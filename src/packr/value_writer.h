// Values to packr's wire form, by their types.
//
// A Dynamic takes any value but handles, by the kind that it has. A variant needs a tag, which only
// a type gives: that of a record or variant around it which has such a case, as in a recursive
// type.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packr/graph_writer.h"
#include "packr/value_path.h"
#include "packr/value_types.h"
#include "tenon/result.h"
#include "tenon/value.h"

namespace tenon::packr {

class ValueWriter final {
 public:
  // Text: the values were read from text, which was read without a type where a type contains
  // itself. There, numbers are s64, u64 or f64, and options are missing in records. Such a record is
  // written by the enclosing type that has its fields, and its numbers as that type says.
  enum class From : std::uint8_t { Program, Text };

  // Lifetime: refers to both.
  ValueWriter(const ValueTypes& types, GraphWriter& writer, From from = From::Program)
      : types_(types), writer_(writer), from_(from) {}

  // Adds one value. Errors: the first place that does not fit its type.
  [[nodiscard]] Result<void, ValueProblem> write(const Value& value, types::TypeId id);
  // The arguments of a function as packr passes them: one by itself, none or more as a tuple.
  // REQUIRES: as many as there are params
  [[nodiscard]] Result<void, ValueProblem> write_arguments(std::span<const Value> arguments,
                                                           std::span<const types::Field> params);

 private:
  friend struct TypedWrite;
  friend struct AnyWrite;

  bool put(const Value& value, types::TypeId id);
  bool put_any(const Value& value);
  bool put_label(std::string_view label, const ValuePayload& payload);
  bool put_list(const ValueList& list, types::TypeId element);
  bool put_any_list(const ValueList& list);
  // The innermost record around this place that has these fields; nothing unless from_ is Text.
  [[nodiscard]] std::optional<types::TypeId> find_enclosing(const ValueRecord& record) const;
  // False: remembers why the value at the path does not fit.
  bool fail(std::string message);

  const ValueTypes& types_;
  GraphWriter& writer_;
  From from_;
  EnclosingTypes enclosing_;
  std::uint32_t depth_ = 0;
  ValuePath path_;
  std::optional<ValueProblem> problem_;
};

}  // namespace tenon::packr
