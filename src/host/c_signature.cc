// Makes the arguments, from `args` if the entry has it and else from the types of the parameters.
// On the way it collects the arguments that receive a part of the result, from which c_result.h
// makes the result.
#include "host/c_signature.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <variant>

#include "host/c_notation.h"
#include "host/c_result.h"
#include "support/names.h"
#include "support/terminal_text.h"

namespace tenon::host {

namespace {

using types::TypeId;

// A WIT parameter, classified by the ways in which C can take it.
struct ParamShape {
  const types::Type* type = nullptr;  // without its option
  TypeId id = {};
  bool is_optional = false;
  std::optional<std::uint8_t> number = {};  // kind of a number
  std::optional<CElements> elements = {};   // of a string or list
  bool is_handle = false;
};

class SignatureMaker final {
 public:
  explicit SignatureMaker(const CSignatureParts& parts)
      : parts_(parts), types_(parts.types), shapes_(parts.types), problems_(parts) {
    used_.resize(parts.function.params.size());
  }

  Result<CSignature> make() && {
    if (entry() != nullptr) read_symbols();
    if (entry() != nullptr && entry()->args)
      read_arguments(*entry()->args);
    else
      for (std::uint32_t i = 0; i < params().size(); ++i) add_param(i);
    read_room();
    result_.has_arguments = entry() != nullptr && entry()->args.has_value();
    bool can_continue = problems_.empty();
    if (entry() != nullptr && entry()->returns) {
      const ManifestText& text = *entry()->returns;
      const Result<CReturnSpec, CSpecError> returned = parse_c_return(text.text);
      if (returned) result_.returned = *returned;
      if (!returned)
        problems_.complain(text.where, show(text.text, returned.error().message),
                           returned.error().hint);
      can_continue = can_continue && returned.has_value();
    }
    // After an error in the arguments, messages about the result would mislead.
    if (can_continue) {
      make_c_result(parts_, std::move(result_), shapes_, problems_, signature_);
      check_symbols();
    }
    if (signature_.arguments.size() > kMostCArguments)
      problems_.refuse(fmt::format("it has {} C arguments, the limit is {}",
                                   signature_.arguments.size(), kMostCArguments));
    if (!problems_.empty()) return std::move(problems_).take();
    signature_.shapes = std::move(shapes_).take();
    return std::move(signature_);
  }

 private:
  static constexpr std::uint32_t kNoParam = UINT32_MAX;

  [[nodiscard]] const CFunctionEntry* entry() const { return parts_.entry; }
  [[nodiscard]] const std::vector<types::Field>& params() const { return parts_.function.params; }

  static std::string show(std::string_view text, std::string_view message) {
    return fmt::format("`{}` {}", sanitize_text(text), message);
  }

  // --- Params

  [[nodiscard]] ParamShape shape_of(std::uint32_t param) {
    ParamShape shape{.id = params()[param].type};
    shape.type = &types_.types[shape.id];
    if (const auto* const option = std::get_if<types::Option>(&shape.type->kind)) {
      shape.is_optional = true;
      shape.id = option->type;
      shape.type = &types_.types[shape.id];
    }
    shape.number = number_kind(*shape.type);
    shape.elements = shapes_.add_elements(shape.id);
    shape.is_handle = std::holds_alternative<types::Own>(shape.type->kind) ||
                      std::holds_alternative<types::Borrow>(shape.type->kind);
    return shape;
  }

  CArgument& add(CArgumentKind kind, std::uint32_t param, CType type = CType::Pointer) {
    signature_.arguments.push_back({.kind = kind, .type = type, .param = param});
    if (param < params().size()) {
      signature_.arguments.back().name = params()[param].label;
      used_[param] = true;
    }
    return signature_.arguments.back();
  }

  // Adds a pointer to the elements of a parameter.
  void add_pointer(std::uint32_t param, const ParamShape& shape) {
    CArgument& argument = add(CArgumentKind::Pointer, param);
    argument.is_optional = shape.is_optional;
    if (shape.elements) argument.shape = shape.elements->shape;
  }

  // Adds the arguments that the type of a parameter implies.
  void add_param(std::uint32_t param) {
    const ParamShape shape = shape_of(param);
    if (shape.number && !shape.is_optional) {
      const CType type = natural_type(*shape.number, label_count(*shape.type));
      add(CArgumentKind::Number, param, type).has_same_bits = true;
    } else if (shape.elements) {
      add_pointer(param, shape);
      add(CArgumentKind::Length, param, *find_c_type("size")).is_optional = shape.is_optional;
    } else if (shape.is_handle) {
      add(CArgumentKind::Handle, param).is_optional = shape.is_optional;
    } else {
      const Result<CShapeId, std::string> data = shapes_.add(shape.id);
      if (!data) {
        problems_.refuse(fmt::format("parameter `{}` cannot be passed to C: {}",
                                     sanitize_text(params()[param].label), data.error()));
        used_[param] = true;
        return;
      }
      CArgument& argument = add(CArgumentKind::Data, param);
      argument.is_optional = shape.is_optional;
      argument.shape = *data;
    }
  }

