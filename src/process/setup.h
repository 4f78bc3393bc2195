// What the process of a host bundle is told when it starts: which bundle, and what it may do.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/bundle_unit.h"
#include "host/hosts_file.h"
#include "host/library.h"
#include "host/native_call.h"
#include "tenon/plan.h"
#include "tenon/result.h"

namespace tenon::process {

// Its first argument. The second is the name of the unit.
inline constexpr const char* kProgramName = "tenon-bundle-host";
// The descriptors that the process has when it starts, besides the standard streams.
inline constexpr int kControl = 3;  // a socket of SOCK_SEQPACKET: see child.h
inline constexpr int kSetup = 4;    // a file with the setup

struct Setup {
  std::string version;           // of tenon, that of the process must be the same
  host::HostEntry entry;         // its name, and where its manifest or its WIT and library are
  tenon_config config;           // with all defaults
  host::LibraryRequest library;  // without `described_by` and `module`
  HostProcess limits;
};

// REQUIRES: the bundle has a process
[[nodiscard]] Setup make_setup(const std::string& unit, const host::Bundle& bundle);

// CBOR, because paths need not be UTF-8.
[[nodiscard]] std::vector<std::uint8_t> write_setup(const Setup& setup);
// Errors: a sentence.
[[nodiscard]] Result<Setup, std::string> read_setup(std::span<const std::uint8_t> bytes);

}  // namespace tenon::process
