// Reads the dynamic section of an ELF file: which libraries have to be loaded with it.
//
// Source: System V ABI, "Dynamic Section"; ld.so(8) for the search paths.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tenon::host {

struct ElfDynamic {
  std::string soname;               // empty: none
  std::vector<std::string> needed;  // DT_NEEDED, in order
  // DT_RUNPATH, or DT_RPATH without one, as written: "$ORIGIN/../lib". An empty folder is the
  // working folder.
  std::vector<std::string> folders;
};

// Nothing: it is not a 64-bit ELF file of this machine's byte order, has no dynamic section, or has
// one that does not fit in the file.
[[nodiscard]] std::optional<ElfDynamic> read_elf_dynamic(std::span<const std::uint8_t> file);

}  // namespace tenon::host
