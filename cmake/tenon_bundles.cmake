# Host bundles of the tests. tests/bundles/<name>/<name>_host.c or .cc becomes
# <build>/bundles/<name>/lib/lib<name>_host.so, beside its host.toml and its WIT.
#
# tenon_add_test_bundle(NAME WIT): WIT is a folder or a file, which is copied.
function(tenon_add_test_bundle name wit)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/${name})
  set(folder ${CMAKE_BINARY_DIR}/bundles/${name})
  file(GLOB code CONFIGURE_DEPENDS ${source}/${name}_host.c ${source}/${name}_host.cc)
  add_library(${name}_host MODULE ${code})
  target_include_directories(${name}_host PRIVATE include)
  target_link_libraries(${name}_host PRIVATE Threads::Threads)
  set_target_properties(${name}_host PROPERTIES C_STANDARD 11 C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
                                                LIBRARY_OUTPUT_DIRECTORY ${folder}/lib)
  configure_file(${source}/host.toml ${folder}/host.toml COPYONLY)
  file(GLOB_RECURSE texts CONFIGURE_DEPENDS RELATIVE ${wit} ${wit}/*.wit)
  foreach(text IN LISTS texts)
    configure_file(${wit}/${text} ${folder}/wit/${text} COPYONLY)
  endforeach()
  add_dependencies(test_bundles ${name}_host)
endfunction()

add_custom_target(test_bundles ALL)
tenon_add_test_bundle(domains ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/domains/wit)
tenon_add_test_bundle(domains_cpp ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/domains/wit)
tenon_add_test_bundle(future ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/domains/wit)
tenon_add_test_bundle(mismatch ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/domains/wit)
tenon_add_test_bundle(math ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/math/wit)
tenon_add_test_bundle(later ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/later/wit)
tenon_add_test_bundle(names ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/names/wit)
tenon_add_test_bundle(kinds ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/kinds/wit)
tenon_add_test_bundle(streams ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/streams/wit)
tenon_add_test_bundle(crash ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/crash/wit)
tenon_add_test_bundle(example ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/example/wit)
tenon_add_test_bundle(example_host ${CMAKE_CURRENT_SOURCE_DIR}/tests/bundles/example_host/wit)
set_target_properties(example_host_host PROPERTIES OUTPUT_NAME example)
tenon_add_test_bundle(plain ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/plain/wit)
# With a SONAME, the loader finds it by that name once it is loaded, like libraries of the system.
target_link_options(plain_host PRIVATE -Wl,-soname,libplain_host.so)

# The tests use every bundle that comes with tenon.
add_dependencies(test_bundles tenon_bundles sqlite_host duckdb_host pkcs11_host http-client_host keyvalue-sqlite_host
                 keyvalue-nats_host)

# A PKCS#11 module for the tests of the bundle pkcs11; it is not part of a bundle.
find_path(P11_KIT_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)
add_library(pkcs11_spy MODULE tests/bundles/pkcs11_spy.c)
target_include_directories(pkcs11_spy SYSTEM PRIVATE ${P11_KIT_INCLUDE})
target_link_libraries(pkcs11_spy PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(pkcs11_spy PROPERTIES C_STANDARD 11 C_VISIBILITY_PRESET hidden PREFIX ""
                                            LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bundles)
add_dependencies(test_bundles pkcs11_spy)
