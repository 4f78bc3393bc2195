#include "host/c_outcome.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace tenon::host {

namespace {

using types::TypeId;

// A WIT result: the option or result around it, and the types inside.
struct ResultParts {
  std::uint8_t wrap = 0;  // see COutcome
  std::optional<TypeId> payload;
  std::optional<TypeId> error;
};

class OutcomeMaker final {
 public:
  OutcomeMaker(const CSignatureParts& parts, const COutcomeWords& words, CShapes& shapes,
               const CProblemSink& report, CSignature& made)
      : types_(parts.types),
        function_(parts.function),
        words_(words),
        shapes_(shapes),
        report_(report),
        made_(made) {}

  void make() {
    take_result_apart();
    made_.outcome.wrap = result_.wrap;
    if (words_.has_arguments || words_.returned)
      make_by_words();
    else
      make_by_type();
  }

 private:
  // The C side of one part of the result: the return value, or a pointer argument.
  struct Source {
    CTarget target;
    bool is_returned = false;
    bool is_room = false;
    bool is_dropped_on_error = false;
    std::optional<std::uint32_t> argument = {};  // absent: a new argument is added
  };

  [[nodiscard]] const types::Type& type(TypeId id) const { return types_.types[id]; }

  void take_result_apart() {
    if (!function_.result) return;
    const types::Type& whole = type(*function_.result);
    if (const auto* const option = std::get_if<types::Option>(&whole.kind)) {
      result_ = {TENON_OPTION, option->type, {}};
    } else if (const auto* const result = std::get_if<types::ResultType>(&whole.kind)) {
      result_ = {TENON_RESULT, result->ok, result->error};
    } else {
      result_.payload = function_.result;
    }
  }

  [[nodiscard]] std::string payload_path() const {
    if (result_.wrap == TENON_OPTION) return "result.some";
    return result_.wrap == TENON_RESULT ? "result.ok" : "result";
  }

  // --- By the type alone

  // The default C form of a WIT type. Nothing if C cannot express it, which is reported.
  std::optional<CTarget> natural_target(TypeId id) {
    const types::Type& wit_type = type(id);
    if (const auto kind = number_kind(wit_type))
      return CTarget{CTargetKind::Number, natural_type(*kind, label_count(wit_type))};
    if (std::holds_alternative<types::Own>(wit_type.kind)) return CTarget{CTargetKind::Pointer};
    if (element_kind(types_, wit_type)) return CTarget{CTargetKind::Buffer};
    const Result<CShapeId, std::string> shape = shapes_.add(id);
    if (shape) return CTarget{CTargetKind::Struct};
    report_(false, fmt::format("its result cannot be returned from C: {}", shape.error()), "");
    return std::nullopt;
  }

  void make_by_type() {
    if (!function_.result) return;
    const auto add_out = [&](TypeId id, const std::string& path) -> std::optional<std::uint32_t> {
      const std::optional<CTarget> target = natural_target(id);
      if (!target) return std::nullopt;
      return bind({.target = *target}, id, path);
    };
    COutcome& outcome = made_.outcome;
    if (result_.wrap == 0) {
      const std::optional<CTarget> target = natural_target(*result_.payload);
      if (!target) return;
      const bool is_returned =
          target->kind == CTargetKind::Number || target->kind == CTargetKind::Pointer;
      if (const auto place =
              bind({.target = *target, .is_returned = is_returned}, *result_.payload, "result"))
        outcome.parts.push_back(*place);
      return;
    }
    outcome.verdict = result_.wrap == TENON_OPTION ? CVerdict::Flag : CVerdict::Status;
    made_.returned = result_.wrap == TENON_OPTION ? CType::Bool : CType::S32;
    if (result_.payload)
      if (const auto place = add_out(*result_.payload, payload_path()))
        outcome.parts.push_back(*place);
    if (!result_.error) return;
    if (const auto place = add_out(*result_.error, "result.err")) {
      outcome.fault = CFault::Place;
      outcome.fault_place = *place;
    }
  }

  // --- As the entry says

  void complain(const std::string& reason, const std::string& hint) { report_(true, reason, hint); }

