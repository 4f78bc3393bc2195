#include "host/c_notation.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

// Removes and returns the text before the first `mark`, and the mark; the whole text if there is
// no mark.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return taken;
}

CSpecError unknown_type(std::string_view name, std::vector<std::string> others) {
  std::vector<std::string> names = all_c_types();
  for (std::string& other : others) names.push_back(std::move(other));
  return {fmt::format("has the unknown C type `{}`", sanitize_text(name)),
          suggest_name(name, std::move(names), "types")};
}

Result<CType, CSpecError> read_type(std::string_view name) {
  if (const std::optional<CType> type = find_c_type(name)) return *type;
  return unknown_type(name, {});
}

Result<CTarget, CSpecError> read_target(std::string_view name) {
  if (name == "cstring") return CTarget{CTargetKind::Text};
  if (name == "pointer") return CTarget{CTargetKind::Pointer};
  if (name == "buffer") return CTarget{CTargetKind::Buffer};
  if (name == "struct") return CTarget{CTargetKind::Struct};
  if (const std::optional<CType> type = find_c_type(name))
    return CTarget{CTargetKind::Number, *type};
  return unknown_type(name, {"cstring", "pointer", "buffer", "struct"});
}

Result<CArgumentSpec, CSpecError> read_constant(std::string_view text) {
  CArgumentSpec spec{.form = CArgumentForm::Constant, .type = CType::S32};
  const std::string_view value = take_until(text, ':');
  if (value == "null" && text.empty()) {
    spec.type = CType::Pointer;
    return spec;
  }
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), spec.constant);
  if (error != std::errc() || end != value.data() + value.size())
    return CSpecError{
        fmt::format("needs an integer that fits in 64 bits, found `{}`", sanitize_text(value)),
        "write `const:0`, `const:0:size` or `const:null`"};
  if (!text.empty()) {
    const Result<CType, CSpecError> type = read_type(text);
    if (!type) return type.error();
    spec.type = *type;
  }
  std::uint64_t room = 0;
  if (!store_integer(spec.constant, *spec.type, &room))
    return CSpecError{fmt::format("has the constant {}, which does not fit in `{}`", spec.constant,
                                  name_of(*spec.type)),
                      "use an integer type that can hold it"};
  return spec;
}

Result<CArgumentSpec, CSpecError> read_out(CArgumentForm form, std::string_view text) {
  CArgumentSpec spec{.form = form};
  const Result<CTarget, CSpecError> target = read_target(take_until(text, ':'));
  if (!target) return target.error();
  spec.target = *target;
  spec.is_dropped_on_error = text == "drop";
  const bool may_drop = form == CArgumentForm::Out && spec.target.kind == CTargetKind::Pointer;
  if (!text.empty() && !(spec.is_dropped_on_error && may_drop))
    return CSpecError{fmt::format("has the unexpected suffix `:{}`", sanitize_text(text)),
                      "only `out:pointer` takes a suffix: `out:pointer:drop`"};
  return spec;
}

Result<CArgumentSpec, CSpecError> with_type(CArgumentSpec spec, std::string_view text,
                                            bool has_type) {
  if (!has_type) return spec;
  const Result<CType, CSpecError> type = read_type(text);
  if (!type) return type.error();
  spec.type = *type;
  return spec;
}

// Reads the part after `out.`: "ptr", "len" or "room".
Result<CArgumentSpec, CSpecError> read_room(std::string_view part, std::string_view type,
                                            bool has_type) {
  if (part == "ptr" && !has_type) return CArgumentSpec{.form = CArgumentForm::RoomPointer};
  if (part == "len") return with_type({.form = CArgumentForm::RoomLength}, type, has_type);
  if (part == "room") return with_type({.form = CArgumentForm::RoomSize}, type, has_type);
  return CSpecError{fmt::format("has the unknown part `out.{}`", sanitize_text(part)),
                    "write `out.ptr`, `out.len:ulong` or `out.room:size`"};
}

// Letters, digits and `-`, as in WIT names.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<CArgumentSpec, CSpecError> parse_c_argument(std::string_view text) {
  std::string_view rest = text;
  const std::size_t mark = text.find(':');
  const bool has_type = mark != text.npos;
  std::string_view name = take_until(rest, ':');
  if (has_type && name == "const") return read_constant(rest);
  if (has_type && name == "out") return read_out(CArgumentForm::Out, rest);
  if (has_type && name == "err") return read_out(CArgumentForm::Error, rest);
  const std::size_t dot = name.find('.');
  std::string_view part;
  if (dot != name.npos) part = name.substr(dot + 1);
  if (dot != name.npos && name.substr(0, dot) == "out") return read_room(part, rest, has_type);
  name = name.substr(0, dot);
  if (name.starts_with('%')) name.remove_prefix(1);
  CArgumentSpec spec{.form = CArgumentForm::Param, .param = std::string(name)};
  if (!is_name(name))
    return CSpecError{"does not name a parameter", "write `x`, `x:ulong`, `x.ptr` or `x.len:uint`"};
  if (dot == text.npos) {
    if (rest == "cstring") {
      spec.form = CArgumentForm::Text;
      return spec;
    }
    if (!has_type || find_c_type(rest)) return with_type(std::move(spec), rest, has_type);
    return unknown_type(rest, {"cstring"});
  }
  if (part == "ptr" && !has_type) {
    spec.form = CArgumentForm::Pointer;
    return spec;
  }
  if (part == "len") {
    spec.form = CArgumentForm::Length;
    return with_type(std::move(spec), rest, has_type);
  }
  return CSpecError{
      fmt::format("has the unknown suffix `.{}`", sanitize_text(text.substr(dot + 1))),
      fmt::format("write `{0}.ptr` or `{0}.len:uint`", sanitize_text(name))};
}

Result<CReturnSpec, CSpecError> parse_c_return(std::string_view text) {
  if (text == "void") return CReturnSpec{};
  std::string_view rest = text;
  const std::string_view name = take_until(rest, ':');
  const bool has_type = name.size() < text.size();
  const auto with_target = [&](CReturnForm form, CType type) -> Result<CReturnSpec, CSpecError> {
    CReturnSpec spec{form, {CTargetKind::Number, type}};
    if (!has_type) return spec;
    const Result<CTarget, CSpecError> target = read_target(rest);
    if (!target) return target.error();
    spec.target = *target;
    const bool is_number = target->kind == CTargetKind::Number && !is_float(target->type);
    const bool is_pointer =
        target->kind == CTargetKind::Pointer || target->kind == CTargetKind::Text;
    if (is_number || (is_pointer && form == CReturnForm::Errno)) return spec;
    return CSpecError{
        fmt::format("has the type `{}`, which `{}` does not allow", sanitize_text(rest), name),
        fmt::format("write `{}:int`, or another integer type", name)};
  };
  if (name == "status") return with_target(CReturnForm::Status, CType::S32);
  if (name == "errno") return with_target(CReturnForm::Errno, CType::S32);
  if (name == "len") return with_target(CReturnForm::Length, CType::S64);
  const Result<CTarget, CSpecError> target = read_target(text);
  if (target && target->kind != CTargetKind::Buffer && target->kind != CTargetKind::Struct)
    return CReturnSpec{CReturnForm::Value, *target};
  return unknown_type(text, {"void", "cstring", "pointer", "status", "errno", "len"});
}

}  // namespace tenon::host
