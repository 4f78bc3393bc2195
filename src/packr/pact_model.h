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

#include "packr/pact.h"
#include "tenon/result.h"

namespace tenon::packr {

struct PactSource {
  std::string name;  // as messages call it; one name, one text
  std::string text;
};

// The text that another one names in `use "file"`. Errors: read-file.
using PactLibrary =
    std::function<Result<PactSource>(const std::string& from, const std::string& file)>;

struct PactFile {
  PactSource source;
  PactScope root;
};

class PactNames;

// What a name means. At most one of the pointers is set; none: nothing.
struct PactMeaning {
  const PactDefinition* definition = nullptr;
  const PactTypeParameter* parameter = nullptr;
  const PactNames* names = nullptr;  // where the definition stands

  explicit operator bool() const { return definition != nullptr || parameter != nullptr; }
};

// The names of a block.
class PactNames {
 public:
  PactNames(const PactNames* outer, const PactFile& file) : outer_(outer), file_(file) {}

  // False: the name is taken, by what stands there before.
  bool add(const PactDefinition& definition);
  bool add(const PactTypeParameter& parameter);
  // `name` is that of another block.
  bool add_use(std::string_view name, const PactNames& from);

  [[nodiscard]] PactMeaning find(std::string_view name) const;
  // Every name that is seen from here, for near misses.
  [[nodiscard]] std::vector<std::string_view> list() const;
  [[nodiscard]] const PactFile& file() const { return file_; }

 private:
  struct Entry {
    const PactDefinition* definition = nullptr;
    const PactTypeParameter* parameter = nullptr;
    const PactNames* from = nullptr;
  };

  const PactNames* outer_;
  const PactFile& file_;
  std::unordered_map<std::string_view, Entry> entries_;
};

// A file, interface or world, with its names.
struct PactBlock {
  const PactScope* scope;
  const PactBlock* outer;  // null: a file
  const PactFile* file;
  PactNames names;
  std::string full_name;  // with its package: "theater:simple/runtime"; empty for a file
  bool is_derived;        // by a transform, from the block outside
  std::map<const PactItem*, PactNames> groups;  // the blocks of groups in its imports and exports
};

// Definitions of all texts.
inline constexpr std::size_t kMaxPactDefinitions = 10'000;
inline constexpr std::size_t kMaxPactFiles = 100;

class PactModel {
 public:
  // Errors: pack-syntax; pack-type, all of them: names that mean nothing, or two things, and what
  //         `check_pact` says; read-file.
  static Result<std::unique_ptr<const PactModel>> open(PactSource source,
                                                       const PactLibrary& library);

  // The text that was opened.
  [[nodiscard]] const PactFile& file() const { return *files_.front(); }
  // Its blocks, from the outer to the inner, in the order of the text; and those that transforms
  // make.
  [[nodiscard]] std::vector<const PactBlock*> blocks() const;
  // Those of all texts.
  [[nodiscard]] const std::deque<PactBlock>& all_blocks() const { return blocks_; }
  // By its own or its full name, of the text of a block; null: there is none. The first, if
  // several blocks have one of that name.
  [[nodiscard]] const PactBlock* find_interface(const PactBlock& from, std::string_view name) const;

 private:
  friend class PactModelBuilder;
  PactModel() = default;

  std::vector<std::unique_ptr<PactFile>> files_;
  std::deque<PactBlock> blocks_;
  std::deque<PactScope> derived_;
  // By file, and name.
  std::map<std::pair<const PactFile*, std::string>, const PactBlock*> interfaces_;
};

// The functions of an interface: those of WIT+, and those that the host's `exports` list.
[[nodiscard]] std::vector<const PactFunction*> functions_of(const PactScope& scope);

// pack-type at a place of a text.
[[nodiscard]] Diagnostic make_pact_problem(const PactFile& file, PactPlace place,
                                           std::string message, std::string hint = {});

}  // namespace tenon::packr