  void make_by_words() {
    std::vector<Source> sources;
    for (const COutWord& out : words_.outs)
      sources.push_back({.target = out.target,
                         .is_room = out.is_room,
                         .is_dropped_on_error = out.is_dropped_on_error,
                         .argument = out.argument});
    if (words_.returned)
      read_returned(*words_.returned, sources);
    else
      guess_returned(sources);
    bind_payload(sources);
    make_fault();
  }

  // Whether `count` C values can form the payload.
  [[nodiscard]] bool may_make(std::size_t count) const {
    if (!result_.payload) return count == 0;
    return count == 1 || (count > 1 && parts_of(*result_.payload).size() == count);
  }
  // The types of the fields of a record or tuple; else empty.
  [[nodiscard]] std::vector<TypeId> parts_of(TypeId id) const {
    const types::Type& wit_type = type(id);
    if (const auto* const tuple = std::get_if<types::Tuple>(&wit_type.kind)) return tuple->types;
    std::vector<TypeId> parts;
    if (const auto* const record = std::get_if<types::Record>(&wit_type.kind))
      for (const types::Field& field : record->fields) parts.push_back(field.type);
    return parts;
  }

  // An entry with `args` but without `returns`: the WIT type decides what the function returns.
  void guess_returned(std::vector<Source>& sources) {
    if (result_.wrap != 0) {
      read_verdict(result_.wrap == TENON_OPTION ? CVerdict::Flag : CVerdict::Status,
                   result_.wrap == TENON_OPTION ? CType::Bool : CType::S32);
      return;
    }
    if (!result_.payload) return;
    const std::vector<TypeId> parts = parts_of(*result_.payload);
    const bool is_whole = sources.size() == 1 && sources[0].target.kind == CTargetKind::Struct;
    if (!sources.empty() && (is_whole || parts.size() != sources.size() + 1)) return;
    const TypeId first = sources.empty() ? *result_.payload : parts.front();
    const types::Type& wit_type = type(first);
    if (const auto kind = number_kind(wit_type))
      add_returned({CTargetKind::Number, natural_type(*kind, label_count(wit_type))}, sources);
    else if (std::holds_alternative<types::Own>(wit_type.kind))
      add_returned({CTargetKind::Pointer}, sources);
  }

  void read_verdict(CVerdict verdict, CType type) {
    made_.outcome.verdict = verdict;
    made_.returned = type;
  }
  static void add_returned(CTarget target, std::vector<Source>& sources) {
    sources.insert(sources.begin(), {.target = target, .is_returned = true});
  }

  void read_returned(const CReturnText& word, std::vector<Source>& sources) {
    const bool is_pointer =
        word.target.kind == CTargetKind::Text || word.target.kind == CTargetKind::Pointer;
    switch (word.word) {
      case CReturnWord::Nothing:
        if (result_.wrap != 0)
          complain(
              "`returns` is `void`, but the WIT result is an `option` or a `result`",
              "write `returns = \"status\"`, `\"errno\"` or `\"bool\"`, which select the case");
        return;
      case CReturnWord::Value:
        read_value(word.target, is_pointer, sources);
        return;
      case CReturnWord::Status:
        if (result_.wrap == 0)
          complain(
              "`returns` is a status, but the WIT result is neither a `result` nor an `option`",
              "write `returns = \"void\"`, or the C type of the return value");
        read_verdict(CVerdict::Status, word.target.type);
        return;
      case CReturnWord::Errno:
        if (result_.wrap != TENON_RESULT)
          complain("`returns` is `errno`, but the WIT result is not a `result`",
                   "write the C type of the return value");
        if (!is_pointer && !is_signed(word.target.type))
          complain("`returns` is an unsigned `errno`, which is never negative",
                   "write `returns = \"errno:int\"`");
        read_verdict(is_pointer ? CVerdict::Null : CVerdict::Negative,
                     is_pointer ? CType::Pointer : word.target.type);
        made_.outcome.fault = CFault::Errno;
        if (is_pointer || (result_.payload && !may_make(sources.size())))
          add_returned(word.target, sources);
        return;
      case CReturnWord::Length:
        if (!made_.room) {
          complain("`returns` is the length of `out.ptr`, but there is no `out.ptr`",
                   "write the C type of the return value");
          return;
        }
        if (result_.wrap == TENON_OPTION)
          complain("`returns` is a length, but the WIT result is an `option`",
                   "change the WIT result to a `result`");
        made_.room->is_length_returned = true;
        made_.returned = word.target.type;
        if (result_.wrap == TENON_RESULT) {
          read_verdict(CVerdict::Negative, word.target.type);
          made_.outcome.fault = CFault::Errno;
        }
        return;
    }
  }

