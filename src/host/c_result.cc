// An entry of host.toml can have `args` without `returns`: then the parts of the result that no
// argument receives are returned, as their WIT types imply. Without either, an option or result
// returns its case and writes its value through a pointer, and any other type is returned if it is
// a number or a handle.
#include "host/c_result.h"

#include <fmt/core.h>

#include <variant>

#include "support/diagnostics.h"

namespace tenon::host {

namespace {

using types::TypeId;

// A WIT result: the option or result around it, and the types inside.
struct ResultParts {
  std::uint8_t wrap = 0;  // see COutcome
  std::optional<TypeId> payload;
  std::optional<TypeId> error;
};

class ResultMaker final {
 public:
  ResultMaker(const CSignatureParts& parts, ResultEntry entry, CShapes& shapes,
              SignatureProblems& problems, CSignature& signature)
      : parts_(parts),
        types_(parts.types),
        has_arguments_(entry.has_arguments),
        sources_(std::move(entry.sources)),
        error_(entry.error),
        returned_(entry.returned),
        shapes_(shapes),
        problems_(problems),
        signature_(signature) {
    if (parts.entry != nullptr)
      where_ = parts.entry->returns ? parts.entry->returns->where : parts.entry->where;
  }

  void make() {
    take_result_apart();
    signature_.outcome.wrap = result_.wrap;
    if (has_arguments_ || returned_)
      make_by_entry();
    else
      make_by_type();
  }

 private:
  [[nodiscard]] const types::Type& type(TypeId id) const { return types_.types[id]; }

  void take_result_apart() {
    if (!parts_.function.result) return;
    const types::Type& whole = type(*parts_.function.result);
    if (const auto* const option = std::get_if<types::Option>(&whole.kind)) {
      result_ = {TENON_OPTION, option->type, {}};
    } else if (const auto* const result = std::get_if<types::ResultType>(&whole.kind)) {
      result_ = {TENON_RESULT, result->ok, result->error};
    } else {
      result_.payload = parts_.function.result;
    }
  }

  [[nodiscard]] std::string payload_path() const {
    if (result_.wrap == TENON_OPTION) return "result.some";
    return result_.wrap == TENON_RESULT ? "result.ok" : "result";
  }

  // --- By the type

  // The default C form of a WIT type. Nothing if C cannot express it, which is reported.
  std::optional<CTarget> natural_target(TypeId id) {
    const types::Type& wit_type = type(id);
    if (const auto kind = number_kind(wit_type))
      return CTarget{CTargetKind::Number, natural_type(*kind, label_count(wit_type))};
    if (std::holds_alternative<types::Own>(wit_type.kind)) return CTarget{CTargetKind::Pointer};
    if (shapes_.add_elements(id)) return CTarget{CTargetKind::Buffer};
    const Result<CShapeId, std::string> shape = shapes_.add(id);
    if (shape) return CTarget{CTargetKind::Struct};
    problems_.refuse(fmt::format("its result cannot be returned from C: {}", shape.error()));
    return std::nullopt;
  }

  void make_by_type() {
    if (!parts_.function.result) return;
    const auto add_out = [&](TypeId id, const std::string& path) -> std::optional<std::uint32_t> {
      const std::optional<CTarget> target = natural_target(id);
      if (!target) return std::nullopt;
      return bind({.target = *target}, id, path);
    };
    COutcome& outcome = signature_.outcome;
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
    outcome.case_rule = result_.wrap == TENON_OPTION ? CCaseRule::Flag : CCaseRule::Status;
    signature_.returned = result_.wrap == TENON_OPTION ? CType::Bool : CType::S32;
    if (result_.payload)
      if (const auto place = add_out(*result_.payload, payload_path()))
        outcome.parts.push_back(*place);
    if (!result_.error) return;
    if (const auto place = add_out(*result_.error, "result.err")) {
      outcome.error_source = CErrorSource::Place;
      outcome.error_place = *place;
    }
  }

  // --- By the entry

  void complain(std::string_view reason, const std::string& hint) {
    problems_.complain(where_, fmt::format("`{}`: {}", parts_.name, reason), hint);
  }

