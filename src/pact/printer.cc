#include <fmt/core.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "pact/lexer.h"
#include "pact/text.h"

namespace tenon::pact {

namespace {

std::string print_name(std::string_view name) {
  const bool is_identifier = !name.empty() && find_identifier_end(name) == name.size();
  return is_identifier ? std::string(name) : quote_string(name);
}

// A type's name: a keyword has to be quoted, or it would mean the built-in type.
std::string print_type_name(std::string_view name) {
  return find_type_keyword(name) == nullptr ? print_name(name) : quote_string(name);
}

// True for identifiers separated by `:` and `/`.
bool is_path(std::string_view text) {
  while (true) {
    const std::size_t end = find_identifier_end(text);
    if (end == 0) return false;
    if (end == text.size()) return true;
    if (text[end] != ':' && text[end] != '/') return false;
    text.remove_prefix(end + 1);
  }
}

std::string print_path(std::string_view path) {
  return is_path(path) ? std::string(path) : quote_string(path);
}

template <class Items, class Print>
std::string join(const Items& items, Print&& print) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += print(item);
  }
  return text;
}

std::string print_names(const std::vector<Name>& names) {
  return join(names, [](const Name& name) { return print_path(name.text); });
}

std::string print_results(const std::vector<TypeExpr>& results) {
  if (results.empty()) return "";
  if (results.size() == 1 && results[0].kind != TypeKind::Unit)
    return " -> " + print_type(results[0]);
  return fmt::format(" -> ({})", join(results, print_type));
}

std::string print_meta_value(const MetaValue& value) {
  switch (value.kind) {
    case MetaValue::Kind::String:
      return quote_string(value.text);
    case MetaValue::Kind::Number:
    case MetaValue::Kind::Bool:
      return value.text;
    case MetaValue::Kind::Record:
      break;
  }
  if (value.fields.empty()) return "{}";
  return fmt::format("{{ {} }}", join(value.fields, [](const auto& field) {
                       return fmt::format("{}: {}", print_name(field.first),
                                          print_meta_value(field.second));
                     }));
}

std::string print_use(const Use& use) {
  const bool is_file = use.kind == Use::Kind::File;
  std::string text = "use " + (is_file ? quote_string(use.from.text) : print_path(use.from.text));
  if (use.kind == Use::Kind::Transform) text += fmt::format("({})", print_names(use.arguments));
  if (!use.items.empty()) text += fmt::format(".{{{}}}", print_names(use.items));
  return text + ";";
}

// Builds the text line by line. An empty line separates groups of declarations.
class PactPrinter {
 public:
  std::string print(const Scope& file) {
    print_body(file);
    return std::move(text_);
  }

 private:
  void line(std::string_view content) {
    text_.append(2 * level_, ' ');
    text_ += content;
    text_ += '\n';
    begins_block_ = false;
  }
  void open(std::string_view head) {
    line(fmt::format("{} {{", head));
    ++level_;
    begins_block_ = true;
  }
  void close() {
    --level_;
    line("}");
  }
  // Adds an empty line, except at the beginning of a block.
  void separate() {
    if (!begins_block_ && !text_.empty()) text_ += '\n';
    begins_block_ = true;
  }

  // Each item on a line of its own, with one empty line before them all.
  template <class Items, class Print>
  void print_lines(const Items& items, Print&& print) {
    if (items.empty()) return;
    separate();
    for (const auto& item : items) line(print(item));
  }

  void print_body(const Scope& scope) {
    if (!scope.package.text.empty())
      line(fmt::format("package {};", print_path(scope.package.text)));
    print_lines(scope.metas, [](const Meta& meta) {
      return fmt::format("@{}: {} = {};", print_name(meta.name.text), print_type(meta.type),
                         print_meta_value(meta.value));
    });
    print_lines(scope.parameters, [](const TypeParameter& parameter) {
      const std::string name = print_type_name(parameter.name.text);
      return parameter.constraint.empty()
                 ? fmt::format("type {};", name)
                 : fmt::format("type {}: {};", name, print_name(parameter.constraint));
    });
    print_lines(scope.uses, print_use);
    print_definitions(scope.definitions);
    print_functions(scope.functions);
    print_item_block(scope, scope.imports, "import");
    print_item_block(scope, scope.exports, "export");
    for (const Scope& inner : scope.scopes) {
      separate();
      open(fmt::format("{} {}", inner.kind == Scope::Kind::World ? "world" : "interface",
                       print_name(inner.name.text)));
      print_body(inner);
      close();
    }
    print_lines(scope.derived, [](const DerivedInterface& derived) {
      return fmt::format("interface {} = {}({});", print_name(derived.name.text),
                         print_name(derived.transform.text), print_names(derived.arguments));
    });
  }

