// The names of a text and of the texts it uses, resolved.
//
// A name is looked up in the block that uses it, then in the enclosing blocks. `use` adds names
// from another interface, or from another text, which a SourceLoader provides. Transforms are
// expanded: `rpc(calculator)` becomes an interface like any other.
//
//   TENON_TRY(const auto model, Model::open({"main.pact", text}, load));
//   const Meaning point = model->blocks()[0]->names.find("point");
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pact/text.h"
#include "pact/tree.h"
#include "tenon/result.h"

namespace tenon::pact {

struct Source {
  std::string name;  // for messages; identifies the text
  std::string text;
};

// Opens the text that `use "file"` names in the text `from`. Errors: read-file.
using SourceLoader =
    std::function<Result<Source>(const std::string& from, const std::string& file)>;

struct ParsedFile {
  Source source;
  Scope root;
  Gates gates;
};

class NameTable;

// What a name refers to: a definition, a type parameter, or nothing if both pointers are null.
struct Meaning {
  const Definition* definition = nullptr;
  const TypeParameter* parameter = nullptr;
  const NameTable* names = nullptr;  // of the block that declares it

  explicit operator bool() const { return definition != nullptr || parameter != nullptr; }
};

// The names of one block.
class NameTable {
 public:
  NameTable(const NameTable* outer, const ParsedFile& file) : outer_(outer), file_(file) {}

  // Adds a name. Returns false, and changes nothing, if the block has that name already.
  bool add(const Definition& definition);
  bool add(const TypeParameter& parameter);
  // Adds a name that `from` declares.
  bool add_use(std::string_view name, const NameTable& from);

  [[nodiscard]] Meaning find(std::string_view name) const;
  // All names visible in the block, for near misses.
  [[nodiscard]] std::vector<std::string_view> list() const;
  [[nodiscard]] const ParsedFile& file() const { return file_; }

 private:
  struct Declaration {
    const Definition* definition = nullptr;
    const TypeParameter* parameter = nullptr;
    const NameTable* from = nullptr;  // of a `use`: where to look further
  };

  const NameTable* outer_;
  const ParsedFile& file_;
  std::unordered_map<std::string_view, Declaration> declarations_;
};

// A file, interface or world, with its names.
struct Block {
  const Scope* scope;
  const Block* outer;  // null for a file
  const ParsedFile* file;
  NameTable names;
  std::string full_name;  // with its package: "theater:simple/runtime"; empty for a file
  bool is_derived;        // made by a transform from `outer`
  std::map<const Item*, NameTable> groups;  // names of the groups among its imports and exports
};

// Limits over all texts of a model.
inline constexpr std::size_t kMaxDefinitions = 10'000;
inline constexpr std::size_t kMaxFiles = 100;

class Model {
 public:
  // Parses `source` and every text it uses, resolves names and checks types.
  // features: the ones that are enabled in all of them; the caller checks that each gates something.
  // Errors: pack-syntax; pack-type: unknown and duplicate names, and all problems that
  //         `check_model` finds; read-file.
  static Result<std::unique_ptr<const Model>> open(Source source, const SourceLoader& load,
                                                   const WitFeatures& features = {});
  // The same for the type of a value, as `parse_value_type` reads it.
  static Result<std::unique_ptr<const Model>> open_value_type(Source source);

  // The text that was opened.
  [[nodiscard]] const ParsedFile& file() const { return *files_.front(); }
  // All texts, the opened one first.
  [[nodiscard]] const std::vector<std::unique_ptr<ParsedFile>>& files() const { return files_; }
  // The blocks of that text: outer before inner, in text order, then those made by transforms.
  [[nodiscard]] std::vector<const Block*> blocks() const;
  // The blocks of all texts.
  [[nodiscard]] const std::deque<Block>& all_blocks() const { return blocks_; }
  // The interface with this short or full name in the text of `from`, or null. If several blocks
  // have the name, the first.
  [[nodiscard]] const Block* find_interface(const Block& from, std::string_view name) const;

 private:
  friend class ModelBuilder;
  Model() = default;

  // Deques, since blocks point to each other and to scopes.
  std::vector<std::unique_ptr<ParsedFile>> files_;
  std::deque<Block> blocks_;
  std::deque<Scope> derived_;
  std::map<std::pair<const ParsedFile*, std::string>, const Block*> interfaces_;
};

// The functions of an interface: those listed directly, as in WIT+, and those in the `exports` of
// the host's form.
[[nodiscard]] std::vector<const FunctionDecl*> functions_of(const Scope& scope);

// A pack-type problem at a place in a text.
[[nodiscard]] Diagnostic make_type_problem(const ParsedFile& file, TextSpan span,
                                           std::string message, std::string hint = {});
// Changes the problem of a name that `file` does not declare: if a gate leaves out an item of this name, the
// problem says so, and how to include it.
void explain_gate(Diagnostic& problem, const ParsedFile& file, std::string_view name);

}  // namespace tenon::pact
