#include "host/c_signature.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <variant>

#include "host/c_outcome.h"
#include "host/c_words.h"
#include "support/diagnostics.h"
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
  std::optional<std::uint8_t> number = {};    // kind of a number
  std::optional<std::uint8_t> elements = {};  // kind of the numbers of a list, or TENON_STRING
  bool is_handle = false;
};

class SignatureMaker final {
 public:
  explicit SignatureMaker(const CSignatureParts& parts)
      : parts_(parts), types_(parts.types), shapes_(parts.types) {
    used_.resize(parts.function.params.size());
  }

  Result<CSignature> make() && {
    if (entry() != nullptr) read_symbols();
    if (entry() != nullptr && entry()->args)
      read_arguments(*entry()->args);
    else
      for (std::uint32_t i = 0; i < params().size(); ++i) add_param(i);
    read_room();
    COutcomeWords words{.has_arguments = entry() != nullptr && entry()->args.has_value(),
                        .outs = std::move(outs_),
                        .error = error_};
    bool can_continue = problems_.empty();
    if (entry() != nullptr && entry()->returns) {
      const ManifestText& text = *entry()->returns;
      const Result<CReturnText, CWordError> returned = parse_c_return(text.text);
      if (returned) words.returned = *returned;
      if (!returned)
        complain(text.where, show(text.text, returned.error().message), returned.error().hint);
      can_continue = can_continue && returned.has_value();
    }
    // After an error in the arguments, messages about the result would mislead.
    if (can_continue) {
      const Location where = entry() == nullptr ? Location()
                             : entry()->returns ? entry()->returns->where
                                                : entry()->where;
      make_c_outcome(
          parts_, words, shapes_,
          [&](bool of_entry, const std::string& reason, const std::string& hint) {
            if (of_entry)
              complain(where, fmt::format("`{}`: {}", parts_.name, reason), hint);
            else
              refuse(reason);
          },
          made_);
      check_symbols();
    }
    if (made_.arguments.size() > kMostCArguments)
      refuse(fmt::format("it has {} C arguments, the limit is {}", made_.arguments.size(),
                         kMostCArguments));
    if (!problems_.empty()) return std::move(problems_);
    made_.shapes = std::move(shapes_).take();
    return std::move(made_);
  }

 private:
  [[nodiscard]] const CFunctionEntry* entry() const { return parts_.entry; }
  [[nodiscard]] const std::vector<types::Field>& params() const { return parts_.function.params; }

  static std::string show(std::string_view text, std::string_view message) {
    return fmt::format("`{}` {}", sanitize_text(text), message);
  }

