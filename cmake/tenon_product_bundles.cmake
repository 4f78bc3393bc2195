# The host bundles that come with tenon. Those with code of their own become <build>/bundles/NAME, and one whose
# library is not installed is left out, with a message. All are installed to share/tenon/hosts, where a link finds them
# by name.
add_custom_target(tenon_bundles ALL)

find_package(SQLite3 3.38 QUIET)
find_package(CURL 7.85 QUIET)
find_path(NATS_INCLUDE nats/nats.h)
find_path(P11_KIT_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1)
set(sqlite_needs SQLite3_FOUND libsqlite3-dev)
set(keyvalue-sqlite_needs SQLite3_FOUND libsqlite3-dev)
set(keyvalue-nats_needs NATS_INCLUDE libnats-dev)
set(http-client_needs CURL_FOUND libcurl4-openssl-dev)
set(pkcs11_needs P11_KIT_INCLUDE libp11-kit-dev)
set(tenon_hosts ${CMAKE_INSTALL_DATADIR}/tenon/hosts)

foreach(name IN ITEMS sqlite duckdb pkcs11 http-client keyvalue-sqlite keyvalue-nats)
  if(${name}_needs)
    list(GET ${name}_needs 0 condition)
    list(GET ${name}_needs 1 package)
    if(NOT ${condition})
      message(STATUS "The host bundle ${name} is left out: it needs ${package}")
      continue()
    endif()
  endif()
  add_subdirectory(bundles/${name} ${CMAKE_BINARY_DIR}/CMakeFiles/bundles/${name})
  add_dependencies(tenon_bundles ${name}_host)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/bundles/${name} DESTINATION ${tenon_hosts})
endforeach()

# Plain C libraries of the system need no code.
foreach(name IN ITEMS libm zlib sqlite-c)
  install(DIRECTORY bundles/${name} DESTINATION ${tenon_hosts})
endforeach()
