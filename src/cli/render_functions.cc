#include "cli/render_functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "tenon/text.h"
#include "tenon/type.h"
#include "tenon/value_text.h"

namespace tenon::cli {

namespace {

// Types are trees to look at and may be shared without end: a hostile component's are cut here.
constexpr std::size_t kMostTypes = 10'000;

// The named types that functions use, each before the first that uses it.
class NamedTypes {
 public:
  void add(const FunctionType& function) {
    for (const TypeField& parameter : function.params()) add(parameter.type);
    if (const std::optional<Type> result = function.result()) add(*result);
  }

  struct Named {
    std::string name;
    std::vector<std::string> declaration;

    bool operator==(const Named&) const = default;
  };

  [[nodiscard]] const std::vector<Named>& all() const { return named_; }

 private:
  void add(const Type& type) {
    if (++seen_ > kMostTypes) return;
    Named named{type.name(), {}};
    if (!named.name.empty()) {
      named.declaration = type.declaration();
      if (std::ranges::find(named_, named) != named_.end()) return;
    }
    for (const TypeField& field : type.fields()) add(field.type);
    for (const TypeCase& item : type.cases())
      if (item.type) add(*item.type);
    for (const Type& element : type.elements()) add(element);
    if (const std::optional<Type> key = type.key()) add(*key);
    if (const std::optional<Type> element = type.element()) add(*element);
    if (!named.declaration.empty()) named_.push_back(std::move(named));
  }

  std::vector<Named> named_;
  std::size_t seen_ = 0;
};

void append_line(std::string& text, std::size_t indent, std::string_view line) {
  text += std::string(indent, ' ') + sanitize_text(line) + "\n";
}

// Calls `visit` with the functions of each interface.
template <class Visit>
void for_each_interface(std::span<const Function> functions, Visit&& visit) {
  for (std::size_t begin = 0; begin < functions.size();) {
    std::size_t end = begin + 1;
    while (end < functions.size() && functions[end].interface() == functions[begin].interface())
      ++end;
    visit(functions.subspan(begin, end - begin));
    begin = end;
  }
}

void append_resources(std::string& text, std::size_t indent, std::span<const Function> functions) {
  std::vector<std::string_view> done = {""};
  for (const Function& first : functions) {
    const std::string_view resource = resource_of(first.name());
    if (std::ranges::find(done, resource) != done.end()) continue;
    done.push_back(resource);
    append_line(text, indent, fmt::format("resource {} {{", resource));
    for (const Function& function : functions)
      if (resource_of(function.name()) == resource)
        append_line(text, indent + 2, function.type().wit(function.name()));
    append_line(text, indent, "}");
  }
}

}  // namespace

std::string_view resource_of(std::string_view name) {
  const std::size_t bracket = name.find(']');
  if (!name.starts_with('[') || bracket == std::string_view::npos) return {};
  name.remove_prefix(bracket + 1);
  return name.substr(0, name.find('.'));
}

std::string render_functions(std::span<const Function> functions, const Style& style) {
  std::string text;
  for_each_interface(functions, [&](std::span<const Function> of_one) {
    const std::string& interface = of_one.front().interface();
    if (!interface.empty()) text += style.paint(Ink::Name, sanitize_text(interface)) + "\n";
    for (const Function& function : of_one)
      append_line(
          text, interface.empty() ? 0 : 2,
          fmt::format("{}: {}", print_call_name("", function.name()), function.type().wit("")));
  });
  return text;
}

std::string render_wit(std::span<const Function> functions) {
  std::string text;
  for_each_interface(functions, [&](std::span<const Function> of_one) {
    const std::string& interface = of_one.front().interface();
    const std::size_t indent = interface.empty() ? 0 : 2;
    if (!text.empty()) text += "\n";
    if (!interface.empty()) append_line(text, 0, fmt::format("interface {} {{", interface));
    NamedTypes types;
    for (const Function& function : of_one) types.add(function.type());
    for (const NamedTypes::Named& named : types.all())
      for (const std::string& line : named.declaration) append_line(text, indent, line);
    append_resources(text, indent, of_one);
    for (const Function& function : of_one)
      if (resource_of(function.name()).empty())
        append_line(text, indent, function.type().wit(function.name()));
    if (!interface.empty()) append_line(text, 0, "}");
  });
  return text;
}

std::string render_type(std::span<const Function> functions, std::string_view name) {
  std::string text;
  NamedTypes types;
  for (const Function& function : functions) types.add(function.type());
  for (const NamedTypes::Named& named : types.all())
    if (named.name == name)
      for (const std::string& line : named.declaration) append_line(text, 0, line);
  return text;
}

}  // namespace tenon::cli