  // Reports a problem in the `[[function]]` entry.
  void complain(const Location& where, const std::string& message, const std::string& hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "in `[[function]]`, {}", message);
    problem.where = where;
    problem.where.item = parts_.name;
    problem.hints.push_back(hint);
    problems_.push_back(std::move(problem));
  }

  // Reports a WIT type that plain C cannot express.
  void refuse(const std::string& reason) {
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch, "`{}` cannot be called as a plain C function: {}",
                        parts_.name, reason);
    problem.where = parts_.where;
    problem.hints.push_back(fmt::format(
        "write an adapter: `tenon bindgen host-cpp --wit {} -o src` generates its source",
        parts_.wit));
    problems_.push_back(std::move(problem));
  }

  // --- Params

  [[nodiscard]] ParamShape shape_of(std::uint32_t param) const {
    ParamShape made{.id = params()[param].type};
    made.type = &types_.types[made.id];
    if (const auto* const option = std::get_if<types::Option>(&made.type->kind)) {
      made.is_optional = true;
      made.id = option->type;
      made.type = &types_.types[made.id];
    }
    made.number = number_kind(*made.type);
    made.elements = element_kind(types_, *made.type);
    made.is_handle = std::holds_alternative<types::Own>(made.type->kind) ||
                     std::holds_alternative<types::Borrow>(made.type->kind);
    return made;
  }

  CArgument& add(CArgumentKind kind, std::uint32_t param, CType type = CType::Pointer) {
    made_.arguments.push_back({.kind = kind, .type = type, .param = param});
    if (param < params().size()) {
      made_.arguments.back().name = params()[param].label;
      used_[param] = true;
    }
    return made_.arguments.back();
  }

  // Adds the arguments that the type of a parameter implies.
  void add_param(std::uint32_t param) {
    const ParamShape shape = shape_of(param);
    if (shape.number && !shape.is_optional) {
      const CType type = natural_type(*shape.number, label_count(*shape.type));
      add(CArgumentKind::Number, param, type).has_same_bits = true;
    } else if (shape.elements) {
      add(CArgumentKind::Pointer, param).is_optional = shape.is_optional;
      add(CArgumentKind::Length, param, *find_c_type("size")).is_optional = shape.is_optional;
    } else if (shape.is_handle) {
      add(CArgumentKind::Handle, param).is_optional = shape.is_optional;
    } else {
      const Result<CShapeId, std::string> data = shapes_.add(shape.id);
      if (!data) {
        refuse(fmt::format("parameter `{}` cannot be passed to C: {}",
                           sanitize_text(params()[param].label), data.error()));
        used_[param] = true;
        return;
      }
      CArgument& made = add(CArgumentKind::Data, param);
      made.is_optional = shape.is_optional;
      made.shape = *data;
    }
  }

  // --- `args`

  void read_arguments(const std::vector<ManifestText>& texts) {
    for (const ManifestText& text : texts) {
      const Result<CArgumentText, CWordError> word = parse_c_argument(text.text);
      if (word)
        read_argument(*word, text);
      else
        complain(text.where, show(text.text, word.error().message), word.error().hint);
    }
    const bool names_all = problems_.empty();
    if (entry()->room) find_room_param();
    for (std::uint32_t i = 0; i < params().size() && names_all; ++i)
      if (!used_[i])
        complain(entry()->where,
                 fmt::format("`args` leaves out the parameter `{}` of `{}`",
                             sanitize_text(params()[i].label), parts_.name),
                 "add it to `args`, or remove it from the WIT");
    for (const CArgument& argument : made_.arguments)
      if (argument.kind == CArgumentKind::Pointer && names_all &&
          std::ranges::none_of(made_.arguments, [&](const CArgument& other) {
            return other.kind == CArgumentKind::Length && other.param == argument.param;
          }))
        complain(
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
    complain(where,
             fmt::format("`{}`: `{}` has no parameter `{}`", sanitize_text(text), parts_.name,
                         sanitize_text(name)),
             suggest_name(name, std::move(names), "parameters"));
    return std::nullopt;
  }

  void read_argument(const CArgumentText& word, const ManifestText& text) {
    const auto out = [&](CArgumentKind kind, bool is_room) {
      add(kind, kNoParam);
      return COutWord{.target = word.target,
                      .is_room = is_room,
                      .is_dropped_on_error = word.is_dropped_on_error,
                      .argument = static_cast<std::uint32_t>(made_.arguments.size() - 1)};
    };
    const CType size = word.type.value_or(*find_c_type("size"));
    switch (word.word) {
      case CArgumentWord::Param:
      case CArgumentWord::Text:
      case CArgumentWord::Pointer:
      case CArgumentWord::Length:
        if (const auto param = find_param(word.param, text.where, text.text))
          read_param(*param, word, text);
        return;
      case CArgumentWord::Constant:
        add(CArgumentKind::Constant, kNoParam, *word.type).constant = word.constant;
        return;
      case CArgumentWord::Out:
        outs_.push_back(out(CArgumentKind::Place, false));
        return;
      case CArgumentWord::Error:
        if (error_)
          complain(text.where, show(text.text, "is the second `err`"), "remove one of them");
        error_ = out(CArgumentKind::Place, false);
        return;
      case CArgumentWord::RoomPointer:
        if (made_.room)
          complain(text.where, show(text.text, "is the second `out.ptr`"), "remove one of them");
        made_.room.emplace();
        outs_.push_back(out(CArgumentKind::RoomStart, true));
        return;
      case CArgumentWord::RoomLength:
        add(CArgumentKind::RoomLength, kNoParam, size);
        break;
      case CArgumentWord::RoomSize:
        add(CArgumentKind::RoomSize, kNoParam, size);
        break;
    }
    if (is_float(size))
      complain(text.where, show(text.text, "is a length, which cannot be a floating-point number"),
               "use an integer type, such as `size`");
  }

  void read_param(std::uint32_t param, const CArgumentText& word, const ManifestText& text) {
    const ParamShape shape = shape_of(param);
    const auto mismatch = [&](std::string_view message, std::string_view hint) {
      complain(text.where, show(text.text, message), std::string(hint));
    };
    if (word.word == CArgumentWord::Param && !word.type) {
      add_param(param);
    } else if (word.word == CArgumentWord::Param) {
      if (!shape.number || shape.is_optional || !may_be(*shape.number, *word.type)) {
        used_[param] = true;
        mismatch(
            fmt::format("cannot be passed as `{}`", name_of(*word.type)),
            "an integer can be passed as another integer type, and a float as another float type");
        return;
      }
      add(CArgumentKind::Number, param, *word.type).has_same_bits =
          has_same_bits(*shape.number, label_count(*shape.type), *word.type);
    } else if (word.word == CArgumentWord::Text) {
      if (shape.elements != TENON_STRING) mismatch("is not a string", "remove `:cstring`");
      add(CArgumentKind::Text, param).is_optional = shape.is_optional;
    } else {
      if (!shape.elements)
        mismatch("is neither a string nor a list of numbers", "remove `.ptr` and `.len`");
      const bool is_pointer = word.word == CArgumentWord::Pointer;
      const CType type = is_pointer ? CType::Pointer : word.type.value_or(*find_c_type("size"));
      if (is_float(type))
        mismatch("is a length, which cannot be a floating-point number",
                 "use an integer type, such as `size`");
      add(is_pointer ? CArgumentKind::Pointer : CArgumentKind::Length, param, type).is_optional =
          shape.is_optional;
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
      complain(text.where, show(text.text, "is a size, and its type is not an integer"),
               "name a parameter of an integer type, or write a number of elements");
  }

  void read_room() {
    const bool has_size = std::ranges::any_of(made_.arguments, [](const CArgument& argument) {
      return argument.kind == CArgumentKind::RoomLength || argument.kind == CArgumentKind::RoomSize;
    });
    if (entry() == nullptr) return;
    if (made_.room) {
      made_.room->param = room_param_;
      made_.room->size = room_size_;
      if (!entry()->room)
        complain(entry()->where, "`out.ptr` needs `room`, the size of the memory that it points to",
                 "write `room = 4096`, or `room` with the name of a parameter");
    } else if (entry()->room || has_size) {
      complain(entry()->room ? entry()->room->where : entry()->where,
               "`room`, `out.len` and `out.room` need an `out.ptr`", "add `out.ptr` to `args`");
    }
  }

  void read_symbols() {
    if (entry()->free) made_.free = entry()->free->text;
    if (entry()->error) made_.error = entry()->error->text;
  }

  // Rejects symbols that would never be called.
  void check_symbols() {
    const bool has_text = std::ranges::any_of(
        made_.places, [](const CPlace& place) { return place.kind == CPlaceKind::Text; });
    if (!made_.free.empty() && !has_text)
      complain(entry()->free->where,
               "`free` is unused: the function does not return or write a `cstring`",
               "remove `free`");
    const bool has_status = made_.outcome.verdict == CVerdict::Status &&
                            (made_.outcome.fault == CFault::StatusText ||
                             (made_.outcome.fault == CFault::Place &&
                              made_.places[made_.outcome.fault_place].kind == CPlaceKind::Text));
    if (!made_.error.empty() && !has_status)
      complain(entry()->error->where,
               "`error` is unused: the WIT error is not the text of a status",
               "remove `error`, or write `returns = \"status\"` for a `result<_, string>`");
  }

  static constexpr std::uint32_t kNoParam = UINT32_MAX;

  const CSignatureParts& parts_;
  const types::Types& types_;
  CShapes shapes_;
  CSignature made_;
  std::vector<bool> used_;  // by param
  std::vector<COutWord> outs_;
  std::optional<COutWord> error_;
  std::optional<std::uint32_t> room_param_;
  std::uint64_t room_size_ = 0;
  Diagnostics problems_;
};

}  // namespace

Result<CSignature> make_c_signature(const CSignatureParts& parts) {
  return SignatureMaker(parts).make();
}

}  // namespace tenon::host