  // --- `args`

  void read_arguments(const std::vector<ManifestText>& texts) {
    for (const ManifestText& text : texts) {
      const Result<CArgumentSpec, CSpecError> spec = parse_c_argument(text.text);
      if (spec)
        read_argument(*spec, text);
      else
        problems_.complain(text.where, show(text.text, spec.error().message), spec.error().hint);
    }
    const bool names_all = problems_.empty();
    if (entry()->room) find_room_param();
    for (std::uint32_t i = 0; i < params().size() && names_all; ++i)
      if (!used_[i])
        problems_.complain(entry()->where,
                           fmt::format("`args` leaves out the parameter `{}` of `{}`",
                                       sanitize_text(params()[i].label), parts_.name),
                           "add it to `args`, or remove it from the WIT");
    for (const CArgument& argument : signature_.arguments)
      if (argument.kind == CArgumentKind::Pointer && names_all &&
          std::ranges::none_of(signature_.arguments, [&](const CArgument& other) {
            return other.kind == CArgumentKind::Length && other.param == argument.param;
          }))
        problems_.complain(
            entry()->where,
            fmt::format("`{0}.ptr` needs `{0}.len`: the function cannot know where the data ends",
                        argument.name),
            fmt::format("add `{0}.len` at the position of the length, or write `{0}:cstring`",
                        argument.name));
  }

  std::optional<std::uint32_t> find_param(const std::string& name, const Location& where,
                                          std::string_view text) {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < params().size(); ++i) {
      if (params()[i].label == name) return i;
      names.push_back(params()[i].label);
    }
    problems_.complain(where,
                       fmt::format("`{}`: `{}` has no parameter `{}`", sanitize_text(text),
                                   parts_.name, sanitize_text(name)),
                       suggest_name(name, std::move(names), "parameters"));
    return std::nullopt;
  }

  void read_argument(const CArgumentSpec& spec, const ManifestText& text) {
    const auto out = [&](CArgumentKind kind, bool is_room) {
      add(kind, kNoParam);
      return ResultSource{.target = spec.target,
                          .is_room = is_room,
                          .is_dropped_on_error = spec.is_dropped_on_error,
                          .argument = static_cast<std::uint32_t>(signature_.arguments.size() - 1)};
    };
    const CType size = spec.type.value_or(*find_c_type("size"));
    switch (spec.form) {
      case CArgumentForm::Param:
      case CArgumentForm::Text:
      case CArgumentForm::Pointer:
      case CArgumentForm::Length:
        if (const auto param = find_param(spec.param, text.where, text.text))
          read_param(*param, spec, text);
        return;
      case CArgumentForm::Constant:
        add(CArgumentKind::Constant, kNoParam, *spec.type).constant = spec.constant;
        return;
      case CArgumentForm::Out:
        result_.sources.push_back(out(CArgumentKind::Place, false));
        return;
      case CArgumentForm::Error:
        if (result_.error)
          problems_.complain(text.where, show(text.text, "is the second `err`"),
                             "remove one of them");
        result_.error = out(CArgumentKind::Place, false);
        return;
      case CArgumentForm::RoomPointer:
        if (signature_.room)
          problems_.complain(text.where, show(text.text, "is the second `out.ptr`"),
                             "remove one of them");
        signature_.room.emplace();
        result_.sources.push_back(out(CArgumentKind::RoomStart, true));
        return;
      case CArgumentForm::RoomLength:
        add(CArgumentKind::RoomLength, kNoParam, size);
        break;
      case CArgumentForm::RoomSize:
        add(CArgumentKind::RoomSize, kNoParam, size);
        break;
    }
    if (is_float(size))
      problems_.complain(text.where,
                         show(text.text, "is a length, which cannot be a floating-point number"),
                         "use an integer type, such as `size`");
  }

