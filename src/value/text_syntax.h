// How WAVE and JSON differ: the questions that the reader of values (text_reader.h) asks a syntax.
//
//   type               WAVE               JSON
//   tuple<u8, char>    (1, 'a')           [1, "a"]
//   variant{a, b(u8)}  a, b(1)            {"a": null}, {"b": 1}
//   option<u8>         none, some(1), 1   null, 1
//
// There are no questions for types that both write as the same nodes: a record is Fields, a list is
// List, a string is String, and a bool is one of the labels `true` and `false`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/type.h"
#include "value/text_tree.h"

namespace tenon::value {

// The kinds of nodes that are values of these types.
struct TextKinds {
  TextKind character;
  TextKind tuple;
  TextKind flags;
  TextKind map;  // Fields, or a List of pairs
};

// The label of a case, and its payload.
struct CaseText {
  std::string_view label;
  // WAVE: the label is `some`, `ok` or another keyword. As a case of a variant it needs a `%`.
  bool is_keyword = false;
  std::uint32_t payload = 0;  // the index of its node; 0: there is none
  // JSON: the payload is `null`, which is written both for no payload and for the payload `none`.
  bool is_null = false;
};

// Can the payload of an option or a result be written alone, `1` for `some(1)`?
enum class BarePayload { No, Yes };

class TextSyntax {
 public:
  [[nodiscard]] virtual TextKinds kinds() const = 0;
  [[nodiscard]] virtual BarePayload bare_payload(const types::Type& whole,
                                                 const types::Type& payload) const = 0;

  // The functions below return nothing if the node at index `node` is something else.

  // The digits of a number, or `nan`, `inf`, `-inf`.
  [[nodiscard]] virtual std::optional<std::string_view> find_number(
      const TextTree& tree, std::uint32_t node, types::Primitive type) const = 0;
  // A case of an enum, or one flag.
  [[nodiscard]] virtual std::optional<CaseText> find_label(const TextTree& tree,
                                                           std::uint32_t node) const = 0;
  // A case of a variant.
  [[nodiscard]] virtual std::optional<CaseText> find_case(const TextTree& tree,
                                                          std::uint32_t node) const = 0;
  // A case of an option or a result: `none`, `some`, `ok`, `err`.
  // bare: what `bare_payload` returned.
  [[nodiscard]] virtual std::optional<CaseText> find_keyword(const TextTree& tree,
                                                             std::uint32_t node,
                                                             BarePayload bare) const = 0;
  // The number of a handle, in WAVE with `$` in front.
  [[nodiscard]] virtual std::optional<std::string_view> find_handle(const TextTree& tree,
                                                                    std::uint32_t node) const = 0;
  // The bytes of a `list<u8>` as base64.
  [[nodiscard]] virtual std::optional<std::string_view> find_base64(const TextTree& tree,
                                                                    std::uint32_t node) const = 0;

  // For messages: what a node is, such as "the number `1`".
  [[nodiscard]] virtual std::string describe(const TextTree& tree, std::uint32_t node) const = 0;
  // Hints: how a value of a type is written ("write a list as `[a, b]`"), and a case of a variant
  // that has no payload.
  [[nodiscard]] virtual std::string type_hint(const types::Type& type) const = 0;
  [[nodiscard]] virtual std::string no_payload_hint(std::string_view label) const = 0;

 protected:
  ~TextSyntax() = default;  // not virtual: the only two syntaxes are constants
};

}  // namespace tenon::value
