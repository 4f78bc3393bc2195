#include <fmt/core.h>

#include <optional>
#include <variant>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "tenon/detail/call_port.h"
#include "tenon/detail/tree_codec.h"
#include "types/uses.h"
#include "value/cpp_type.h"
#include "value/problems.h"

namespace tenon::detail {

namespace {

using types::Primitive;
using types::TypeId;
using value::show_type;
using value::TypeGraph;

constexpr std::string_view kTakeObject =
    "take its object: `T&` for borrow, `std::shared_ptr<T>` for own";

std::optional<Primitive> primitive_of(CppKind kind) {
  switch (kind) {
    case CppKind::Bool:
      return Primitive::Bool;
    case CppKind::S8:
      return Primitive::S8;
    case CppKind::U8:
      return Primitive::U8;
    case CppKind::S16:
      return Primitive::S16;
    case CppKind::U16:
      return Primitive::U16;
    case CppKind::S32:
      return Primitive::S32;
    case CppKind::U32:
      return Primitive::U32;
    case CppKind::S64:
      return Primitive::S64;
    case CppKind::U64:
      return Primitive::U64;
    case CppKind::F32:
      return Primitive::F32;
    case CppKind::F64:
      return Primitive::F64;
    case CppKind::Char:
      return Primitive::Char;
    case CppKind::String:
    case CppKind::StringView:
      return Primitive::String;
    case CppKind::Vector:
    case CppKind::Span:
    case CppKind::Array:
    case CppKind::Map:
    case CppKind::PairVector:
    case CppKind::Record:
    case CppKind::Tuple:
    case CppKind::Pair:
    case CppKind::Variant:
    case CppKind::NamedVariant:
    case CppKind::Enum:
    case CppKind::Flags:
    case CppKind::Optional:
    case CppKind::Expected:
    case CppKind::Own:
    case CppKind::Borrow:
    case CppKind::HostOwn:
    case CppKind::HostBorrow:
    case CppKind::Stream:
    case CppKind::Future:
      return std::nullopt;
  }
  return std::nullopt;
}

// A field, a case, an enumerator or a flag of a WIT type.
struct Member {
  std::string_view label;
  std::optional<TypeId> type;
};

// Goes down a C++ type and a WIT type together. Recursion is bounded by the depth of the C++ type,
// which the program wrote.
class SignatureChecker {
 public:
  SignatureChecker(const FunctionType& type, FindHostClass find_host_class, const void* context,
                   TreeLabels* labels)
      : graph_(value::graph_of(type)),
        types_(graph_->types),
        find_host_class_(find_host_class),
        context_(context),
        labels_(labels) {}

  void check_params(std::span<const CppType* const> cpp_types, const types::Function& function,
                    const FunctionType& type) {
    const std::size_t count = function.params.size();
    if (cpp_types.size() != count) {
      add([&] {
        Diagnostic problem = make_diagnostic(
            Code::TypeSignature, "the function takes {} parameter{}, and the C++ signature has {}",
            count, count == 1 ? "" : "s", cpp_types.size());
        problem.hints.push_back(fmt::format("its type is `{}`", type.wit("")));
        return problem;
      });
      return;
    }
    for (std::size_t i = 0; i < count; ++i)
      check_below(fmt::format(".{}", sanitize_text(function.params[i].label)), *cpp_types[i],
                  function.params[i].type);
  }

  void check_result(const CppType* cpp_type, const std::optional<TypeId>& wit_type) {
    path_ = "$result";
    if (wit_type && cpp_type != nullptr) return check(*cpp_type, *wit_type);
    if (wit_type)
      add([&] {
        return suggest(make_diagnostic(Code::TypeSignature,
                                       "the function returns {}, and the C++ signature nothing",
                                       show_type(*graph_, *wit_type)),
                       *wit_type);
      });
    if (cpp_type != nullptr)
      add([&] {
        Diagnostic problem = make_diagnostic(
            Code::TypeSignature, "the function returns nothing, and the C++ signature `{}`",
            value::print_cpp_type(*cpp_type));
        problem.hints.emplace_back("return `void`");
        return problem;
      });
  }

  [[nodiscard]] Diagnostics take_problems() { return problems_.take(); }

