#include "packr/interface_hash.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "support/diagnostics.h"
#include "support/terminal_text.h"

namespace tenon::packr {

namespace {

// The first byte of the hashed bytes.
enum class HashTag : std::uint8_t {
  List = 0x10,
  Option,
  Result,
  Tuple,
  Record,
  Variant,
  Function,
  Interface,
  Map,
  Set,
};

// The bytes to be hashed.
class HashInput {
 public:
  explicit HashInput(HashTag tag) { bytes_.push_back(static_cast<std::uint8_t>(tag)); }

  HashInput& count(std::size_t number) {
    for (const unsigned shift : {0U, 8U, 16U, 24U})
      bytes_.push_back(static_cast<std::uint8_t>(number >> shift));
    return *this;
  }
  HashInput& text(std::string_view text) {
    count(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  HashInput& byte(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  HashInput& hash(const InterfaceHash& hash) {
    bytes_.insert(bytes_.end(), hash.begin(), hash.end());
    return *this;
  }
  [[nodiscard]] InterfaceHash digest() const { return engine::sha256(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Types that do not contain other types have no SHA-256: two bytes and zeros.
InterfaceHash plain_hash(std::uint8_t first, std::uint8_t second) {
  InterfaceHash hash = {};
  hash[0] = first;
  hash[1] = second;
  return hash;
}

// The tag of the wire, counted from 1.
InterfaceHash hash_plain(TypeTag tag) {
  return plain_hash(0, static_cast<std::uint8_t>(static_cast<unsigned>(tag) + 1));
}

// Sorts by name. Items with equal names keep their order.
template <class Item>
void sort_by_name(std::vector<const Item*>& items) {
  std::ranges::stable_sort(items, {},
                           [](const Item* item) -> const std::string& { return item->name; });
}

template <class Item>
std::vector<const Item*> sorted_by_name(std::span<const Item> items) {
  std::vector<const Item*> sorted;
  for (const Item& item : items) sorted.push_back(&item);
  sort_by_name(sorted);
  return sorted;
}

// functions: sorted by name
InterfaceHash hash_sorted(std::string_view name,
                          const std::vector<const PackageFunctionType*>& functions) {
  HashInput input(HashTag::Interface);
  input.text(name);
  input.count(0);  // bindings of types: packr has none
  input.count(functions.size());
  for (const PackageFunctionType* function : functions)
    input.text(function->name).hash(hash_function(*function));
  return input.digest();
}

InterfaceHash hash_members(const PackageType& type) {
  const bool is_record = type.tag == TypeTag::Record;
  HashInput input(is_record ? HashTag::Record : HashTag::Variant);
  input.count(type.members.size());
  for (const PackageMember* member : sorted_by_name(std::span(type.members))) {
    input.text(member->name);
    if (!is_record) input.byte(member->types.empty() ? 0 : 1);
    for (const PackageType& carried : member->types) input.hash(hash_type(carried));
  }
  return input.digest();
}

InterfaceHash hash_parts(HashTag tag, const PackageType& type) {
  HashInput input(tag);
  for (const PackageType& part : type.parts) input.hash(hash_type(part));
  return input.digest();
}

std::string show_name(std::string_view interface) {
  return interface.empty() ? std::string("the functions outside of interfaces")
                           : fmt::format("`{}`", sanitize_text(interface));
}

void check_side(std::string_view side, std::span<const PackageFunctionType> functions,
                const std::vector<MetadataHash>& stated, Diagnostics& problems) {
  std::map<std::string_view, const MetadataHash*> unmatched;
  for (const MetadataHash& hash : stated)
    if (!unmatched.emplace(hash.interface, &hash).second)
      problems.push_back(make_diagnostic(Code::PackMetadata,
                                         "its metadata has two hashes for {} in its {}",
                                         show_name(hash.interface), side));
  for (const MetadataHash& computed : hash_interfaces(functions)) {
    const auto entry = unmatched.find(computed.interface);
    if (entry == unmatched.end()) {
      problems.push_back(make_diagnostic(Code::PackMetadata,
                                         "its metadata has no hash for {} in its {}",
                                         show_name(computed.interface), side));
      continue;
    }
    if (entry->second->hash != computed.hash) {
      Diagnostic problem = make_diagnostic(
          Code::PackMetadata, "the hash of {} in the metadata of its {} does not match their types",
          show_name(computed.interface), side);
      problem.notes.push_back({"stated:   " + engine::show_sha256(entry->second->hash), {}, {}});
      problem.notes.push_back({"computed: " + engine::show_sha256(computed.hash), {}, {}});
      problems.push_back(std::move(problem));
    }
    unmatched.erase(entry);
  }
  for (const auto& [interface, hash] : unmatched)
    problems.push_back(make_diagnostic(Code::PackMetadata,
                                       "its metadata has a hash for {} in its {}, but no function",
                                       show_name(interface), side));
}

}  // namespace

InterfaceHash hash_type(const PackageType& type) {
  switch (shape_of(type.tag)) {
    case TypeShape::Primitive:
    case TypeShape::Flags:
      return hash_plain(type.tag);
    case TypeShape::Value:
    case TypeShape::Parameter:
      return plain_hash(0xff, 0xff);
    case TypeShape::List:
      return hash_parts(HashTag::List, type);
    case TypeShape::Option:
      return hash_parts(HashTag::Option, type);
    case TypeShape::Map:
      return hash_parts(HashTag::Map, type);
    case TypeShape::Set:
      return hash_parts(HashTag::Set, type);
    case TypeShape::Result:
      return hash_parts(HashTag::Result, type);
    case TypeShape::Record:
    case TypeShape::Variant:
      return hash_members(type);
    case TypeShape::Tuple:
    case TypeShape::Unit: {
      HashInput input(HashTag::Tuple);
      input.count(type.parts.size());
      for (const PackageType& part : type.parts) input.hash(hash_type(part));
      return input.digest();
    }
  }
  return {};
}

InterfaceHash hash_function(const PackageFunctionType& function) {
  HashInput input(HashTag::Function);
  input.count(function.params.size());
  for (const PackageParameter& param : function.params) input.hash(hash_type(param.type));
  input.count(function.results.size());
  for (const PackageType& result : function.results) input.hash(hash_type(result));
  return input.digest();
}

std::vector<MetadataHash> hash_interfaces(std::span<const PackageFunctionType> functions) {
  std::map<std::string, std::vector<const PackageFunctionType*>> interfaces;
  for (const PackageFunctionType& function : functions)
    interfaces[function.interface].push_back(&function);
  std::vector<MetadataHash> hashes;
  for (auto& [name, own] : interfaces) {
    sort_by_name(own);
    hashes.push_back({name, hash_sorted(name, own)});
  }
  return hashes;
}

Diagnostics check_hashes(const PackageTypes& types) {
  Diagnostics problems;
  check_side("imports", types.imports, types.import_hashes, problems);
  check_side("exports", types.exports, types.export_hashes, problems);
  return problems;
}

}  // namespace tenon::packr