  void make_by_entry() {
    if (returned_)
      read_returned(*returned_);
    else
      guess_returned();
    bind_payload();
    find_error_source();
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
  void guess_returned() {
    if (result_.wrap != 0) {
      set_case_rule(result_.wrap == TENON_OPTION ? CCaseRule::Flag : CCaseRule::Status,
                    result_.wrap == TENON_OPTION ? CType::Bool : CType::S32);
      return;
    }
    if (!result_.payload) return;
    const std::vector<TypeId> parts = parts_of(*result_.payload);
    const bool is_whole = sources_.size() == 1 && sources_[0].target.kind == CTargetKind::Struct;
    if (!sources_.empty() && (is_whole || parts.size() != sources_.size() + 1)) return;
    const TypeId first = sources_.empty() ? *result_.payload : parts.front();
    const types::Type& wit_type = type(first);
    if (const auto kind = number_kind(wit_type))
      add_returned({CTargetKind::Number, natural_type(*kind, label_count(wit_type))});
    else if (std::holds_alternative<types::Own>(wit_type.kind))
      add_returned({CTargetKind::Pointer});
  }

  void set_case_rule(CCaseRule rule, CType type) {
    signature_.outcome.case_rule = rule;
    signature_.returned = type;
  }
  void add_returned(CTarget target) {
    sources_.insert(sources_.begin(), {.target = target, .is_returned = true});
  }

  void read_returned(const CReturnSpec& spec) {
    const bool is_pointer =
        spec.target.kind == CTargetKind::Text || spec.target.kind == CTargetKind::Pointer;
    switch (spec.form) {
      case CReturnForm::Nothing:
        if (result_.wrap != 0)
          complain(
              "`returns` is `void`, but the WIT result is an `option` or a `result`",
              "write `returns = \"status\"`, `\"errno\"` or `\"bool\"`, which select the case");
        return;
      case CReturnForm::Value:
        read_value(spec.target, is_pointer);
        return;
      case CReturnForm::Status:
        if (result_.wrap == 0)
          complain(
              "`returns` is a status, but the WIT result is neither a `result` nor an `option`",
              "write `returns = \"void\"`, or the C type of the return value");
        set_case_rule(CCaseRule::Status, spec.target.type);
        return;
      case CReturnForm::Errno:
        if (result_.wrap != TENON_RESULT)
          complain("`returns` is `errno`, but the WIT result is not a `result`",
                   "write the C type of the return value");
        if (!is_pointer && !is_signed(spec.target.type))
          complain("`returns` is an unsigned `errno`, which is never negative",
                   "write `returns = \"errno:int\"`");
        set_case_rule(is_pointer ? CCaseRule::Null : CCaseRule::Negative,
                      is_pointer ? CType::Pointer : spec.target.type);
        signature_.outcome.error_source = CErrorSource::Errno;
        if (is_pointer || (result_.payload && !may_make(sources_.size())))
          add_returned(spec.target);
        return;
      case CReturnForm::Length:
        if (!signature_.room) {
          complain("`returns` is the length of `out.ptr`, but there is no `out.ptr`",
                   "write the C type of the return value");
          return;
        }
        if (result_.wrap == TENON_OPTION)
          complain("`returns` is a length, but the WIT result is an `option`",
                   "change the WIT result to a `result`");
        signature_.room->is_length_returned = true;
        signature_.returned = spec.target.type;
        if (result_.wrap == TENON_RESULT) {
          set_case_rule(CCaseRule::Negative, spec.target.type);
          signature_.outcome.error_source = CErrorSource::Errno;
        }
        return;
    }
  }

  void read_value(CTarget target, bool is_pointer) {
    if (!parts_.function.result) {
      complain("`returns` has a value, but the WIT function has no result",
               "write `returns = \"void\"`");
      return;
    }
    const bool is_integer = target.kind == CTargetKind::Number && !is_float(target.type);
    if (result_.wrap == TENON_OPTION && is_integer) {
      set_case_rule(CCaseRule::Flag, target.type);
    } else if (result_.wrap == TENON_OPTION && is_pointer) {
      // The pointer is the option: NULL is `none`.
      result_ = {0, parts_.function.result, {}};
      signature_.outcome.wrap = 0;
      add_returned(target);
    } else if (result_.wrap == TENON_RESULT && is_pointer) {
      set_case_rule(CCaseRule::Null, CType::Pointer);
      add_returned(target);
    } else if (result_.wrap != 0) {
      complain("`returns` has a value, but the WIT result is an `option` or a `result`",
               "write `returns = \"status\"` or `\"errno\"`, which select the case");
    } else {
      add_returned(target);
    }
  }

  void bind_payload() {
    if (!may_make(sources_.size())) {
      if (!result_.payload)
        complain("there is an `out`, but the WIT result has no value", "remove the `out`");
      else if (sources_.empty())
        complain(
            "nothing provides its result",
            "write `returns`, or add `out:int` to `args` for a pointer argument that receives it");
      else
        complain(
            fmt::format("{} C values cannot form the WIT result, which is not a record or tuple "
                        "of {}",
                        sources_.size(), sources_.size()),
            "change the WIT result to a tuple of these values");
      return;
    }
    COutcome& outcome = signature_.outcome;
    if (sources_.size() <= 1) {
      for (const ResultSource& source : sources_)
        if (const auto place = bind(source, *result_.payload, payload_path()))
          outcome.parts.push_back(*place);
      return;
    }
    const std::vector<TypeId> parts = parts_of(*result_.payload);
    const auto* const record = std::get_if<types::Record>(&type(*result_.payload).kind);
    outcome.whole = record != nullptr ? TENON_RECORD : TENON_TUPLE;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const std::string path = record != nullptr
                                   ? fmt::format("{}.{}", payload_path(), record->fields[i].label)
                                   : fmt::format("{}.{}", payload_path(), i);
      if (const auto place = bind(sources_[i], parts[i], path)) outcome.parts.push_back(*place);
    }
  }