  void read_value(CTarget target, bool is_pointer, std::vector<Source>& sources) {
    if (!function_.result) {
      complain("`returns` has a value, but the WIT function has no result",
               "write `returns = \"void\"`");
      return;
    }
    const bool is_integer = target.kind == CTargetKind::Number && !is_float(target.type);
    if (result_.wrap == TENON_OPTION && is_integer) {
      read_verdict(CVerdict::Flag, target.type);
    } else if (result_.wrap == TENON_OPTION && is_pointer) {
      // The pointer is the option: NULL is `none`.
      result_ = {0, function_.result, {}};
      made_.outcome.wrap = 0;
      add_returned(target, sources);
    } else if (result_.wrap == TENON_RESULT && is_pointer) {
      read_verdict(CVerdict::Null, CType::Pointer);
      add_returned(target, sources);
    } else if (result_.wrap != 0) {
      complain("`returns` has a value, but the WIT result is an `option` or a `result`",
               "write `returns = \"status\"` or `\"errno\"`, which select the case");
    } else {
      add_returned(target, sources);
    }
  }

  void bind_payload(const std::vector<Source>& sources) {
    if (!may_make(sources.size())) {
      if (!result_.payload)
        complain("there is an `out`, but the WIT result has no value", "remove the `out`");
      else if (sources.empty())
        complain(
            "nothing provides its result",
            "write `returns`, or add `out:int` to `args` for a pointer argument that receives it");
      else
        complain(
            fmt::format("{} C values cannot form the WIT result, which is not a record or tuple "
                        "of {}",
                        sources.size(), sources.size()),
            "change the WIT result to a tuple of these values");
      return;
    }
    COutcome& outcome = made_.outcome;
    if (sources.size() <= 1) {
      for (const Source& source : sources)
        if (const auto place = bind(source, *result_.payload, payload_path()))
          outcome.parts.push_back(*place);
      return;
    }
    const std::vector<TypeId> parts = parts_of(*result_.payload);
    const auto* const record = std::get_if<types::Record>(&type(*result_.payload).kind);
    outcome.whole = record != nullptr ? TENON_RECORD : TENON_TUPLE;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const std::string path = record != nullptr
                                   ? fmt::format("{}.{}", payload_path(), record->fields[i].label)
                                   : fmt::format("{}.{}", payload_path(), i);
      if (const auto place = bind(sources[i], parts[i], path)) outcome.parts.push_back(*place);
    }
  }

  // Decides where the error of a `result` comes from.
  void make_fault() {
    COutcome& outcome = made_.outcome;
    if (!result_.error) {
      if (words_.error)
        complain("there is an `err`, but the WIT result has no error value", "remove the `err`");
      outcome.fault = CFault::Nothing;
      return;
    }
    const types::Type& error = type(*result_.error);
    const bool is_text = is_string(error);
    const std::optional<std::uint8_t> kind = number_kind(error);
    const bool is_integer = kind && may_be(*kind, CType::S32);
    if (outcome.fault == CFault::Errno && !words_.error) {
      outcome.fault = is_text ? CFault::ErrnoText : CFault::Errno;
      if (is_integer) outcome.fault_value = *kind;
      if (!is_text && !is_integer)
        complain(
            "`errno` is a number or its message, but the WIT error is neither an integer nor a "
            "string",
            "change the WIT error to `string` or `s32`");
      return;
    }
    if (words_.error) {
      if (const auto place =
              bind({.target = words_.error->target, .argument = words_.error->argument},
                   *result_.error, "result.err")) {
        outcome.fault = CFault::Place;
        outcome.fault_place = *place;
      }
      return;
    }
    const bool is_status = outcome.verdict == CVerdict::Status;
    if (is_status && is_integer) {
      outcome.fault = CFault::Status;
      outcome.fault_value = *kind;
    } else if (is_status && is_text && !made_.error.empty()) {
      outcome.fault = CFault::StatusText;
    } else {
      complain(
          "nothing provides its error",
          "add `err:cstring` to `args`, write `error = \"SYMBOL\"` for the text of a status, or "
          "`returns = \"errno\"`");
    }
  }

