#include "value/written_forms.h"

#include <fmt/core.h>

#include <variant>

#include "value/numbers.h"

namespace tenon::value {

namespace {

using types::Primitive;

struct WaveForm {
  std::string operator()(const Primitive& kind) const {
    switch (kind) {
      case Primitive::Bool:
        return "write `true` or `false`";
      case Primitive::Char:
        return "write a char as `'x'`";
      case Primitive::String:
        return "write a string as `\"text\"`";
      case Primitive::F32:
      case Primitive::F64:
        return "write a number such as `1.5`, or one of `nan`, `inf`, `-inf`";
      case Primitive::S8:
      case Primitive::U8:
      case Primitive::S16:
      case Primitive::U16:
      case Primitive::S32:
      case Primitive::U32:
      case Primitive::S64:
      case Primitive::U64:
        return fmt::format("write a whole number, {}", range_text(kind));
      case Primitive::ErrorContext:
        break;
    }
    return "write nothing: it has no text form";
  }
  std::string operator()(const types::Record& kind) const {
    return fmt::format("write a record as `{{{}: ..}}`, or as `{{:}}` if no field is set",
                       kind.fields.empty() ? "field" : kind.fields[0].label);
  }
  std::string operator()(const types::Variant& /*kind*/) const {
    return "name one of its cases, as `case` or `case(payload)`";
  }
  std::string operator()(const types::List& /*kind*/) const { return "write a list as `[a, b]`"; }
  std::string operator()(const types::Map& /*kind*/) const {
    return "write a map as `{key: value}`, or as `{:}` if it is empty";
  }
  std::string operator()(const types::Tuple& /*kind*/) const { return "write a tuple as `(a, b)`"; }
  std::string operator()(const types::Flags& /*kind*/) const {
    return "write flags as `{a, b}`, or as `{}` if none is set";
  }
  std::string operator()(const types::Enum& /*kind*/) const {
    return "name one of its cases, without quotes";
  }
  std::string operator()(const types::Option& /*kind*/) const {
    return "write `none` or `some(..)`";
  }
  std::string operator()(const types::ResultType& kind) const {
    return fmt::format("write `ok{}` or `err{}`", kind.ok ? "(..)" : "", kind.error ? "(..)" : "");
  }
  std::string operator()(const types::Dynamic& /*kind*/) const {
    return "write any value; a record is `{field: value}`";
  }
  template <class Handle>
  std::string operator()(const Handle& /*kind*/) const {
    return "write a handle by its number, as in `$1`";
  }
};

struct JsonForm {
  std::string operator()(const Primitive& kind) const {
    switch (kind) {
      case Primitive::Bool:
        return "write `true` or `false`";
      case Primitive::Char:
        return "write a char as a string of one character";
      case Primitive::String:
        return "write a string";
      case Primitive::F32:
      case Primitive::F64:
        return "write a number, or one of the strings `\"nan\"`, `\"inf\"`, `\"-inf\"`";
      case Primitive::S64:
      case Primitive::U64:
        return fmt::format("write a whole number or a string of one, {}", range_text(kind));
      case Primitive::S8:
      case Primitive::U8:
      case Primitive::S16:
      case Primitive::U16:
      case Primitive::S32:
      case Primitive::U32:
        return fmt::format("write a whole number, {}", range_text(kind));
      case Primitive::ErrorContext:
        break;
    }
    return "write nothing: it has no text form";
  }
  std::string operator()(const types::Record& kind) const {
    return fmt::format("write an object as `{{\"{}\": ..}}`",
                       kind.fields.empty() ? "field" : kind.fields[0].label);
  }
  std::string operator()(const types::Variant& /*kind*/) const {
    return "write an object with one case, as `{\"case\": payload}`; `null` for no payload";
  }
  std::string operator()(const types::List& /*kind*/) const {
    return "write an array; bytes also as `{\"$b64\": \"..\"}`";
  }
  std::string operator()(const types::Map& /*kind*/) const {
    return "write an array of pairs, `[[key, value], ..]`";
  }
  std::string operator()(const types::Tuple& /*kind*/) const { return "write an array"; }
  std::string operator()(const types::Flags& /*kind*/) const {
    return "write an array of the flags that are set, as strings";
  }
  std::string operator()(const types::Enum& /*kind*/) const { return "write a case as a string"; }
  std::string operator()(const types::Option& /*kind*/) const {
    return "write `null`, or `{\"some\": ..}`";
  }
  std::string operator()(const types::ResultType& /*kind*/) const {
    return "write `{\"ok\": ..}` or `{\"err\": ..}`; `null` for no payload";
  }
  std::string operator()(const types::Dynamic& /*kind*/) const {
    return "write any value; a record is an object";
  }
  template <class Handle>
  std::string operator()(const Handle& /*kind*/) const {
    return "write a handle as `{\"$handle\": 1}`";
  }
};

}  // namespace

std::string wave_form(const types::Type& type) { return std::visit(WaveForm(), type.kind); }
std::string json_form(const types::Type& type) { return std::visit(JsonForm(), type.kind); }

}  // namespace tenon::value
