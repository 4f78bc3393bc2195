// The minimum that a program needs to run a command with the engine: check and map compiled code,
// provide WASI, call `run`. This is the peer of `tenon run`. It checks the code like tenon's cache
// does, with XXH3-128 over all bytes.
//
// Usage: minimal_host compile COMPONENT CODE     (once)
//        minimal_host run CODE INTERFACE ARGS...   (INTERFACE: wasi:cli/run@0.2.6)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tenon_engine.h>
#include <unistd.h>
#include <wasm.h>
#include <wasmtime.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine_peer.h"

namespace {

using tenon::bench::check;
using tenon::bench::make_engine;

tnengine_slice_t slice(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(1);
}

XXH128_canonical_t hash(const void* bytes, std::size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
  return canonical;
}

// Whether the file ends with the hash of the bytes before it. The file stays open.
void verify(int file) {
  struct stat status = {};
  require(fstat(file, &status) == 0, "stat");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  require(bytes != MAP_FAILED && size > sizeof(XXH128_canonical_t), "map");
  const std::size_t content = size - sizeof(XXH128_canonical_t);
  const XXH128_canonical_t found = hash(bytes, content);
  require(std::memcmp(static_cast<const char*>(bytes) + content, &found, sizeof found) == 0,
          "the code is damaged");
  munmap(bytes, size);
}

int compile(const char* from, const char* to) {
  std::ifstream file(from, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  wasm_engine_t* engine = make_engine();
  wasmtime_component_t* component = nullptr;
  check(wasmtime_component_new(engine, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                               bytes.size(), &component),
        "compile");
  wasm_byte_vec_t code;
  check(wasmtime_component_serialize(component, &code), "serialize");
  const XXH128_canonical_t found = hash(code.data, code.size);
  std::ofstream(to, std::ios::binary)
      .write(code.data, static_cast<std::streamsize>(code.size))
      .write(reinterpret_cast<const char*>(&found), sizeof found);
  return 0;
}

int run(const char* code, int argc, char** argv, const std::string& interface) {
  wasm_engine_t* engine = make_engine();
  wasmtime_component_t* component = nullptr;
  const int file = open(code, O_RDONLY | O_CLOEXEC);
  require(file >= 0, code);
  verify(file);
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  check(wasmtime_component_deserialize_file(engine, path.c_str(), &component), "load");
  wasmtime_store_t* store = wasmtime_store_new(engine, nullptr, nullptr);
  wasmtime_context_t* context = wasmtime_store_context(store);
  tnengine_wasi_t* wasi = tnengine_wasi_new();
  for (int i = 0; i < argc; ++i) {
    const std::string argument = argv[i];
    const tnengine_slice_t bytes = slice(argument);
    check(tnengine_wasi_add_arg(wasi, &bytes), "argument");
  }
  tnengine_wasi_inherit_stdin(wasi);
  tnengine_wasi_inherit_output(wasi);
  check(tnengine_context_set_wasi(context, wasi), "wasi");
  wasmtime_component_linker_t* linker = wasmtime_component_linker_new(engine);
  check(tnengine_linker_add_wasi(linker), "linker");
  wasmtime_component_instance_t instance;
  tnengine_prepared_t* prepared = nullptr;
  check(tnengine_prepare(linker, component, &prepared), "prepare");
  check(tnengine_instantiate(prepared, context, nullptr, &instance), "instantiate");
  tnengine_command_end_t end;
  const tnengine_slice_t name = slice(interface);
  check(tnengine_run_command(context, nullptr, &instance, &name, &end), "run");
  return end.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "compile") == 0) return compile(argv[2], argv[3]);
  if (argc >= 4 && std::strcmp(argv[1], "run") == 0)
    return run(argv[2], argc - 4, argv + 4, argv[3]);
  std::fprintf(stderr,
               "usage: minimal_host compile COMPONENT CODE\n"
               "       minimal_host run CODE INTERFACE ARGS...\n");
  return 2;
}
