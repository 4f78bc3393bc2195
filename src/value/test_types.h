// Parses types, for tests and fuzz targets: WIT, with the structure of a type in place of its name.
//
//   type_of("record{name: string, tags: list<string>}")
//   function_of("(a: u8, b: option<u8>) -> result<u8, string>")
//   type_of("tuple<own<r>, borrow<r>>")   // two handles of a resource called `r`
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value/type_graph.h"

namespace tenon::value {

class TypeText {
 public:
  explicit TypeText(std::string_view text) : text_(text) {}

  types::TypeId read_type() {
    const std::string name = read_word();
    if (const auto primitive = find_primitive(name)) return graph_.types.primitive(*primitive);
    if (name == "list") return read_list();
    if (name == "map") {
      const std::vector<types::TypeId> parts = read_parts();
      return add({types::Map{parts.at(0), parts.at(1)}});
    }
    if (name == "tuple") return add({types::Tuple{read_parts()}});
    if (name == "option") return add({types::Option{read_parts().at(0)}});
    if (name == "result") return read_result();
    if (name == "record") return add({types::Record{read_fields("{", "}")}});
    if (name == "variant") return read_variant();
    if (name == "enum") return add({types::Enum{read_labels()}});
    if (name == "flags") return add({types::Flags{read_labels()}});
    if (name == "own" || name == "borrow") return read_handle(name == "own");
    if (name == "stream") return add({types::Stream{read_parts().at(0)}});
    if (name == "future") return add({types::Future{read_parts().at(0)}});
    return fail();
  }

  types::FunctionId read_function() {
    types::Function function;
    function.params = read_fields("(", ")");
    if (take("->")) function.result = read_type();
    return graph_.types.functions.add(std::move(function));
  }

  TypeGraphPtr finish() {
    if (!peek().empty()) fail();
    return std::make_shared<const TypeGraph>(std::move(graph_));
  }

 private:
  [[noreturn]] types::TypeId fail() { std::abort(); }
  types::TypeId add(types::Type type) { return graph_.types.types.add(std::move(type)); }

  static std::optional<types::Primitive> find_primitive(std::string_view name) {
    for (int i = 0; i < 14; ++i)
      if (types::print_primitive(static_cast<types::Primitive>(i)) == name)
        return static_cast<types::Primitive>(i);
    return std::nullopt;
  }
  std::string_view peek() {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
    return text_;
  }
  bool take(std::string_view word) {
    if (!peek().starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void need(std::string_view word) {
    if (!take(word)) fail();
  }
  std::string read_word() {
    const std::string_view text = peek();
    const std::size_t end = std::min(text.find_first_of(" <>{}(),:"), text.size());
    std::string word(text.substr(0, end));
    text_.remove_prefix(end);
    return word;
  }
  std::vector<types::TypeId> read_parts() {
    std::vector<types::TypeId> parts;
    need("<");
    do parts.push_back(read_type());
    while (take(","));
    need(">");
    return parts;
  }
  types::TypeId read_list() {
    need("<");
    types::List list{read_type(), {}};
    if (take(",")) list.length = static_cast<std::uint32_t>(std::stoul(read_word()));
    need(">");
    return add({list});
  }
  types::TypeId read_result() {
    types::ResultType result;
    if (take("<")) {
      if (!take("_")) result.ok = read_type();
      if (take(",")) result.error = read_type();
      need(">");
    }
    return add({result});
  }
  std::vector<types::Field> read_fields(std::string_view open, std::string_view close) {
    std::vector<types::Field> fields;
    need(open);
    while (!take(close)) {
      std::string label = read_word();
      need(":");
      const types::TypeId type = read_type();
      fields.push_back({std::move(label), type});
      take(",");
    }
    return fields;
  }
  types::TypeId read_variant() {
    types::Variant variant;
    need("{");
    while (!take("}")) {
      types::Case alternative{read_word(), {}};
      if (take("(")) {
        alternative.type = read_type();
        need(")");
      }
      variant.cases.push_back(std::move(alternative));
      take(",");
    }
    return add({std::move(variant)});
  }
  std::vector<std::string> read_labels() {
    std::vector<std::string> labels;
    need("{");
    while (!take("}")) {
      labels.push_back(read_word());
      take(",");
    }
    return labels;
  }
  types::TypeId read_handle(bool is_own) {
    need("<");
    const std::string name = read_word();
    need(">");
    auto& resource = resources_[name];
    if (!resource.is_valid()) resource = graph_.types.resources.add({name});
    return is_own ? add({types::Own{resource}}) : add({types::Borrow{resource}});
  }

  std::string_view text_;
  TypeGraph graph_;
  std::map<std::string, types::ResourceId> resources_;
};

inline Type type_of(std::string_view text) {
  TypeText reader(text);
  const types::TypeId id = reader.read_type();
  return make_type(reader.finish(), id);
}

inline FunctionType function_of(std::string_view text) {
  TypeText reader(text);
  const types::FunctionId id = reader.read_function();
  return make_function_type(reader.finish(), id);
}

}  // namespace tenon::value
