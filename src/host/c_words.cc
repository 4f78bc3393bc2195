#include "host/c_words.h"

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

CWordError unknown_type(std::string_view name, std::vector<std::string> others) {
  std::vector<std::string> names = all_c_types();
  for (std::string& other : others) names.push_back(std::move(other));
  return {fmt::format("has the unknown C type `{}`", sanitize_text(name)),
          suggest_name(name, std::move(names), "types")};
}

Result<CType, CWordError> read_type(std::string_view name) {
  if (const std::optional<CType> type = find_c_type(name)) return *type;
  return unknown_type(name, {});
}

Result<CTarget, CWordError> read_target(std::string_view name) {
  if (name == "cstring") return CTarget{CTargetKind::Text};
  if (name == "pointer") return CTarget{CTargetKind::Pointer};
  if (name == "buffer") return CTarget{CTargetKind::Buffer};
  if (name == "struct") return CTarget{CTargetKind::Struct};
  if (const std::optional<CType> type = find_c_type(name))
    return CTarget{CTargetKind::Number, *type};
  return unknown_type(name, {"cstring", "pointer", "buffer", "struct"});
}

Result<CArgumentText, CWordError> read_constant(std::string_view text) {
  CArgumentText made{.word = CArgumentWord::Constant, .type = CType::S32};
  const std::string_view value = take_until(text, ':');
  if (value == "null" && text.empty()) {
    made.type = CType::Pointer;
    return made;
  }
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), made.constant);
  if (error != std::errc() || end != value.data() + value.size())
    return CWordError{
        fmt::format("needs an integer that fits in 64 bits, found `{}`", sanitize_text(value)),
        "write `const:0`, `const:0:size` or `const:null`"};
  if (!text.empty()) {
    const Result<CType, CWordError> type = read_type(text);
    if (!type) return type.error();
    made.type = *type;
  }
  std::uint64_t room = 0;
  if (!store_integer(made.constant, *made.type, &room))
    return CWordError{fmt::format("has the constant {}, which does not fit in `{}`", made.constant,
                                  name_of(*made.type)),
                      "use an integer type that can hold it"};
  return made;
}

Result<CArgumentText, CWordError> read_out(CArgumentWord word, std::string_view text) {
  CArgumentText made{.word = word};
  const Result<CTarget, CWordError> target = read_target(take_until(text, ':'));
  if (!target) return target.error();
  made.target = *target;
  made.is_dropped_on_error = text == "drop";
  const bool may_drop = word == CArgumentWord::Out && made.target.kind == CTargetKind::Pointer;
  if (!text.empty() && !(made.is_dropped_on_error && may_drop))
    return CWordError{fmt::format("has the unexpected suffix `:{}`", sanitize_text(text)),
                      "only `out:pointer` takes a suffix: `out:pointer:drop`"};
  return made;
}

Result<CArgumentText, CWordError> with_type(CArgumentText made, std::string_view text,
                                            bool has_type) {
  if (!has_type) return made;
  const Result<CType, CWordError> type = read_type(text);
  if (!type) return type.error();
  made.type = *type;
  return made;
}

// Reads the part after `out.`: "ptr", "len" or "room".
Result<CArgumentText, CWordError> read_room(std::string_view part, std::string_view type,
                                            bool has_type) {
  if (part == "ptr" && !has_type) return CArgumentText{.word = CArgumentWord::RoomPointer};
  if (part == "len") return with_type({.word = CArgumentWord::RoomLength}, type, has_type);
  if (part == "room") return with_type({.word = CArgumentWord::RoomSize}, type, has_type);
  return CWordError{fmt::format("has the unknown part `out.{}`", sanitize_text(part)),
                    "write `out.ptr`, `out.len:ulong` or `out.room:size`"};
}

// Letters, digits and `-`, as in WIT names.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string show_type(std::string_view before, const std::optional<CType>& type) {
  return type ? fmt::format("{}:{}", before, name_of(*type)) : std::string(before);
}

std::string_view show_target(const CTarget& target) {
  switch (target.kind) {
    case CTargetKind::Number:
      return name_of(target.type);
    case CTargetKind::Text:
      return "cstring";
    case CTargetKind::Pointer:
      return "pointer";
    case CTargetKind::Buffer:
      return "buffer";
    case CTargetKind::Struct:
      return "struct";
  }
  return "";
}

// A parameter with the name of a keyword is written with `%` in front.
std::string show_param(const std::string& name) {
  return name == "out" || name == "err" || name == "const" ? "%" + name : name;
}

}  // namespace