 private:
  template <class Make>
  void add(Make&& make) {
    Diagnostic problem = make();
    problem.where.item = path_;
    problems_.add_once(std::move(problem));
  }
  [[nodiscard]] Diagnostic suggest(Diagnostic problem, TypeId wit_type) const {
    if (class_of(wit_type) != nullptr) {
      problem.hints.emplace_back(kTakeObject);
      return problem;
    }
    const std::string use = value::suggest_cpp_type(*graph_, wit_type);
    if (!use.empty()) problem.hints.push_back(fmt::format("use {}", use));
    return problem;
  }
  void add_mismatch(const CppType& cpp_type, TypeId wit_type) {
    add([&] {
      return suggest(make_diagnostic(Code::TypeSignature, "{} in C++ does not fit {}",
                                     fmt::format("`{}`", value::print_cpp_type(cpp_type)),
                                     show_type(*graph_, wit_type)),
                     wit_type);
    });
  }
  // "`Colour` names 2 cases, and `colour` has 3".
  void add_count(const CppType& cpp_type, TypeId wit_type, std::string_view what,
                 std::size_t actual, std::size_t count) {
    add([&] {
      Diagnostic problem = make_diagnostic(
          Code::TypeSignature, "`{}` has {} {}{}, and {} has {}", value::print_cpp_type(cpp_type),
          actual, what, actual == 1 ? "" : "s", show_type(*graph_, wit_type), count);
      return suggest(std::move(problem), wit_type);
    });
  }

  void check_below(const std::string& step, const CppType& cpp_type, TypeId wit_type) {
    const std::size_t length = path_.size();
    path_ += step;
    check(cpp_type, wit_type);
    path_.resize(length);
  }
  void check_payload(std::string_view label, const CppType* cpp_type,
                     const std::optional<TypeId>& wit_type) {
    const std::string step = fmt::format(".{}", sanitize_text(label));
    if (cpp_type != nullptr && wit_type) return check_below(step, *cpp_type, *wit_type);
    if ((cpp_type == nullptr) == !wit_type) return;
    const std::size_t length = path_.size();
    path_ += step;
    add([&] {
      if (wit_type)
        return suggest(make_diagnostic(Code::TypeSignature, "`{}` carries {}, and nothing in C++",
                                       sanitize_text(label), show_type(*graph_, *wit_type)),
                       *wit_type);
      Diagnostic problem =
          make_diagnostic(Code::TypeSignature, "`{}` carries nothing, and `{}` in C++",
                          sanitize_text(label), value::print_cpp_type(*cpp_type));
      problem.hints.emplace_back("use `std::monostate` in a variant, `void` in a tenon::Expected");
      return problem;
    });
    path_.resize(length);
  }

  void check(const CppType& cpp_type, TypeId wit_type) {
    std::visit([&](const auto& kind) { check_as(kind, cpp_type, wit_type); },
               types_.types[wit_type].kind);
  }

