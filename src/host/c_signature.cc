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

// A param of WIT, as C may have it.
struct ParamShape {
  const types::Type* type = nullptr;  // without its option
  TypeId id = {};
  bool is_optional = false;
  std::optional<std::uint8_t> number = {};  // kind
  std::optional<std::uint8_t> elements =
      {};  // of a list of numbers: their kind; of a string: its own
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
    bool may_go_on = problems_.empty();
    if (entry() != nullptr && entry()->returns) {
      const ManifestText& text = *entry()->returns;
      const Result<CReturnText, CWordError> returned = parse_c_return(text.text);
      if (returned) words.returned = *returned;
      if (!returned)
        complain(text.where, show(text.text, returned.error().message), returned.error().hint);
      may_go_on = may_go_on && returned.has_value();
    }
    // What is said of a result that is half understood would mislead.
    if (may_go_on) {
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
      refuse(fmt::format("it has {} C arguments; {} are the most", made_.arguments.size(),
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

  // The entry is at fault.
  void complain(const Location& where, const std::string& message, const std::string& hint) {
    Diagnostic problem = make_diagnostic(Code::ConfigValue, "in `[[function]]`, {}", message);
    problem.where = where;
    problem.where.item = parts_.name;
    problem.hints.push_back(hint);
    problems_.push_back(std::move(problem));
  }

  // The WIT is at fault.
  void refuse(const std::string& reason) {
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch, "`{}` cannot be called as a plain C function: {}",
                        parts_.name, reason);
    problem.where = parts_.where;
    problem.hints.push_back(fmt::format(
        "it needs an adapter: `tenon bindgen host-cpp --wit {} -o src` writes one", parts_.wit));
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

  // As its type says.
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
        refuse(fmt::format("its parameter `{}` cannot be passed to C: {}",
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
                 "name it in `args`, or take it out of the WIT");
    for (const CArgument& one : made_.arguments)
      if (one.kind == CArgumentKind::Pointer && names_all &&
          std::ranges::none_of(made_.arguments, [&](const CArgument& other) {
            return other.kind == CArgumentKind::Length && other.param == one.param;
          }))
        complain(
            entry()->where,
            fmt::format("`{0}.ptr` is without `{0}.len`: the function could not know where it "
                        "ends",
                        one.name),
            fmt::format("write `{0}.len` where it takes the length; or `{0}:cstring`", one.name));
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
        if (error_) complain(text.where, show(text.text, "is the second `err`"), "leave one out");
        error_ = out(CArgumentKind::Place, false);
        return;
      case CArgumentWord::RoomPointer:
        if (made_.room)
          complain(text.where, show(text.text, "is the second `out.ptr`"), "leave one out");
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
      complain(text.where, show(text.text, "is a length, and that is no type of one"),
               "take a whole number, such as `size`");
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
        mismatch(fmt::format("is no number that `{}` can be", name_of(*word.type)),
                 "a whole number may be another whole number, and a float another float");
        return;
      }
      add(CArgumentKind::Number, param, *word.type).has_same_bits =
          has_same_bits(*shape.number, label_count(*shape.type), *word.type);
    } else if (word.word == CArgumentWord::Text) {
      if (shape.elements != TENON_STRING) mismatch("is not a string", "leave out `:cstring`");
      add(CArgumentKind::Text, param).is_optional = shape.is_optional;
    } else {
      if (!shape.elements)
        mismatch("is neither a string nor a list of numbers", "leave out `.ptr` and `.len`");
      const bool is_pointer = word.word == CArgumentWord::Pointer;
      const CType type = is_pointer ? CType::Pointer : word.type.value_or(*find_c_type("size"));
      if (is_float(type)) mismatch("is a length, and that is no type of one", "take `size`");
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
      complain(text.where, show(text.text, "is to be a size, and is no whole number"),
               "name a parameter of type `u32`, or write a number of elements");
  }

  void read_room() {
    const bool has_size = std::ranges::any_of(made_.arguments, [](const CArgument& one) {
      return one.kind == CArgumentKind::RoomLength || one.kind == CArgumentKind::RoomSize;
    });
    if (entry() == nullptr) return;
    if (made_.room) {
      made_.room->param = room_param_;
      made_.room->size = room_size_;
      if (!entry()->room)
        complain(entry()->where, "`out.ptr` is without `room`: how much memory it points to",
                 "write `room = 4096`, or the name of a parameter");
    } else if (entry()->room || has_size) {
      complain(entry()->room ? entry()->room->where : entry()->where,
               "there is a room, and no `out.ptr` that points to it", "write `out.ptr` in `args`");
    }
  }

  void read_symbols() {
    if (entry()->free) made_.free = entry()->free->text;
    if (entry()->error) made_.error = entry()->error->text;
  }

  // What has nothing to do.
  void check_symbols() {
    const bool has_text = std::ranges::any_of(
        made_.places, [](const CPlace& place) { return place.kind == CPlaceKind::Text; });
    if (!made_.free.empty() && !has_text)
      complain(entry()->free->where, "`free` frees nothing: no `cstring` comes from the function",
               "leave it out");
    const bool has_status = made_.outcome.verdict == CVerdict::Status &&
                            (made_.outcome.fault == CFault::StatusText ||
                             (made_.outcome.fault == CFault::Place &&
                              made_.places[made_.outcome.fault_place].kind == CPlaceKind::Text));
    if (!made_.error.empty() && !has_status)
      complain(entry()->error->where,
               "`error` has nothing to say: no error is the text of a status",
               "leave it out, or write `returns = \"status\"` for a `result<_, string>`");
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