  void print_definitions(const std::vector<Definition>& definitions) {
    for (const Definition& definition : definitions) {
      separate();
      print_definition(definition);
    }
  }

  void print_definition(const Definition& definition) {
    for (const Name& annotation : definition.annotations)
      line(fmt::format("@{}", print_name(annotation.text)));
    constexpr std::string_view kWords[] = {"type", "record", "variant", "enum", "flags"};
    std::string head = fmt::format("{} {}", kWords[static_cast<std::size_t>(definition.kind)],
                                   print_type_name(definition.name.text));
    if (!definition.parameters.empty())
      head += fmt::format("<{}>", join(definition.parameters,
                                       [](const Name& name) { return print_name(name.text); }));
    if (definition.kind == Definition::Kind::Alias)
      return line(fmt::format("{} = {};", head, print_type(definition.target)));
    if (definition.members.empty()) return line(head + " {}");
    open(head);
    for (const Member& member : definition.members) {
      std::string text = print_name(member.name.text);
      if (!member.types.empty())
        text +=
            fmt::format(fmt::runtime(definition.kind == Definition::Kind::Record ? ": {}" : "({})"),
                        print_type(member.types[0]));
      line(text + ",");
    }
    close();
  }

  void print_functions(const std::vector<FunctionDecl>& functions) {
    print_lines(functions,
                [](const FunctionDecl& function) { return print_function(function) + ";"; });
  }

  // In a world each item has the keyword `import` or `export`; elsewhere they share a block.
  void print_item_block(const Scope& scope, const std::vector<Item>& items, std::string_view word) {
    if (items.empty()) return;
    const bool is_export = word == "export";
    separate();
    if (scope.kind == Scope::Kind::World) {
      for (const Item& item : items) print_item(item, fmt::format("{} ", word), is_export);
      return;
    }
    open(fmt::format("{}s", word));
    for (const Item& item : items) print_item(item, "", is_export);
    close();
  }

  void print_item(const Item& item, const std::string& lead, bool is_export) {
    const std::string path = print_path(item.path.text);
    switch (item.kind) {
      case Item::Kind::Interface: {
        // Unquoted, the parser would read `a:b` in exports as an alias.
        const std::size_t separator = item.path.text.find_last_of(":/");
        const bool is_alias =
            is_export && separator != std::string::npos && item.path.text[separator] == ':';
        return line(fmt::format("{}{};", lead, is_alias ? quote_string(item.path.text) : path));
      }
      case Item::Kind::Member:
        return line(fmt::format("{}{}.{};", lead, path, print_name(item.name.text)));
      case Item::Kind::Function:
        return line(fmt::format("{}{}{};", lead, item.path.text.empty() ? "" : path + ".",
                                print_function(item.function)));
      case Item::Kind::Alias:
        return line(
            fmt::format("{}{}: {};", lead, print_name(item.name.text), print_type(item.type)));
      case Item::Kind::Group:
        if (item.definitions.empty() && item.functions.empty())
          return line(fmt::format("{}{} {{}}", lead, path));
        open(lead + path);
        print_definitions(item.definitions);
        print_functions(item.functions);
        return close();
    }
  }

  std::string text_;
  std::size_t level_ = 0;
  bool begins_block_ = true;
};

}  // namespace

std::string print_pact(const Scope& file) { return PactPrinter().print(file); }

std::string print_type(const TypeExpr& type) {
  std::string text =
      type.kind == TypeKind::Named ? print_type_name(type.name) : std::string(type_keyword(type));
  if (!type.arguments.empty() || type.kind == TypeKind::Tuple)
    text += fmt::format("<{}>", join(type.arguments, print_type));
  return text;
}

std::string print_function(const FunctionDecl& function) {
  return fmt::format("{}: func({}){}", print_name(function.name.text),
                     join(function.params,
                          [](const Parameter& param) {
                            return fmt::format("{}: {}", print_name(param.name.text),
                                               print_type(param.type));
                          }),
                     print_results(function.results));
}

}  // namespace tenon::pact