Result<CArgumentText, CWordError> parse_c_argument(std::string_view text) {
  std::string_view rest = text;
  const std::size_t mark = text.find(':');
  const bool has_type = mark != text.npos;
  std::string_view name = take_until(rest, ':');
  if (has_type && name == "const") return read_constant(rest);
  if (has_type && name == "out") return read_out(CArgumentWord::Out, rest);
  if (has_type && name == "err") return read_out(CArgumentWord::Error, rest);
  const std::size_t dot = name.find('.');
  std::string_view part;
  if (dot != name.npos) part = name.substr(dot + 1);
  if (dot != name.npos && name.substr(0, dot) == "out") return read_room(part, rest, has_type);
  name = name.substr(0, dot);
  if (name.starts_with('%')) name.remove_prefix(1);
  CArgumentText made{.word = CArgumentWord::Param, .param = std::string(name)};
  if (!is_name(name))
    return CWordError{"does not name a parameter", "write `x`, `x:ulong`, `x.ptr` or `x.len:uint`"};
  if (dot == text.npos) {
    if (rest == "cstring") {
      made.word = CArgumentWord::Text;
      return made;
    }
    if (!has_type || find_c_type(rest)) return with_type(std::move(made), rest, has_type);
    return unknown_type(rest, {"cstring"});
  }
  if (part == "ptr" && !has_type) {
    made.word = CArgumentWord::Pointer;
    return made;
  }
  if (part == "len") {
    made.word = CArgumentWord::Length;
    return with_type(std::move(made), rest, has_type);
  }
  return CWordError{
      fmt::format("has the unknown suffix `.{}`", sanitize_text(text.substr(dot + 1))),
      fmt::format("write `{0}.ptr` or `{0}.len:uint`", sanitize_text(name))};
}

Result<CReturnText, CWordError> parse_c_return(std::string_view text) {
  if (text == "void") return CReturnText{};
  std::string_view rest = text;
  const std::string_view name = take_until(rest, ':');
  const bool has_type = name.size() < text.size();
  const auto with_target = [&](CReturnWord word, CType type) -> Result<CReturnText, CWordError> {
    CReturnText made{word, {CTargetKind::Number, type}};
    if (!has_type) return made;
    const Result<CTarget, CWordError> target = read_target(rest);
    if (!target) return target.error();
    made.target = *target;
    const bool is_number = target->kind == CTargetKind::Number && !is_float(target->type);
    const bool is_pointer =
        target->kind == CTargetKind::Pointer || target->kind == CTargetKind::Text;
    if (is_number || (is_pointer && word == CReturnWord::Errno)) return made;
    return CWordError{
        fmt::format("has the type `{}`, which `{}` does not allow", sanitize_text(rest), name),
        fmt::format("write `{}:int`, or another integer type", name)};
  };
  if (name == "status") return with_target(CReturnWord::Status, CType::S32);
  if (name == "errno") return with_target(CReturnWord::Errno, CType::S32);
  if (name == "len") return with_target(CReturnWord::Length, CType::S64);
  const Result<CTarget, CWordError> target = read_target(text);
  if (target && target->kind != CTargetKind::Buffer && target->kind != CTargetKind::Struct)
    return CReturnText{CReturnWord::Value, *target};
  return unknown_type(text, {"void", "cstring", "pointer", "status", "errno", "len"});
}

std::string print_c_argument(const CArgumentText& argument) {
  switch (argument.word) {
    case CArgumentWord::Param:
      return show_type(show_param(argument.param), argument.type);
    case CArgumentWord::Text:
      return fmt::format("{}:cstring", show_param(argument.param));
    case CArgumentWord::Pointer:
      return fmt::format("{}.ptr", show_param(argument.param));
    case CArgumentWord::Length:
      return show_type(fmt::format("{}.len", show_param(argument.param)), argument.type);
    case CArgumentWord::Constant:
      return argument.type == CType::Pointer
                 ? std::string("const:null")
                 : fmt::format("const:{}:{}", argument.constant, name_of(*argument.type));
    case CArgumentWord::Out:
      return fmt::format("out:{}{}", show_target(argument.target),
                         argument.is_dropped_on_error ? ":drop" : "");
    case CArgumentWord::Error:
      return fmt::format("err:{}", show_target(argument.target));
    case CArgumentWord::RoomPointer:
      return "out.ptr";
    case CArgumentWord::RoomLength:
      return show_type("out.len", argument.type);
    case CArgumentWord::RoomSize:
      return show_type("out.room", argument.type);
  }
  return "";
}

}  // namespace tenon::host
