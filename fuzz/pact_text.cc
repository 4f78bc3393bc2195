// Property: any text in packr's interface languages is either rejected with places and reasons, or
// has a normal form that is read as an equal tree and is its own normal form. Its meaning is either
// rejected in the same way, or metadata that is read again as it was written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "packr/package_types.h"
#include "pact/package.h"
#include "pact/test_sources.h"
#include "pact/text.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenon::pact;
  const auto file = parse_pact({reinterpret_cast<const char*>(data), size});
  if (!file) {
    require(file.error().size() <= kMaxProblems);
    for (const tenon::Diagnostic& problem : file.error())
      require(!problem.message.empty() && problem.where.line > 0 && problem.where.column > 0);
    return 0;
  }
  const std::string printed = print_pact(*file);
  const auto again = parse_pact(printed);
  require(again && *again == *file);
  require(print_pact(*again) == printed);
  const auto model = open_model(std::string(reinterpret_cast<const char*>(data), size));
  if (!model) {
    require(!model.error().empty());
    return 0;
  }
  const auto types = describe_package(**model, "");
  if (!types) return 0;
  const auto bytes = tenon::packr::write_package_types(*types);
  if (!bytes) return 0;
  require(tenon::packr::read_package_types(*bytes).has_value());
  return 0;
}