  void read_param(std::uint32_t param, const CArgumentSpec& spec, const ManifestText& text) {
    const ParamShape shape = shape_of(param);
    const auto mismatch = [&](std::string_view message, std::string_view hint) {
      problems_.complain(text.where, show(text.text, message), std::string(hint));
    };
    if (spec.form == CArgumentForm::Param && !spec.type) {
      add_param(param);
    } else if (spec.form == CArgumentForm::Param) {
      if (!shape.number || shape.is_optional || !may_be(*shape.number, *spec.type)) {
        used_[param] = true;
        mismatch(
            fmt::format("cannot be passed as `{}`", name_of(*spec.type)),
            "an integer can be passed as another integer type, and a float as another float type");
        return;
      }
      add(CArgumentKind::Number, param, *spec.type).has_same_bits =
          has_same_bits(*shape.number, label_count(*shape.type), *spec.type);
    } else if (spec.form == CArgumentForm::Text) {
      if (!shape.elements || shape.elements->kind != TENON_STRING)
        mismatch("is not a string", "remove `:cstring`");
      add(CArgumentKind::Text, param).is_optional = shape.is_optional;
    } else {
      if (!shape.elements)
        mismatch("is neither a string nor a list of plain data", "remove `.ptr` and `.len`");
      if (spec.form == CArgumentForm::Pointer) return add_pointer(param, shape);
      const CType type = spec.type.value_or(*find_c_type("size"));
      if (is_float(type))
        mismatch("is a length, which cannot be a floating-point number",
                 "use an integer type, such as `size`");
      add(CArgumentKind::Length, param, type).is_optional = shape.is_optional;
    }
  }

  // --- The other keys

  void find_room_param() {
    const ManifestText& text = *entry()->room;
    std::uint64_t size = 0;
    const char* const end = text.text.data() + text.text.size();
    const auto [at, error] = std::from_chars(text.text.data(), end, size);
    if (error == std::errc() && at == end && size > 0) {
      room_size_ = size;
      return;
    }
    const std::optional<std::uint32_t> param = find_param(text.text, text.where, "room");
    if (!param) return;
    const ParamShape shape = shape_of(*param);
    used_[*param] = true;
    room_param_ = param;
    if (!shape.number || shape.is_optional || *shape.number < TENON_S8 || *shape.number > TENON_U64)
      problems_.complain(text.where, show(text.text, "is a size, and its type is not an integer"),
                         "name a parameter of an integer type, or write a number of elements");
  }

  void read_room() {
    const bool has_size = std::ranges::any_of(signature_.arguments, [](const CArgument& argument) {
      return argument.kind == CArgumentKind::RoomLength || argument.kind == CArgumentKind::RoomSize;
    });
    if (entry() == nullptr) return;
    if (signature_.room) {
      signature_.room->param = room_param_;
      signature_.room->size = room_size_;
      if (!entry()->room)
        problems_.complain(entry()->where,
                           "`out.ptr` needs `room`, the size of the memory that it points to",
                           "write `room = 4096`, or `room` with the name of a parameter");
    } else if (entry()->room || has_size) {
      problems_.complain(entry()->room ? entry()->room->where : entry()->where,
                         "`room`, `out.len` and `out.room` need an `out.ptr`",
                         "add `out.ptr` to `args`");
    }
  }

  void read_symbols() {
    if (entry()->free) signature_.free = entry()->free->text;
    if (entry()->error) signature_.error = entry()->error->text;
  }

  // Rejects symbols that would never be called.
  void check_symbols() {
    const bool has_text = std::ranges::any_of(
        signature_.places, [](const CPlace& place) { return place.kind == CPlaceKind::Text; });
    if (!signature_.free.empty() && !has_text)
      problems_.complain(entry()->free->where,
                         "`free` is unused: the function does not return or write a `cstring`",
                         "remove `free`");
    const bool has_status =
        signature_.outcome.case_rule == CCaseRule::Status &&
        (signature_.outcome.error_source == CErrorSource::StatusText ||
         (signature_.outcome.error_source == CErrorSource::Place &&
          signature_.places[signature_.outcome.error_place].kind == CPlaceKind::Text));
    if (!signature_.error.empty() && !has_status)
      problems_.complain(
          entry()->error->where, "`error` is unused: the WIT error is not the text of a status",
          "remove `error`, or write `returns = \"status\"` for a `result<_, string>`");
  }

  const CSignatureParts& parts_;
  const types::Types& types_;
  CShapes shapes_;
  CSignature signature_;
  std::vector<bool> used_;  // by param
  ResultEntry result_;
  std::optional<std::uint32_t> room_param_;
  std::uint64_t room_size_ = 0;
  SignatureProblems problems_;
};

}  // namespace

Result<CSignature> make_c_signature(const CSignatureParts& parts) {
  return SignatureMaker(parts).make();
}

}  // namespace tenon::host