  // Decides where the error of a `result` comes from.
  void find_error_source() {
    COutcome& outcome = signature_.outcome;
    if (!result_.error) {
      if (error_)
        complain("there is an `err`, but the WIT result has no error value", "remove the `err`");
      outcome.error_source = CErrorSource::Nothing;
      return;
    }
    const types::Type& error = type(*result_.error);
    const bool is_text = is_string(error);
    const std::optional<std::uint8_t> kind = number_kind(error);
    const bool is_integer = kind && may_be(*kind, CType::S32);
    if (outcome.error_source == CErrorSource::Errno && !error_) {
      outcome.error_source = is_text ? CErrorSource::ErrnoText : CErrorSource::Errno;
      if (is_integer) outcome.error_kind = *kind;
      if (!is_text && !is_integer)
        complain(
            "`errno` is a number or its message, but the WIT error is neither an integer nor a "
            "string",
            "change the WIT error to `string` or `s32`");
      return;
    }
    if (error_) {
      if (const auto place = bind({.target = error_->target, .argument = error_->argument},
                                  *result_.error, "result.err")) {
        outcome.error_source = CErrorSource::Place;
        outcome.error_place = *place;
      }
      return;
    }
    const bool is_status = outcome.case_rule == CCaseRule::Status;
    if (is_status && is_integer) {
      outcome.error_source = CErrorSource::Status;
      outcome.error_kind = *kind;
    } else if (is_status && is_text && !signature_.error.empty()) {
      outcome.error_source = CErrorSource::StatusText;
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
             "write the C type that matches the WIT type; `tenon help host-bundles-c` lists them");
    return std::nullopt;
  }

  // Adds the place that a source of a value of type `id` is read from.
  std::optional<std::uint32_t> bind(const ResultSource& source, TypeId id,
                                    const std::string& path) {
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
      const std::optional<CElements> elements = shapes_.add_elements(id);
      if (!elements) return refuse(path, "a string or a list of plain data");
      place.kind = CPlaceKind::Room;
      place.elements = *elements;
      signature_.room->place = static_cast<std::uint32_t>(signature_.places.size());
      signature_.places.push_back(std::move(place));
      return signature_.room->place;
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
        const std::optional<CElements> elements = shapes_.add_elements(id);
        if (!elements) return refuse(path, "a string or a list of plain data");
        place.kind = CPlaceKind::Buffer;
        place.elements = *elements;
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
    const auto number = static_cast<std::uint32_t>(signature_.places.size());
    if (source.is_returned)
      signature_.returned = place.kind == CPlaceKind::Number ? place.type : CType::Pointer;
    else if (source.argument)
      signature_.arguments[*source.argument].place = number;
    else
      signature_.arguments.push_back({.kind = CArgumentKind::Place, .place = number});
    signature_.places.push_back(std::move(place));
    return number;
  }

  const CSignatureParts& parts_;
  const types::Types& types_;
  bool has_arguments_ = false;
  std::vector<ResultSource> sources_;
  std::optional<ResultSource> error_;
  std::optional<CReturnSpec> returned_;
  Location where_;  // of the entry, for messages
  CShapes& shapes_;
  SignatureProblems& problems_;
  CSignature& signature_;
  ResultParts result_;
};

}  // namespace

void SignatureProblems::complain(const Location& where, std::string_view message,
                                 const std::string& hint) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "in `[[function]]`, {}", message);
  problem.where = where;
  problem.where.item = parts_.name;
  problem.hints.push_back(hint);
  problems_.push_back(std::move(problem));
}

void SignatureProblems::refuse(std::string_view reason) {
  Diagnostic problem =
      make_diagnostic(Code::HostWitMismatch, "`{}` cannot be called as a plain C function: {}",
                      parts_.name, reason);
  problem.where = parts_.where;
  problem.hints.push_back(
      fmt::format("write an adapter: `tenon bindgen host-cpp --wit {} -o src` generates its header",
                  parts_.wit));
  problems_.push_back(std::move(problem));
}

void make_c_result(const CSignatureParts& parts, ResultEntry entry, CShapes& shapes,
                   SignatureProblems& problems, CSignature& signature) {
  ResultMaker(parts, std::move(entry), shapes, problems, signature).make();
}

}  // namespace tenon::host
