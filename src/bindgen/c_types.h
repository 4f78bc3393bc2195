// The types of a WIT in C: their names, declarations and descriptions. docs/bindgen.md has the table.
//
//   CTypes c(model, header);
//   c.spell(list_of_strings);     // "shop_list_string", and `header` has its declaration
//   c.describe(list_of_strings);  // "&type_2_", and `c.take_tables()` has that variable
//
// C has neither namespaces nor templates. So each type has one global name, which begins with that of the
// world, and is declared once, before the first type or function that uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "bindgen/code_text.h"
#include "bindgen/host_model.h"
#include "types/type.h"

namespace tenon::bindgen {

// The declaration of a name: "uint32_t cents", "shop_note *note".
[[nodiscard]] std::string declare_c(std::string_view type, std::string_view name);
// The same for a pointer to what the program must not change: "const shop_item *item".
[[nodiscard]] std::string declare_c_view(std::string_view type, std::string_view name);

// Global names of one generated header and source file. All begin with the prefix.
class CGlobals final {
 public:
  explicit CGlobals(const HostModel& model);

  // "shop_"; for a world whose name begins as the C API does, "tenon_error__".
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  // "shop", or `int_`
  [[nodiscard]] const std::string& handle() const { return handle_; }
  // The prefix of the names of an interface: "shop_cart_". If the world has it on both sides,
  // "shop_exports_cart_" on that of the units.
  [[nodiscard]] std::string prefix_of(const HostInterface& interface) const;
  // A unique name.
  std::string take(std::string name) { return names_.take(std::move(name)); }
  // The name of a parameter or member, which does not hide a global name or one of <stdint.h>.
  [[nodiscard]] std::string local(std::string_view label) const;

 private:
  const HostModel& model_;
  std::string prefix_;
  std::string handle_;
  Names names_;
};

class CTypes final {
 public:
  // Lifetime: the model and `header` outlive this.
  CTypes(const HostModel& model, CodeText& header);

  CGlobals& globals() { return globals_; }

  // The name of a type, which is declared: "uint32_t", "shop_cart_item", "shop_cart_note *".
  std::string spell(types::TypeId id);
  // Declares a named type or resource, unless that is done.
  void declare(const HostInterface& interface, const HostType& type);
  // "shop_cart_note"
  std::string spell_resource(types::ResourceId id);
  // The address of the description of a type.
  std::string describe(types::TypeId id);
  // The descriptions, for the source file.
  [[nodiscard]] std::string take_tables() && { return std::move(tables_).take(); }

  [[nodiscard]] bool is_of_units(types::ResourceId id) const;
  // Whether a value has a pointer to other memory: a string or a list.
  [[nodiscard]] bool has_memory(types::TypeId id) { return contents_of(id).memory; }
  // Whether a value has `own` handles of units.
  [[nodiscard]] bool has_own(types::TypeId id) { return contents_of(id).own; }
  // Whether a value is a single number in the Canonical ABI. Bits of flags are.
  [[nodiscard]] bool is_flat(types::TypeId id) const;
  // Whether a `tenon_value` has all of the value.
  [[nodiscard]] bool is_single(types::TypeId id) const;
  // Whether a value is passed as a pointer to a struct.
  [[nodiscard]] bool is_struct(types::TypeId id) const;

  // True once a type could not be spelled: it has no name, or is an error-context.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  struct Contents {
    bool memory = false;
    bool own = false;
  };
  struct Member {
    std::string type;
    std::string name;
    std::string_view docs = {};
  };
  // A row of `tenon_c_type` (tenon/detail/c_values.h).
  struct Description {
    std::string kind;     // "TENON_LIST"
    std::string size_of;  // "shop_list_string"
    std::uint32_t length = 0;
    bool is_of_unit = false;
    std::vector<std::string> parts = {};  // initializers of `tenon_c_part`
  };

  template <class T>
  [[nodiscard]] const T* find_kind(types::TypeId id) const {
    return std::get_if<T>(&model_.types.types[id].kind);
  }
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    header_.line(format, std::forward<Args>(args)...);
  }

  const Contents& contents_of(types::TypeId id);
  std::string fail();

  std::string spell_place(const TypePlace& place);
  // type: for the documentation
  void declare_own(const std::string& name, const HostType& type);
  void declare_variant(const std::string& name, const types::Variant& variant,
                       const HostType& type);
  void declare_enum(const std::string& name, const std::string& of,
                    const std::vector<std::string>& labels, const HostType& type);
  void declare_flags(const std::string& name, const types::Flags& flags, const HostType& type);
  void print_struct(const std::string& name, const std::vector<Member>& members,
                    const std::vector<Member>& cases = {});
  [[nodiscard]] std::vector<std::string> member_names(const std::vector<std::string>& labels) const;
  std::vector<Member> spell_fields(const types::Record& record, const HostType& type);

  std::string spell_structure(types::TypeId id);
  std::string spell_list(const types::List& list);
  std::string spell_map(const types::Map& map);
  std::string spell_entry(const types::Map& map);
  std::string spell_tuple(const types::Tuple& tuple);
  std::string spell_result(const types::ResultType& result);
  // A struct for a type without a name. kind, words: of its name. key: what tells it from others of its
  // kind. Declares it unless that is done.
  std::string spell_struct(const std::string& kind, const std::string& words,
                           const std::string& key, const std::vector<Member>& members,
                           const std::vector<Member>& cases = {});
  std::string words_of(types::TypeId id);

  Description describe_kind(types::TypeId id);
  Description describe_map(const types::Map& map);
  Description describe_record(const types::Record& record, const std::string& name);
  Description describe_tuple(const types::Tuple& tuple, const std::string& name);
  Description describe_cases(std::string_view kind, const std::string& name,
                             const std::vector<types::Case>& cases);
  Description describe_labels(std::string_view kind, const std::string& name,
                              const std::vector<std::string>& labels);
  std::string describe_part(std::string_view label, types::TypeId type, const std::string& of,
                            std::string_view member);
  std::string add_table(const Description& description);

  const HostModel& model_;
  CodeText& header_;
  CodeText tables_;
  CGlobals globals_;
  std::map<std::pair<std::size_t, std::string>, std::string> names_;  // by TypePlace
  std::set<std::string> declared_;                                    // of these names
  std::map<std::string, std::string> unnamed_;  // structs without names in the WIT, by kind and key
  std::map<std::string, std::string> described_;  // addresses of rows, by their text
  std::unordered_map<types::TypeId, std::string> descriptions_;
  std::unordered_map<types::TypeId, Contents> contents_;
  std::size_t numbered_ = 0;  // structs whose names are too long
  bool has_failed_ = false;
};

}  // namespace tenon::bindgen
