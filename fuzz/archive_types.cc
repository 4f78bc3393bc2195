// Property: types that are read from a file can be used, whatever follows them. They are printed, copied to another arena,
// and written; what is written is read, and is the same when it is written again.
#include "types/archive_types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "require.h"
#include "types/copy_types.h"
#include "types/print_type.h"
#include "types/uses.h"

namespace {

using namespace tenon;
using namespace tenon::types;

std::vector<std::uint8_t> write(const Types& types, const ComponentType& type) {
  Types own;
  const ComponentType copy = TypeCopier(types, own).copy(type);
  ArchiveWriter out;
  out(own, copy);
  return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ArchiveReader in({data, size});
  Types types;
  ComponentType type;
  in(types, type);
  if (in.has_failed() || !are_in(types, type)) return 0;
  for (const std::vector<RootItem>* items : {&type.imports, &type.exports})
    for (const RootItem& item : *items) {
      (void)print_item(types, {}, item.name, item.item);
      (void)mentioned_resources(types, item.item);
    }
  const std::vector<std::uint8_t> bytes = write(types, type);
  ArchiveReader again(bytes);
  Types other;
  ComponentType same;
  again(other, same);
  require(again.is_done() && are_in(other, same));
  require(write(other, same) == bytes);
  return 0;
}
