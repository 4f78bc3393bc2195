#include "host/elf_dynamic.h"

#include <elf.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace tenon::host {

namespace {

class ElfReader final {
 public:
  explicit ElfReader(std::span<const std::uint8_t> file) : file_(file) {}

  std::optional<ElfDynamic> read() {
    const auto header = read_at<Elf64_Ehdr>(0);
    constexpr unsigned char kOrder =
        std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != kOrder ||
        header->e_phentsize != sizeof(Elf64_Phdr))
      return std::nullopt;
    for (std::size_t i = 0; i < header->e_phnum; ++i) {
      const auto segment = read_at<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr));
      if (!segment) return std::nullopt;
      segments_.push_back(*segment);
    }
    for (const Elf64_Phdr& segment : segments_)
      if (segment.p_type == PT_DYNAMIC) return read_entries(segment);
    return std::nullopt;
  }

 private:
  template <class T>
  [[nodiscard]] std::optional<T> read_at(std::uint64_t offset) const {
    if (offset > file_.size() || file_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof(T));
    return value;
  }

  // The offset in the file of an address in memory. Source: ELF, "Program Header", PT_LOAD.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : segments_)
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz)
        return segment.p_offset + (address - segment.p_vaddr);
    return std::nullopt;
  }

  std::optional<ElfDynamic> read_entries(const Elf64_Phdr& segment) {
    std::vector<Elf64_Dyn> entries;
    std::optional<std::uint64_t> texts;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz;
         at += sizeof(Elf64_Dyn)) {
      const auto entry = read_at<Elf64_Dyn>(segment.p_offset + at);
      if (!entry) return std::nullopt;
      if (entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_STRTAB) texts = offset_of(entry->d_un.d_ptr);
      entries.push_back(*entry);
    }
    if (!texts) return std::nullopt;
    ElfDynamic dynamic;
    std::string runpath;
    std::string rpath;
    for (const Elf64_Dyn& entry : entries) {
      const auto tag = entry.d_tag;
      const bool is_needed = tag == DT_NEEDED || tag == DT_FILTER || tag == DT_AUXILIARY;
      if (tag != DT_SONAME && !is_needed && tag != DT_RUNPATH && tag != DT_RPATH) continue;
      std::optional<std::string> text = read_text(*texts, entry.d_un.d_val);
      if (!text) return std::nullopt;
      if (tag == DT_SONAME) dynamic.soname = *text;
      if (is_needed) dynamic.needed.push_back(*text);
      if (tag == DT_RUNPATH) runpath = *text;
      if (tag == DT_RPATH) rpath = *text;
    }
    split_folders(runpath.empty() ? rpath : runpath, dynamic.folders);
    return dynamic;
  }

  [[nodiscard]] std::optional<std::string> read_text(std::uint64_t texts,
                                                     std::uint64_t offset) const {
    if (texts > file_.size() || offset > file_.size() - texts) return std::nullopt;
    const std::string_view rest(reinterpret_cast<const char*>(file_.data() + texts + offset),
                                file_.size() - texts - offset);
    const std::size_t end = rest.find('\0');
    if (end == rest.npos) return std::nullopt;
    return std::string(rest.substr(0, end));
  }

  static void split_folders(std::string_view list, std::vector<std::string>& folders) {
    if (list.empty()) return;
    for (;;) {
      const std::size_t colon = list.find(':');
      folders.emplace_back(list.substr(0, colon));
      if (colon == list.npos) return;
      list.remove_prefix(colon + 1);
    }
  }

  std::span<const std::uint8_t> file_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace

std::optional<ElfDynamic> read_elf_dynamic(std::span<const std::uint8_t> file) {
  return ElfReader(file).read();
}

}  // namespace tenon::host
