#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "link/known_link_file.h"
#include "support/byte_writer.h"

namespace tenon::link {

namespace {

using known_link_format::Kind;
using known_link_format::kMagic;
using known_link_format::Sort;

class Writer final {
 public:
  explicit Writer(const KnownLink& link) : link_(link), types_(*link.types) {}

  std::optional<Bytes> write(const std::string& key) {
    for (const KnownDomain& domain : link_.domains)
      for (const KnownImport& import : domain.imports) collect(import.item);
    text(kMagic);
    text(key);
    text(link_.program);
    text(link_.command);
    number(link_.command_domain);
    text(link_.domain);
    write_types();
    out_.count(link_.domains.size(), "domains");
    for (const KnownDomain& domain : link_.domains) write_domain(domain);
    out_.count(link_.notes.size(), "notes");
    for (const Diagnostic& note : link_.notes) write_note(note);
    if (!can_be_written_) return std::nullopt;
    return std::move(out_).take_bytes();
  }

 private:
  template <class Id>
  using Places = std::unordered_map<Id, std::uint32_t>;
  template <class Id>
  struct Order {
    std::vector<Id> ids;
    Places<Id> places;

    // REQUIRES: it is not there
    void add(Id id) {
      places.emplace(id, static_cast<std::uint32_t>(ids.size()));
      ids.push_back(id);
    }
  };

  // --- Collects types, inner types first