  // --- Places

  [[nodiscard]] static bool is_string(const types::Type& wit_type) {
    const auto* const primitive = std::get_if<types::Primitive>(&wit_type.kind);
    return primitive != nullptr && *primitive == types::Primitive::String;
  }

  std::optional<std::uint32_t> refuse(const std::string& path, std::string_view expected) {
    complain(fmt::format("its {} is not {}", path, expected),
             "write the C type that matches the WIT type; docs/host-bundles-c.md lists them");
    return std::nullopt;
  }

  // Adds the place that a source of a value of type `id` is read from.
  std::optional<std::uint32_t> bind(const Source& source, TypeId id, const std::string& path) {
    CPlace place{.is_returned = source.is_returned,
                 .is_dropped_on_error = source.is_dropped_on_error,
                 .path = path};
    const bool may_be_null =
        source.target.kind == CTargetKind::Text || source.target.kind == CTargetKind::Pointer;
    if (const auto* const option = std::get_if<types::Option>(&type(id).kind);
        option != nullptr && may_be_null && !source.is_room) {
      place.is_optional = true;
      id = option->type;
    }
    const types::Type& wit_type = type(id);
    if (source.is_room) {
      const std::optional<std::uint8_t> element = element_kind(types_, wit_type);
      if (!element) return refuse(path, "a string or a list of numbers");
      place.kind = CPlaceKind::Room;
      place.value = *element;
      made_.room->place = static_cast<std::uint32_t>(made_.places.size());
      made_.places.push_back(std::move(place));
      return made_.room->place;
    }
    switch (source.target.kind) {
      case CTargetKind::Number: {
        const std::optional<std::uint8_t> kind = number_kind(wit_type);
        if (!kind || !may_be(*kind, source.target.type))
          return refuse(path,
                        fmt::format("a number that `{}` can hold", name_of(source.target.type)));
        place.kind = CPlaceKind::Number;
        place.type = source.target.type;
        place.value = *kind;
        break;
      }
      case CTargetKind::Text:
        if (!is_string(wit_type)) return refuse(path, "a string");
        place.kind = CPlaceKind::Text;
        break;
      case CTargetKind::Pointer: {
        const auto* const own = std::get_if<types::Own>(&wit_type.kind);
        if (own == nullptr) return refuse(path, "an owned handle");
        place.kind = CPlaceKind::Handle;
        place.resource = own->resource;
        break;
      }
      case CTargetKind::Buffer: {
        const std::optional<std::uint8_t> element = element_kind(types_, wit_type);
        if (!element) return refuse(path, "a string or a list of numbers");
        place.kind = CPlaceKind::Buffer;
        place.value = *element;
        break;
      }
      case CTargetKind::Struct: {
        const Result<CShapeId, std::string> shape = shapes_.add(id);
        if (!shape) return refuse(path, fmt::format("plain data: {}", shape.error()));
        place.kind = CPlaceKind::Data;
        place.shape = *shape;
        break;
      }
    }
    const auto number = static_cast<std::uint32_t>(made_.places.size());
    if (source.is_returned)
      made_.returned = place.kind == CPlaceKind::Number ? place.type : CType::Pointer;
    else if (source.argument)
      made_.arguments[*source.argument].place = number;
    else
      made_.arguments.push_back({.kind = CArgumentKind::Place, .place = number});
    made_.places.push_back(std::move(place));
    return number;
  }

  const types::Types& types_;
  const types::Function& function_;
  const COutcomeWords& words_;
  CShapes& shapes_;
  const CProblemSink& report_;
  CSignature& made_;
  ResultParts result_;
};

}  // namespace

void make_c_outcome(const CSignatureParts& parts, const COutcomeWords& words, CShapes& shapes,
                    const CProblemSink& report, CSignature& made) {
  OutcomeMaker(parts, words, shapes, report, made).make();
}

}  // namespace tenon::host
