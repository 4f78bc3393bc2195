#include "packr/pact_printer.h"

#include <fmt/core.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "packr/graph_words.h"
#include "packr/pact_lexer.h"

namespace tenon::packr {

namespace {

using Kind = PactDefinition::Kind;

std::string print_name(std::string_view name) {
  return is_identifier(name) ? std::string(name) : quote_pact(name);
}

// A name of a type: a word of the language means something else.
std::string print_type_name(std::string_view name) {
  return find_type_keyword(name) == nullptr ? print_name(name) : quote_pact(name);
}

// Identifiers with `:` and `/` between them.
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
  return is_path(path) ? std::string(path) : quote_pact(path);
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

std::string print_names(const std::vector<PactName>& names) {
  return join(names, [](const PactName& name) { return print_path(name.text); });
}

std::string print_results(const std::vector<PactType>& results) {
  if (results.empty()) return "";
  if (results.size() == 1 && results[0].kind != PactKind::Unit)
    return " -> " + print_pact_type(results[0]);
  return fmt::format(" -> ({})", join(results, print_pact_type));
}

std::string print_meta_value(const PactMetaValue& value) {
  switch (value.kind) {
    case PactMetaValue::Kind::String:
      return quote_pact(value.text);
    case PactMetaValue::Kind::Number:
    case PactMetaValue::Kind::Bool:
      return value.text;
    case PactMetaValue::Kind::Record:
      break;
  }
  if (value.fields.empty()) return "{}";
  return fmt::format("{{ {} }}", join(value.fields, [](const auto& field) {
                       return fmt::format("{}: {}", print_name(field.first),
                                          print_meta_value(field.second));
                     }));
}

std::string print_use(const PactUse& use) {
  const bool is_file = use.kind == PactUse::Kind::File;
  std::string text = "use " + (is_file ? quote_pact(use.from.text) : print_path(use.from.text));
  if (use.kind == PactUse::Kind::Transform) text += fmt::format("({})", print_names(use.arguments));
  if (!use.items.empty()) text += fmt::format(".{{{}}}", print_names(use.items));
  return text + ";";
}

// Lines of a text; blocks of the same kind stand together, others have an empty line between.
class PactPrinter {
 public:
  std::string print(const PactScope& file) {
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
  // Between paragraphs, not at the beginning of a block.
  void separate() {
    if (!begins_block_ && !text_.empty()) text_ += '\n';
    begins_block_ = true;
  }

  // Each item in a line; all of them are one paragraph.
  template <class Items, class Print>
  void print_lines(const Items& items, Print&& print) {
    if (items.empty()) return;
    separate();
    for (const auto& item : items) line(print(item));
  }

  void print_body(const PactScope& scope) {
    if (!scope.package.text.empty())
      line(fmt::format("package {};", print_path(scope.package.text)));
    print_lines(scope.metas, [](const PactMeta& meta) {
      return fmt::format("@{}: {} = {};", print_name(meta.name.text), print_pact_type(meta.type),
                         print_meta_value(meta.value));
    });
    print_lines(scope.parameters, [](const PactTypeParameter& one) {
      const std::string name = print_type_name(one.name.text);
      return one.constraint.empty() ? fmt::format("type {};", name)
                                    : fmt::format("type {}: {};", name, print_name(one.constraint));
    });
    print_lines(scope.uses, print_use);
    print_definitions(scope.definitions);
    print_functions(scope.functions);
    print_ports(scope, scope.imports, "import");
    print_ports(scope, scope.exports, "export");
    for (const PactScope& inner : scope.scopes) {
      separate();
      open(fmt::format("{} {}", inner.kind == PactScope::Kind::World ? "world" : "interface",
                       print_name(inner.name.text)));
      print_body(inner);
      close();
    }
    print_lines(scope.derived, [](const PactDerived& one) {
      return fmt::format("interface {} = {}({});", print_name(one.name.text),
                         print_name(one.transform.text), print_names(one.arguments));
    });
  }

  void print_definitions(const std::vector<PactDefinition>& definitions) {
    for (const PactDefinition& one : definitions) {
      separate();
      print_definition(one);
    }
  }

  void print_definition(const PactDefinition& definition) {
    for (const PactName& annotation : definition.annotations)
      line(fmt::format("@{}", print_name(annotation.text)));
    constexpr std::string_view kWords[] = {"type", "record", "variant", "enum", "flags"};
    std::string head = fmt::format("{} {}", kWords[static_cast<std::size_t>(definition.kind)],
                                   print_type_name(definition.name.text));
    if (!definition.parameters.empty())
      head += fmt::format("<{}>", join(definition.parameters,
                                       [](const PactName& name) { return print_name(name.text); }));
    if (definition.kind == Kind::Alias)
      return line(fmt::format("{} = {};", head, print_pact_type(definition.target)));
    if (definition.members.empty()) return line(head + " {}");
    open(head);
    for (const PactMember& member : definition.members) {
      std::string text = print_name(member.name.text);
      if (!member.types.empty())
        text += fmt::format(fmt::runtime(definition.kind == Kind::Record ? ": {}" : "({})"),
                            print_pact_type(member.types[0]));
      line(text + ",");
    }
    close();
  }

  void print_functions(const std::vector<PactFunction>& functions) {
    print_lines(functions,
                [](const PactFunction& function) { return print_pact_function(function) + ";"; });
  }

  // In a world `import` before each; else all of them in a block.
  void print_ports(const PactScope& scope, const std::vector<PactItem>& items,
                   std::string_view word) {
    if (items.empty()) return;
    const bool is_export = word == "export";
    separate();
    if (scope.kind == PactScope::Kind::World) {
      for (const PactItem& item : items) print_item(item, fmt::format("{} ", word), is_export);
      return;
    }
    open(fmt::format("{}s", word));
    for (const PactItem& item : items) print_item(item, "", is_export);
    close();
  }

  void print_item(const PactItem& item, const std::string& lead, bool is_export) {
    const std::string path = print_path(item.path.text);
    switch (item.kind) {
      case PactItem::Kind::Interface: {
        // In exports `a: b` would be an alias.
        const std::size_t separator = item.path.text.find_last_of(":/");
        const bool is_alias =
            is_export && separator != std::string::npos && item.path.text[separator] == ':';
        return line(fmt::format("{}{};", lead, is_alias ? quote_pact(item.path.text) : path));
      }
      case PactItem::Kind::Member:
        return line(fmt::format("{}{}.{};", lead, path, print_name(item.name.text)));
      case PactItem::Kind::Function:
        return line(fmt::format("{}{}{};", lead, item.path.text.empty() ? "" : path + ".",
                                print_pact_function(item.function)));
      case PactItem::Kind::Alias:
        return line(
            fmt::format("{}{}: {};", lead, print_name(item.name.text), print_pact_type(item.type)));
      case PactItem::Kind::Group:
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

std::string print_pact(const PactScope& file) { return PactPrinter().print(file); }

std::string print_pact_type(const PactType& type) {
  std::string text =
      type.kind == PactKind::Named ? print_type_name(type.name) : std::string(type_keyword(type));
  if (!type.arguments.empty() || type.kind == PactKind::Tuple)
    text += fmt::format("<{}>", join(type.arguments, print_pact_type));
  return text;
}

std::string print_pact_function(const PactFunction& function) {
  return fmt::format("{}: func({}){}", print_name(function.name.text),
                     join(function.params,
                          [](const PactParameter& param) {
                            return fmt::format("{}: {}", print_name(param.name.text),
                                               print_pact_type(param.type));
                          }),
                     print_results(function.results));
}

}  // namespace tenon::packr
