// Reads the dynamic section of an ELF file: the libraries that it needs and where they are
// searched.
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
  std::string soname;  // empty if it has none
  // DT_NEEDED, and DT_FILTER and DT_AUXILIARY, which the loader loads as well; in order.
  std::vector<std::string> needed;
  // DT_RUNPATH, or DT_RPATH without one, as written: "$ORIGIN/../lib". An empty folder is the
  // working folder.
  std::vector<std::string> folders;
};

// Empty unless the bytes are a 64-bit ELF file in this machine's byte order whose dynamic section
// lies within the file.
[[nodiscard]] std::optional<ElfDynamic> read_elf_dynamic(std::span<const std::uint8_t> file);

}  // namespace tenon::host
