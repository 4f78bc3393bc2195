// Property: any text is either rejected with places and reasons, or is a document whose parts lie in the text
// and which does not change if a comment follows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "require.h"
#include "wac/syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::wac;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = parse_wac("x.wac", text);
  if (!document) {
    require(!document.error().empty() && document.error().size() <= kMostProblems);
    for (const tenon::Diagnostic& problem : document.error())
      require(!problem.message.empty() && problem.where.line > 0 && problem.where.column > 0);
    return 0;
  }
  for (const Statement& statement : document->statements) {
    if (const auto* declared = std::get_if<TypeStatement>(&statement))
      require(declared->span.begin < declared->span.end && declared->span.end <= size);
    if (const auto* import = std::get_if<ImportStatement>(&statement))
      require(import->type.span.begin < import->type.span.end && import->type.span.end <= size);
  }
  const auto again = parse_wac("x.wac", std::string(text) + "\n// end\n");
  require(again && *again == *document);
  return 0;
}