  void check_as(Primitive kind, const CppType& cpp_type, TypeId wit_type) {
    if (primitive_of(cpp_type.kind) != kind) add_mismatch(cpp_type, wit_type);
  }
  void check_as(const types::List& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind == CppKind::PairVector && !kind.length) {
      const auto* tuple = std::get_if<types::Tuple>(&types_.types[kind.element].kind);
      if (tuple == nullptr || tuple->types.size() != 2) return add_mismatch(cpp_type, wit_type);
      check_below("[][0]", *cpp_type.parts[0].type, tuple->types[0]);
      return check_below("[][1]", *cpp_type.parts[1].type, tuple->types[1]);
    }
    const bool is_list = cpp_type.kind == CppKind::Vector || cpp_type.kind == CppKind::Span;
    const bool is_array = cpp_type.kind == CppKind::Array;
    if (kind.length ? !is_array : !is_list) return add_mismatch(cpp_type, wit_type);
    if (is_array && cpp_type.length != *kind.length)
      add_count(cpp_type, wit_type, "element", cpp_type.length, *kind.length);
    check_below("[]", *cpp_type.parts[0].type, kind.element);
  }
  void check_as(const types::Map& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Map && cpp_type.kind != CppKind::PairVector)
      return add_mismatch(cpp_type, wit_type);
    if (labels_ != nullptr) labels_->add(cpp_type, {});
    check_below("[].key", *cpp_type.parts[0].type, kind.key);
    check_below("[].value", *cpp_type.parts[1].type, kind.value);
  }
  void check_as(const types::Tuple& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Tuple && cpp_type.kind != CppKind::Pair)
      return add_mismatch(cpp_type, wit_type);
    if (cpp_type.parts.size() != kind.types.size())
      add_count(cpp_type, wit_type, "part", cpp_type.parts.size(), kind.types.size());
    for (std::size_t i = 0; i < cpp_type.parts.size() && i < kind.types.size(); ++i)
      check_below(fmt::format("[{}]", i), *cpp_type.parts[i].type, kind.types[i]);
  }
  void check_as(const types::Option& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Optional) return add_mismatch(cpp_type, wit_type);
    check_below(".some", *cpp_type.parts[0].type, kind.type);
  }
  void check_as(const types::ResultType& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Expected) return add_mismatch(cpp_type, wit_type);
    check_payload("ok", cpp_type.parts[0].type, kind.ok);
    check_payload("err", cpp_type.parts[1].type, kind.error);
  }
  void check_as(const types::Record& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Record) return add_mismatch(cpp_type, wit_type);
    std::vector<Member> members;
    for (const types::Field& field : kind.fields) members.push_back({field.label, field.type});
    check_members(cpp_type, wit_type, members, "field");
  }
  void check_as(const types::Variant& kind, const CppType& cpp_type, TypeId wit_type) {
    std::vector<Member> members;
    for (const types::Case& variant_case : kind.cases)
      members.push_back({variant_case.label, variant_case.type});
    if (cpp_type.kind == CppKind::NamedVariant)
      return check_members(cpp_type, wit_type, members, "case");
    if (cpp_type.kind != CppKind::Variant) return add_mismatch(cpp_type, wit_type);
    if (cpp_type.parts.size() != members.size())
      return add_count(cpp_type, wit_type, "case", cpp_type.parts.size(), members.size());
    keep_labels(cpp_type, members);
    for (std::size_t i = 0; i < members.size(); ++i)
      check_payload(members[i].label, cpp_type.parts[i].type, members[i].type);
  }
  void check_as(const types::Enum& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Enum) return add_mismatch(cpp_type, wit_type);
    check_labels(cpp_type, wit_type, kind.labels, "case");
  }
  void check_as(const types::Flags& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Flags) return add_mismatch(cpp_type, wit_type);
    check_labels(cpp_type, wit_type, kind.labels, "flag");
  }
  void check_as(const types::Own& /*kind*/, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind == CppKind::HostOwn) return check_host_class(cpp_type, wit_type);
    if (cpp_type.kind != CppKind::Own || !is_named(cpp_type, wit_type))
      return add_mismatch(cpp_type, wit_type);
    check_guest_resource(cpp_type, wit_type);
  }
  void check_as(const types::Borrow& /*kind*/, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind == CppKind::HostBorrow) return check_host_class(cpp_type, wit_type);
    if (cpp_type.kind != CppKind::Borrow) return add_mismatch(cpp_type, wit_type);
    check_guest_resource(cpp_type, wit_type);
  }
  void check_as(const types::Stream& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Stream) return add_mismatch(cpp_type, wit_type);
    check_items(kind.type, cpp_type, wit_type);
  }
  void check_as(const types::Future& kind, const CppType& cpp_type, TypeId wit_type) {
    if (cpp_type.kind != CppKind::Future) return add_mismatch(cpp_type, wit_type);
    check_items(kind.type, cpp_type, wit_type);
  }
  void check_as(const types::Dynamic& /*kind*/, const CppType& cpp_type, TypeId wit_type) {
    if (labels_ == nullptr)
      add_mismatch(cpp_type, wit_type);
    else
      labels_->add_unknown();
  }
  void keep_labels(const CppType& cpp_type, const std::vector<Member>& members) {
    if (labels_ == nullptr) return;
    std::vector<std::string> labels;
    for (const Member& member : members) labels.emplace_back(member.label);
    labels_->add(cpp_type, std::move(labels));
  }

  void check_items(const std::optional<TypeId>& item, const CppType& cpp_type, TypeId wit_type) {
    const CppType* const cpp_item = cpp_type.parts[0].type;
    if (item.has_value() != (cpp_item != nullptr)) return add_mismatch(cpp_type, wit_type);
    if (item) check_below(".item", *cpp_item, *item);
  }

  // Null: the program does not make the resource.
  const void* class_of(TypeId handle) const {
    if (find_host_class_ == nullptr) return nullptr;
    return find_host_class_(context_, value::make_type(graph_, handle));
  }

  // Whether a class of resources can be this one, by the name that it was declared with, or by the one
  // that the function's interface uses.
  bool is_named(const CppType& cpp_type, TypeId handle) const {
    const auto resource = types::handled_resource(types_, handle);
    return cpp_type.name.empty() || !resource ||
           value::is_same_word(cpp_type.name, types_.resources[*resource].name) ||
           value::is_same_word(cpp_type.name, value::make_type(graph_, handle).resource());
  }

  // A resource of the program is an object, and has no number.
  void check_guest_resource(const CppType& cpp_type, TypeId wit_type) {
    if (class_of(wit_type) == nullptr) return;
    add([&] {
      Diagnostic problem =
          make_diagnostic(Code::TypeSignature, "{} in C++, and {} is a resource of the program",
                          value::print_cpp_type(cpp_type), show_type(*graph_, wit_type));
      problem.hints.emplace_back(kTakeObject);
      return problem;
    });
  }

  void check_host_class(const CppType& cpp_type, TypeId wit_type) {
    const void* const actual = class_of(wit_type);
    if (actual == cpp_type.host_class) return;
    if (find_host_class_ == nullptr) return add_mismatch(cpp_type, wit_type);
    add([&] {
      Diagnostic problem = make_diagnostic(
          Code::TypeSignature, "{} in C++, and {} is {}", value::print_cpp_type(cpp_type),
          show_type(*graph_, wit_type),
          actual == nullptr ? "no resource of the program" : "a resource of another class");
      problem.hints.emplace_back(
          "add the class as that resource; a struct of values needs TENON_RECORD");
      return problem;
    });
  }

  void check_labels(const CppType& cpp_type, TypeId wit_type,
                    const std::vector<std::string>& labels, std::string_view what) {
    std::vector<Member> members;
    for (const std::string& label : labels) members.push_back({label, {}});
    check_members(cpp_type, wit_type, members, what);
  }

  // Names and labels go together by position where they are the same word, else by the word.
  void check_members(const CppType& cpp_type, TypeId wit_type, const std::vector<Member>& members,
                     std::string_view what) {
    keep_labels(cpp_type, members);
    std::vector<bool> is_named(members.size());
    bool is_ordered = true;
    bool is_known = true;
    for (std::size_t i = 0; i < cpp_type.parts.size(); ++i) {
      const std::optional<std::size_t> position = find_member(cpp_type.parts[i].label, members, i);
      if (!position) {
        is_known = false;
        add_unknown(cpp_type.parts[i].label, wit_type, members, what);
        continue;
      }
      is_ordered = is_ordered && *position == i;
      is_named[*position] = true;
      check_payload(members[*position].label, cpp_type.parts[i].type, members[*position].type);
    }
    bool is_complete = true;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (is_named[i]) continue;
      is_complete = false;
      add_missing(cpp_type, wit_type, members[i], what);
    }
    if (!is_ordered && is_known && is_complete) add_order(cpp_type, wit_type, members, what);
  }

  static std::optional<std::size_t> find_member(std::string_view name,
                                                const std::vector<Member>& members,
                                                std::size_t position) {
    if (position < members.size() && value::is_same_word(name, members[position].label))
      return position;
    for (std::size_t i = 0; i < members.size(); ++i)
      if (value::is_same_word(name, members[i].label)) return i;
    return std::nullopt;
  }

  void add_unknown(std::string_view name, TypeId wit_type, const std::vector<Member>& members,
                   std::string_view what) {
    add([&] {
      std::vector<std::string> labels;
      for (const Member& member : members) labels.emplace_back(member.label);
      Diagnostic problem = make_diagnostic(Code::TypeSignature, "{} has no {} `{}`",
                                           show_type(*graph_, wit_type), what, name);
      problem.hints.push_back(suggest_name(name, labels, fmt::format("{}s", what)));
      return problem;
    });
  }
  void add_missing(const CppType& cpp_type, TypeId wit_type, const Member& member,
                   std::string_view what) {
    add([&] {
      const std::string label = types::print_label(member.label);
      Diagnostic problem = make_diagnostic(
          Code::TypeSignature, "`{}` lacks the {} `{}{}` of {}", cpp_type.name, what, label,
          member.type ? fmt::format(": {}", types::print_type(types_, graph_->names, *member.type))
                      : "",
          show_type(*graph_, wit_type));
      problem.hints.push_back(fmt::format("add it to `{}` in C++", cpp_type.name));
      return problem;
    });
  }
  void add_order(const CppType& cpp_type, TypeId wit_type, const std::vector<Member>& members,
                 std::string_view what) {
    add([&] {
      std::string order;
      for (const Member& member : members)
        order += fmt::format("{}{}", order.empty() ? "" : ", ", types::print_label(member.label));
      Diagnostic problem = make_diagnostic(
          Code::TypeSignature, "the {}s of `{}` stand in another order than those of {}", what,
          cpp_type.name, show_type(*graph_, wit_type));
      problem.hints.push_back(
          fmt::format("name them as {} does: {}", show_type(*graph_, wit_type), order));
      return problem;
    });
  }

  value::TypeGraphPtr graph_;
  const types::Types& types_;
  FindHostClass find_host_class_;
  const void* context_;
  TreeLabels* labels_;
  std::string path_ = "$";
  value::Problems problems_;
};

}  // namespace

Diagnostics check_signature(const CppSignature& signature, const FunctionType& type,
                            FindHostClass find_host_class, const void* context,
                            TreeLabels* labels) {
  const types::Function& function = value::graph_of(type)->types.functions[value::id_of(type)];
  SignatureChecker checker(type, find_host_class, context, labels);
  checker.check_params(signature.params, function, type);
  checker.check_result(signature.result, function.result);
  return checker.take_problems();
}

bool is_same_label(std::string_view name, std::string_view label) {
  return value::is_same_word(name, label);
}

std::string make_label(std::string_view name) {
  std::string label;
  bool was_lower = false;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && was_lower) label += '-';
    label += c == '_' ? '-' : is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    was_lower = !is_upper && c != '_';
  }
  return label;
}

}  // namespace tenon::detail
