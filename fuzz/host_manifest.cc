// Property: any text is either refused as host.toml with reasons, or read as a manifest. The words
// of a `[[function]]` are either refused with reasons, or have a normal form that is read as equal
// words. For a WIT function, they give either reasons for a refusal, or a complete signature.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "host/c_plan.h"
#include "host/c_words.h"
#include "host/manifest.h"
#include "require.h"
#include "value/test_types.h"

namespace {

using namespace tenon::host;

void check_words(const CFunctionEntry& entry) {
  if (entry.args)
    for (const ManifestText& text : *entry.args) {
      const auto word = parse_c_argument(text.text);
      if (!word) {
        require(!word.error().message.empty() && !word.error().hint.empty());
        continue;
      }
      const std::string printed = print_c_argument(*word);
      const auto again = parse_c_argument(printed);
      require(again && *again == *word && print_c_argument(*again) == printed);
    }
  if (entry.returns) {
    const auto returned = parse_c_return(entry.returns->text);
    require(returned || (!returned.error().message.empty() && !returned.error().hint.empty()));
  }
}

void check_signature(const CSignature& made) {
  require(made.arguments.size() <= kMostCArguments);
  for (const CArgument& argument : made.arguments)
    require(argument.kind != CArgumentKind::Place || argument.place < made.places.size());
  for (const std::uint32_t part : made.outcome.parts) require(part < made.places.size());
  for (const CPlace& place : made.places)
    require(place.kind != CPlaceKind::Data || place.shape.index < made.shapes.size());
  require(made.outcome.fault != CFault::Place || made.outcome.fault_place < made.places.size());
  require(made.outcome.verdict == CVerdict::Always || made.returned.has_value());
  require(!made.room || made.room->place < made.places.size());
}

// Functions that entries can refer to, by name.
constexpr std::pair<std::string_view, std::string_view> kFunctions[] = {
    {"crc32", "(seed: u32, data: list<u8>) -> u32"},
    {"frexp", "(x: f64) -> tuple<f64, s32>"},
    {"open", "(path: string, most: u32) -> result<own<r>, string>"},
    {"read", "(most: u32) -> result<list<u8>, s32>"},
    {"name", "(key: option<string>) -> option<string>"},
    {"send", "(x: record{a: u8, b: f64}, r: borrow<r>, c: enum{a, b}) -> result<_, enum{a, b}>"},
    {"none", "()"}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest =
      parse_bundle_manifest({reinterpret_cast<const char*>(data), size}, "x/host.toml", "0.1.0");
  if (!manifest) {
    require(!manifest.error().empty());
    for (const tenon::Diagnostic& problem : manifest.error()) require(!problem.message.empty());
    return 0;
  }
  for (const CFunctionEntry& entry : manifest->functions) {
    check_words(entry);
    require(!default_symbol(entry.interface, entry.name).empty());
    for (const auto& [name, text] : kFunctions) {
      if (entry.name != name) continue;
      const tenon::FunctionType type = tenon::value::function_of(text);
      const auto& graph = tenon::value::graph_of(type);
      const auto made =
          make_c_signature({.types = graph->types,
                            .function = graph->types.functions[tenon::value::id_of(type)],
                            .name = std::string(name),
                            .where = {},
                            .wit = "wit",
                            .entry = &entry});
      if (made)
        check_signature(*made);
      else
        require(!made.error().empty());
    }
  }
  return 0;
}
