// A text of an interface language with what it uses: which definition a name means at each place.
//
// Names are found in the block where they stand, then in the blocks around it. `use` brings names
// from another interface, or from another text, which the caller gives. Transforms are carried out:
// `rpc(calculator)` is an interface as any other.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pact/tree.h"
#include "tenon/result.h"

namespace tenon::pact {

struct Source {
  std::string name;  // as messages call it; one name, one text
  std::string text;
};

// The text that another one names in `use "file"`. Errors: read-file.
using SourceLoader =
    std::function<Result<Source>(const std::string& from, const std::string& file)>;

struct ParsedFile {
  Source source;
  Scope root;
};

class NameTable;

// What a name means. At most one of the pointers is set; none: nothing.
struct Meaning {
  const Definition* definition = nullptr;
  const TypeParameter* parameter = nullptr;
  const NameTable* names = nullptr;  // where the definition stands

  explicit operator bool() const { return definition != nullptr || parameter != nullptr; }
};

// The names of a block.
class NameTable {
 public:
  NameTable(const NameTable* outer, const ParsedFile& file) : outer_(outer), file_(file) {}

  // False: the name is taken, by what stands there before.
  bool add(const Definition& definition);
  bool add(const TypeParameter& parameter);
  // `name` is that of another block.
  bool add_use(std::string_view name, const NameTable& from);

  [[nodiscard]] Meaning find(std::string_view name) const;
  // Every name that is seen from here, for near misses.
  [[nodiscard]] std::vector<std::string_view> list() const;
  [[nodiscard]] const ParsedFile& file() const { return file_; }

 private:
  struct Entry {
    const Definition* definition = nullptr;
    const TypeParameter* parameter = nullptr;
    const NameTable* from = nullptr;
  };

  const NameTable* outer_;
  const ParsedFile& file_;
  std::unordered_map<std::string_view, Entry> entries_;
};

// A file, interface or world, with its names.
struct Block {
  const Scope* scope;
  const Block* outer;  // null: a file
  const ParsedFile* file;
  NameTable names;
  std::string full_name;  // with its package: "theater:simple/runtime"; empty for a file
  bool is_derived;        // by a transform, from the block outside
  std::map<const Item*, NameTable> groups;  // the blocks of groups in its imports and exports
};

// Definitions of all texts.
inline constexpr std::size_t kMaxDefinitions = 10'000;
inline constexpr std::size_t kMaxFiles = 100;

class Model {
 public:
  // Errors: pack-syntax; pack-type, all of them: names that mean nothing, or two things, and what
  //         `check_pact` says; read-file.
  static Result<std::unique_ptr<const Model>> open(Source source, const SourceLoader& library);

  // The text that was opened.
  [[nodiscard]] const ParsedFile& file() const { return *files_.front(); }
  // Its blocks, from the outer to the inner, in the order of the text; and those that transforms
  // make.
  [[nodiscard]] std::vector<const Block*> blocks() const;
  // Those of all texts.
  [[nodiscard]] const std::deque<Block>& all_blocks() const { return blocks_; }
  // By its own or its full name, of the text of a block; null: there is none. The first, if
  // several blocks have one of that name.
  [[nodiscard]] const Block* find_interface(const Block& from, std::string_view name) const;

 private:
  friend class ModelBuilder;
  Model() = default;

  std::vector<std::unique_ptr<ParsedFile>> files_;
  std::deque<Block> blocks_;
  std::deque<Scope> derived_;
  // By file, and name.
  std::map<std::pair<const ParsedFile*, std::string>, const Block*> interfaces_;
};

// The functions of an interface: those of WIT+, and those that the host's `exports` list.
[[nodiscard]] std::vector<const FunctionDecl*> functions_of(const Scope& scope);

// pack-type at a place of a text.
[[nodiscard]] Diagnostic make_type_problem(const ParsedFile& file, TextSpan place,
                                           std::string message, std::string hint = {});

}  // namespace tenon::pact
