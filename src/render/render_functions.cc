#include "render/render_functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "support/terminal_text.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon::render {

namespace {

const PlanItem* find_item(const Plan& plan, const PlanExport& exported) {
  for (const PlanUnit& unit : plan.units)
    if (unit.name == exported.unit)
      for (const PlanItem& item : unit.exports)
        if (item.name == exported.item) return &item;
  return nullptr;
}

}  // namespace

std::vector<FunctionName> list_exported_functions(const Plan& plan) {
  std::vector<FunctionName> functions;
  for (const PlanExport& exported : plan.exports) {
    const PlanItem* const item = find_item(plan, exported);
    if (item == nullptr) continue;
    if (item->kind == PlanItemKind::Function) functions.push_back({"", exported.name});
    for (const std::string& function : item->functions)
      functions.push_back({exported.name, function});
  }
  return functions;
}

std::vector<std::string> complete_function(std::span<const FunctionName> functions,
                                           std::string_view typed) {
  std::map<std::string, std::size_t> uses;
  for (const FunctionName& function : functions) ++uses[print_call_name("", function.name)];
  std::vector<std::string> names;
  std::vector<std::string> full_names;
  for (const FunctionName& function : functions) {
    std::string bare = print_call_name("", function.name);
    std::string full = print_call_name(function.interface, function.name);
    if (full.starts_with(typed)) full_names.push_back(full);
    if (uses[bare] > 1 && typed.empty())
      names.push_back(std::move(full));
    else if (uses[bare] == 1 && bare.starts_with(typed))
      names.push_back(std::move(bare));
  }
  return names.empty() ? full_names : names;
}

namespace {

// A hostile component can share types so that their tree is exponentially large. No more types than
// this are visited.
constexpr std::size_t kMostTypes = 10'000;

// Collects the named types that functions use, each before the first type that uses it.
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
  for_each_interface(functions, [&](std::span<const Function> of_interface) {
    const std::string& interface = of_interface.front().interface();
    if (!interface.empty()) text += style.paint(Ink::Name, sanitize_text(interface)) + "\n";
    for (const Function& function : of_interface)
      append_line(
          text, interface.empty() ? 0 : 2,
          fmt::format("{}: {}", print_call_name("", function.name()), function.type().wit("")));
  });
  return text;
}

std::string render_wit(std::span<const Function> functions) {
  std::string text;
  for_each_interface(functions, [&](std::span<const Function> of_interface) {
    const std::string& interface = of_interface.front().interface();
    const std::size_t indent = interface.empty() ? 0 : 2;
    if (!text.empty()) text += "\n";
    if (!interface.empty()) append_line(text, 0, fmt::format("interface {} {{", interface));
    NamedTypes types;
    for (const Function& function : of_interface) types.add(function.type());
    for (const NamedTypes::Named& named : types.all())
      for (const std::string& line : named.declaration) append_line(text, indent, line);
    append_resources(text, indent, of_interface);
    for (const Function& function : of_interface)
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

}  // namespace tenon::render
