// Unit records: the types of a component and its reference form, stored beside compiled code. A unit
// with a record is planned and linked without parsing its binary.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/cache_folder.h"
#include "link/inputs.h"
#include "support/files.h"

namespace tenon::link {

// folder: the cache; null if there is none. digest: SHA-256 of the binary, hexadecimal.
// types: the arena of the link, to which the types of the unit are added.
// Nothing if there is no record or, with a `run-cache` warning, if it cannot be used.
[[nodiscard]] std::optional<UnitContent> find_unit_record(const engine::CacheFolder* folder,
                                                          const std::string& digest,
                                                          types::Types& types,
                                                          Diagnostics& warnings);

// Reads the record of a unit whose binary is not read, without parsing it. Null if the cache has none.
[[nodiscard]] std::shared_ptr<const Bytes> load_unit_record(const engine::CacheFolder* folder,
                                                            const std::string& digest);
// Does nothing for content that cannot be kept (a package), and if the file cannot be written.
// bytes: the binary. Makes `content.form`.
void keep_unit_record(const engine::CacheFolder* folder, const std::string& digest,
                      std::span<const std::uint8_t> bytes, UnitContent& content,
                      const types::Types& types);

// The file format.
[[nodiscard]] Bytes print_unit_record(const UnitContent& content, const types::Types& types,
                                      const std::string& digest);
// Nothing if the bytes are not a record, or of another digest.
[[nodiscard]] std::optional<UnitContent> parse_unit_record(std::span<const std::uint8_t> bytes,
                                                           const std::string& digest,
                                                           types::Types& types);

}  // namespace tenon::link