  void collect(const types::Item& item) {
    if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      collect(*function);
    } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      if (instances_.places.contains(*instance)) return;
      for (const types::NamedItem& part : types_.instances[*instance].exports) collect(part.item);
      instances_.add(*instance);
    } else if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      if (const auto* resource = std::get_if<types::ResourceId>(&bound->type)) collect(*resource);
      // Value types need no definition of their own.
    } else {
      can_be_written_ = false;
    }
  }
  void collect(types::FunctionId id) {
    if (functions_.places.contains(id)) return;
    const types::Function& function = types_.functions[id];
    if (function.is_async || function.is_untyped) can_be_written_ = false;
    for (const types::Field& param : function.params) collect(param.type);
    collect(function.result);
    functions_.add(id);
  }
  void collect(types::ResourceId id) {
    if (!resources_.places.contains(id)) resources_.add(id);
  }
  void collect(const std::optional<types::TypeId>& id) {
    if (id) collect(*id);
  }
  void collect(types::TypeId id) {
    if (type_ids_.places.contains(id)) return;
    std::visit([this](const auto& kind) { collect_parts(kind); }, types_.types[id].kind);
    type_ids_.add(id);
  }
  void collect_parts(const types::Primitive&) {}
  void collect_parts(const types::Record& record) {
    for (const types::Field& field : record.fields) collect(field.type);
  }
  void collect_parts(const types::Variant& variant) {
    for (const types::Case& variant_case : variant.cases) collect(variant_case.type);
  }
  void collect_parts(const types::List& list) { collect(list.element); }
  void collect_parts(const types::Map& map) {
    collect(map.key);
    collect(map.value);
  }
  void collect_parts(const types::Tuple& tuple) {
    for (const types::TypeId id : tuple.types) collect(id);
  }
  void collect_parts(const types::Flags&) {}
  void collect_parts(const types::Enum&) {}
  void collect_parts(const types::Option& option) { collect(option.type); }
  void collect_parts(const types::ResultType& result) {
    collect(result.ok);
    collect(result.error);
  }
  void collect_parts(const types::Own& own) { collect(own.resource); }
  void collect_parts(const types::Borrow& borrow) { collect(borrow.resource); }
  void collect_parts(const types::Stream&) { can_be_written_ = false; }
  void collect_parts(const types::Future&) { can_be_written_ = false; }
  void collect_parts(const types::Dynamic&) { can_be_written_ = false; }

  // --- Parts

  void text(std::string_view value) { out_.name(value, "text"); }
  void number(std::uint32_t value) { out_.u32(value, "number"); }
  void flag(bool value) { out_.byte(value ? 1 : 0, "flag"); }
  void kind(Kind value) { out_.byte(static_cast<std::uint8_t>(value), "kind"); }
  void place(types::TypeId id) { number(type_ids_.places.at(id)); }
  void place(types::ResourceId id) { number(resources_.places.at(id)); }
  void place(const std::optional<types::TypeId>& id) {
    flag(id.has_value());
    if (id) place(*id);
  }
  void texts(const std::vector<std::string>& all) {
    out_.count(all.size(), "texts");
    for (const std::string& line : all) text(line);
  }
  void fields(const std::vector<types::Field>& all) {
    out_.count(all.size(), "fields");
    for (const types::Field& field : all) {
      text(field.label);
      place(field.type);
    }
  }

  // --- Tables

  void write_types() {
    out_.count(resources_.ids.size(), "resources");
    for (const types::ResourceId id : resources_.ids) {
      const auto kind = link_.kinds.find(id);
      if (kind == link_.kinds.end()) {
        can_be_written_ = false;
        return;
      }
      text(types_.resources[id].name);
      text(kind->second.key);
      text(kind->second.name);
      number(kind->second.home);
    }
    if (!can_be_written_) return;
    out_.count(type_ids_.ids.size(), "types");
    for (const types::TypeId id : type_ids_.ids)
      std::visit([this](const auto& kind) { write_kind(kind); }, types_.types[id].kind);
    out_.count(functions_.ids.size(), "functions");
    for (const types::FunctionId id : functions_.ids) {
      fields(types_.functions[id].params);
      place(types_.functions[id].result);
    }
    out_.count(instances_.ids.size(), "instances");
    for (const types::InstanceId id : instances_.ids) write_instance(types_.instances[id]);
  }
  void write_instance(const types::Instance& instance) {
    const auto is_written = [](const types::NamedItem& part) {
      const auto* bound = std::get_if<types::TypeBound>(&part.item);
      return bound == nullptr || std::holds_alternative<types::ResourceId>(bound->type);
    };
    out_.count(static_cast<std::size_t>(std::ranges::count_if(instance.exports, is_written)),
               "exports");
    for (const types::NamedItem& part : instance.exports) {
      if (!is_written(part)) continue;
      text(part.name);
      write_item(part.item);
    }
  }
  void write_kind(const types::Primitive& primitive) {
    kind(Kind::Primitive);
    out_.byte(static_cast<std::uint8_t>(primitive), "primitive");
  }
  void write_kind(const types::Record& record) {
    kind(Kind::Record);
    fields(record.fields);
  }
  void write_kind(const types::Variant& variant) {
    kind(Kind::Variant);
    out_.count(variant.cases.size(), "cases");
    for (const types::Case& variant_case : variant.cases) {
      text(variant_case.label);
      place(variant_case.type);
    }
  }
  void write_kind(const types::List& list) {
    kind(Kind::List);
    place(list.element);
    flag(list.length.has_value());
    number(list.length.value_or(0));
  }
  void write_kind(const types::Map& map) {
    kind(Kind::Map);
    place(map.key);
    place(map.value);
  }
  void write_kind(const types::Tuple& tuple) {
    kind(Kind::Tuple);
    out_.count(tuple.types.size(), "types");
    for (const types::TypeId id : tuple.types) place(id);
  }
  void write_kind(const types::Flags& flags) {
    kind(Kind::Flags);
    texts(flags.labels);
  }
  void write_kind(const types::Enum& cases) {
    kind(Kind::Enum);
    texts(cases.labels);
  }
  void write_kind(const types::Option& option) {
    kind(Kind::Option);
    place(option.type);
  }
  void write_kind(const types::ResultType& result) {
    kind(Kind::Result);
    place(result.ok);
    place(result.error);
  }
  void write_kind(const types::Own& own) {
    kind(Kind::Own);
    place(own.resource);
  }
  void write_kind(const types::Borrow& borrow) {
    kind(Kind::Borrow);
    place(borrow.resource);
  }
  // Rejected while types were collected.
  void write_kind(const types::Stream&) {}
  void write_kind(const types::Future&) {}
  void write_kind(const types::Dynamic&) {}

  void write_item(const types::Item& item) {
    const auto sort = [this](Sort value) { out_.byte(static_cast<std::uint8_t>(value), "sort"); };
    if (const auto* function = std::get_if<types::FunctionId>(&item)) {
      sort(Sort::Function);
      number(functions_.places.at(*function));
    } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      sort(Sort::Instance);
      number(instances_.places.at(*instance));
    } else if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
      const auto* resource = std::get_if<types::ResourceId>(&bound->type);
      sort(resource == nullptr ? Sort::Type : Sort::Resource);
      if (resource != nullptr) place(*resource);
    }
  }

  void write_domain(const KnownDomain& domain) {
    text(domain.name);
    text(domain.code.embedded);
    text(domain.code.reference);
    texts(domain.code.modules);
    flag(domain.concurrency == Concurrency::Yes);
    flag(domain.needs_wasi);
    out_.count(domain.imports.size(), "imports");
    for (const KnownImport& import : domain.imports) {
      text(import.name);
      number(import.provider);
      text(import.export_name);
      flag(import.lazy);
      text(import.on_failure);
      text(import.unit);
      text(import.exported);
      if (can_be_written_) write_item(import.item);
    }
  }

  void write_note(const Diagnostic& note) {
    const auto has_excerpt = [](const Note& inner) {
      return !inner.excerpt.lines.empty() || inner.related != Location();
    };
    if (note.severity != Severity::Note || !note.excerpt.lines.empty() ||
        std::ranges::any_of(note.notes, has_excerpt))
      can_be_written_ = false;
    text(note.code);
    text(note.message);
    text(note.where.file);
    text(note.where.unit);
    text(note.where.item);
    flag(note.where.offset.has_value());
    number(static_cast<std::uint32_t>(note.where.offset.value_or(0)));
    number(note.where.line);
    number(note.where.column);
    out_.count(note.notes.size(), "notes");
    for (const Note& line : note.notes) text(line.text);
    texts(note.hints);
  }

  const KnownLink& link_;
  const types::Types& types_;
  Order<types::ResourceId> resources_;
  Order<types::TypeId> type_ids_;
  Order<types::FunctionId> functions_;
  Order<types::InstanceId> instances_;
  bool can_be_written_ = true;
  ByteWriter out_;
};

}  // namespace

std::optional<Bytes> write_known_link(const KnownLink& link, const std::string& key) {
  return Writer(link).write(key);
}

}  // namespace tenon::link
