// Property: any text is either rejected as host.toml with reasons, or read as a manifest. The
// notation in `args` and `returns` of a `[[function]]` is either rejected with reasons, or has a
// normal form that parses to the same value. For a WIT function, an entry results either in reasons
// or in a complete signature.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "host/c_library.h"
#include "host/c_notation.h"
#include "host/c_test_support.h"
#include "host/manifest.h"
#include "require.h"
#include "value/test_types.h"

namespace {

using namespace tenon::host;

void check_notation(const CFunctionEntry& entry) {
  if (entry.args)
    for (const ManifestText& text : *entry.args) {
      const auto spec = parse_c_argument(text.text);
      if (!spec) {
        require(!spec.error().message.empty() && !spec.error().hint.empty());
        continue;
      }
      const std::string printed = print_c_argument(*spec);
      const auto again = parse_c_argument(printed);
      require(again && *again == *spec && print_c_argument(*again) == printed);
    }
  if (entry.returns) {
    const auto returned = parse_c_return(entry.returns->text);
    require(returned || (!returned.error().message.empty() && !returned.error().hint.empty()));
  }
}

void check_signature(const CSignature& signature) {
  require(signature.arguments.size() <= kMostCArguments);
  for (const CArgument& argument : signature.arguments)
    require(argument.kind != CArgumentKind::Place || argument.place < signature.places.size());
  for (const std::uint32_t part : signature.outcome.parts) require(part < signature.places.size());
  for (const CPlace& place : signature.places)
    require(place.kind != CPlaceKind::Data || place.shape.index < signature.shapes.size());
  require(signature.outcome.error_source != CErrorSource::Place ||
          signature.outcome.error_place < signature.places.size());
  require(signature.outcome.case_rule == CCaseRule::Always || signature.returned.has_value());
  require(!signature.room || signature.room->place < signature.places.size());
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
    check_notation(entry);
    require(!default_symbol(entry.interface, entry.name).empty());
    for (const auto& [name, text] : kFunctions) {
      if (entry.name != name) continue;
      const auto signature = make_signature(tenon::value::function_of(text), &entry);
      if (signature)
        check_signature(*signature);
      else
        require(!signature.error().empty());
    }
  }
  return 0;
}
