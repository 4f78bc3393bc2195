#include "engine/wat.h"

#include "engine/seam.h"
#include "support/try.h"

namespace tenon::engine {

Result<std::vector<std::uint8_t>> wat_to_wasm(std::string_view file, std::string_view text) {
  const tnengine_slice_t file_slice = to_slice(file);
  const tnengine_slice_t text_slice = to_slice(text);
  OwnedBytes wasm;
  if (tnengine_problem_t* problem = tnengine_wat_to_wasm(&file_slice, &text_slice, wasm.out())) {
    return take_problem(Code::ReadMalformed, problem);
  }
  return wasm.to_vector();
}

Result<Bytes> read_component_file(const Files& files, const std::string& path, NamedBy named_by) {
  TENON_TRY(Bytes bytes, read_file(files, path, named_by));
  if (!path.ends_with(".wat")) return bytes;
  return wat_to_wasm(path,
                     std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Result<std::string> wasm_to_wat(std::span<const std::uint8_t> binary) {
  const tnengine_slice_t bytes = to_slice(binary);
  OwnedBytes text;
  if (tnengine_problem_t* problem = tnengine_wasm_to_wat(&bytes, text.out())) {
    return take_problem(Code::ReadMalformed, problem);
  }
  return text.to_string();
}

}  // namespace tenon::engine
