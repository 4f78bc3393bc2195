# What of other projects is built in, with versions, for `tenon version --json` and `library_parts()`: tools/parts.py writes
# the sources.
set(TENON_LIBRARY_PARTS ${CMAKE_BINARY_DIR}/generated/library_parts.cc)
set(TENON_COMMAND_PARTS ${CMAKE_BINARY_DIR}/generated/command_parts.cc)
set(tenon_parts_command Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/parts.py ${CMAKE_BINARY_DIR}/generated)
if(CMAKE_CROSSCOMPILING)
  list(APPEND tenon_parts_command --target ${CMAKE_SYSTEM_PROCESSOR})
endif()
# A library can come in another version as a package of the system.
set(tenon_system_packages /var/lib/dpkg/status)
if(NOT EXISTS ${tenon_system_packages})
  set(tenon_system_packages "")
endif()
# Cargo knows the crates when they were fetched, which the headers need too.
add_custom_command(OUTPUT ${TENON_LIBRARY_PARTS} ${TENON_COMMAND_PARTS}
  COMMAND ${tenon_parts_command}
  DEPENDS tools/parts.py tools/engine_crates.py engine/Cargo.toml engine/Cargo.lock ${tenon_engine_headers}
          ${tenon_system_packages}
  COMMENT "Listing what is built in" VERBATIM)
