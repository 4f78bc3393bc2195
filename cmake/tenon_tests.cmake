# To add a test, add a file: src/<module>/*_test.cc are compiled into the executable <module>_test, and
# tests/<name>_test.cc are runners over folders of cases.
find_package(GTest REQUIRED)

# Tests are compiled more often than they run. The sanitizer checks that are disabled here take a third of the time
# to compile, and in tests the address sanitizer detects the same bugs.
set(tenon_test_options -O0)
if(TENON_SANITIZE MATCHES "undefined")
  list(APPEND tenon_test_options -fno-sanitize=null,alignment,object-size,vptr)
endif()
if(TENON_PRECOMPILE)
  list(APPEND tenon_test_options -fPIC)  # like the shared precompiled headers
endif()
tenon_add_precompiled(tenon_precompiled_tests ${tenon_common_headers} <gmock/gmock.h> <gtest/gtest.h>)
if(TENON_PRECOMPILE)
  target_link_libraries(tenon_precompiled_tests PRIVATE GTest::gmock GTest::gtest)
  target_compile_options(tenon_precompiled_tests PRIVATE ${tenon_test_options})
endif()

set(tenon_tested_modules ${TENON_MODULES} cli)
if(TENON_SANITIZE MATCHES "thread")
  # Without those that neither `api` nor these tests need.
  list(REMOVE_ITEM tenon_tested_modules bindgen cli extension pact registry)
endif()

# tenon_keep_threaded_tests(LIST): keeps the files with tests that `./dev threads` runs.
function(tenon_keep_threaded_tests list)
  set(file ${CMAKE_CURRENT_SOURCE_DIR}/tests/threaded_suites.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} suites)
  list(JOIN suites "|" suites)
  set(kept)
  foreach(path IN LISTS ${list})
    file(STRINGS ${path} tests REGEX "^(TYPED_)?TEST(_F|_P)?\\((${suites}),")
    if(tests)
      list(APPEND kept ${path})
    endif()
  endforeach()
  set(${list} ${kept} PARENT_SCOPE)
endfunction()

# tools/run_tests.py runs the programs, and ctest everything else; `ctest` alone runs everything.
function(tenon_add_test_program name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE src ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE GTest::gmock GTest::gtest nlohmann_json::nlohmann_json)
  foreach(module IN LISTS tenon_tested_modules)
    target_link_libraries(${name} PRIVATE tenon_${module})
  endforeach()
  target_compile_definitions(${name} PRIVATE TENON_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}"
                                             TENON_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_compile_options(${name} PRIVATE ${tenon_test_options})
  tenon_use_precompiled(${name} tenon_precompiled_tests)
  tenon_use_batches(${name} ${ARGN})
  add_dependencies(${name} test_bundles)
  if(NOT TENON_SANITIZE MATCHES "thread")
    add_dependencies(${name} tenon_command)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS program)
endfunction()

# A script as a test: exit code 0 is passed, 77 is skipped, and its last line is the reason.
function(tenon_add_script_test name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT 1200)
endfunction()

include(tenon_bundles)
find_package(SQLite3 REQUIRED)

# Tests of single modules.
file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS src/*_test.cc tests/bindings/gen/*.cc)
if(TENON_SANITIZE MATCHES "thread")
  tenon_keep_threaded_tests(unit_tests)
endif()
tenon_add_test_program(unit_test ${unit_tests})
# The class tenon::call of bundle authors and the namespace tenon::call of the library do not share a source.
set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/src/bindgen/host_glue_test.cc
                            PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
target_link_libraries(unit_test PRIVATE GTest::gtest_main OpenSSL::Crypto)

# Host bundles as parts of a program.
add_library(domains_static OBJECT tests/bundles/domains/domains_host.c)
target_include_directories(domains_static PRIVATE include)
target_compile_definitions(domains_static PRIVATE TENON_HOST_STATIC)
target_link_libraries(unit_test PRIVATE domains_static)

# A program in C that uses generated code. tools/check_install.py compiles it by other compilers, too.
file(GLOB_RECURSE c_sources CONFIGURE_DEPENDS tests/bindings/c/*.c)
add_executable(bindings_c ${c_sources})
target_include_directories(bindings_c PRIVATE include ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(bindings_c PRIVATE tenon_capi)
target_compile_options(bindings_c PRIVATE -pedantic -O0)
set_target_properties(bindings_c PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF LINKER_LANGUAGE CXX)
add_test(NAME bindings.c COMMAND bindings_c ${CMAKE_CURRENT_SOURCE_DIR}/tests/bindings/c
         ${CMAKE_CURRENT_SOURCE_DIR}/tests/guests/domains/wasm)
set_tests_properties(bindings.c PROPERTIES LABELS bindings)

# The tests of links between small units, once more with async guests, and once more by reference
# (tests/support/test_units.h).
foreach(variant async_guests by_reference)
  add_test(NAME link.${variant} COMMAND unit_test
    "--gtest_filter=DomainSettingsInRuns.*:Ending*:Faults.*:HostFunctions.*:Nested*:ProvidedUnits.*:RunningUnit*:Swaps.*:Threads.*")
endforeach()
set_tests_properties(link.async_guests PROPERTIES
  ENVIRONMENT TENON_ASYNC_GUESTS=1 LABELS link TIMEOUT 1200)
set_tests_properties(link.by_reference PROPERTIES
  ENVIRONMENT TENON_LINK_BY_REFERENCE=1 LABELS link TIMEOUT 1200)

# Runners under tests/ link the whole library and use the command. The runner of golden cases has its own main, and
# some tests are programs of their own.
file(GLOB system_tests CONFIGURE_DEPENDS tests/*_test.cc)
list(FILTER system_tests EXCLUDE REGEX "/golden_test\\.cc$")
if(TENON_SANITIZE MATCHES "thread")
  tenon_keep_threaded_tests(system_tests)
endif()
tenon_add_test_program(system_test ${system_tests})
if(NOT TENON_SANITIZE MATCHES "thread")
  tenon_add_test_program(golden_test ${CMAKE_CURRENT_SOURCE_DIR}/tests/golden_test.cc)
  # It replaces `operator new`.
  file(GLOB memory_tests CONFIGURE_DEPENDS tests/memory/*_test.cc)
  tenon_add_test_program(memory_test ${memory_tests} ${CMAKE_CURRENT_SOURCE_DIR}/tests/support/failing_memory.cc)
  target_link_libraries(memory_test PRIVATE GTest::gtest_main)
endif()
# Host bundles in processes of their own.
add_dependencies(unit_test tenon_command)
add_dependencies(system_test tenon_command)
# Libraries with which the tests look at the files of a bundle like another program would.
target_link_libraries(system_test PRIVATE GTest::gtest_main SQLite::SQLite3 sqlite_linked duckdb_linked
                                          OpenSSL::Crypto)

# The tests of bundles that come with tenon, once more with the bundles in processes of their own. Then problems of a
# configuration are told by the first call, two instances share no state, and a drop takes effect with the next call.
add_test(NAME bundles.processes COMMAND system_test
  "--gtest_filter=SqliteBundle.*:DuckdbBundle.*:*SqlBundles*:Pkcs11*:*Keyvalue*:-*.WrongConfigurationIsReportedAtTheStart:DuckdbBundle.AFileIsConfiguredAndSharedByInstances:Pkcs11Bundle.AModuleIsInitializedAndFinalizedOnce:Pkcs11Bundle.SessionObjectsAreDestroyedAndTokenObjectsStay")
set_tests_properties(bundles.processes PROPERTIES
  ENVIRONMENT TENON_BUNDLE_PROCESSES=1 LABELS tests TIMEOUT 1200)

# Random worlds, run in every way (tests/differential/main.cc). fuzz/differential.cc uses it, too.
if(NOT TENON_SANITIZE MATCHES "thread")
  file(GLOB differential_sources CONFIGURE_DEPENDS tests/differential/*.cc)
  list(FILTER differential_sources EXCLUDE REGEX "/main\\.cc$")
  add_library(tenon_differential STATIC ${differential_sources})
  target_include_directories(tenon_differential PUBLIC src ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(tenon_differential PUBLIC tenon_api GTest::gtest)
  target_compile_options(tenon_differential PRIVATE ${tenon_test_options})
  add_executable(differential tests/differential/main.cc)
  target_link_libraries(differential PRIVATE tenon_differential)
  add_test(NAME differential.worlds COMMAND differential --worlds 40 --out differential)
  set_tests_properties(differential.worlds PROPERTIES LABELS differential TIMEOUT 600)
  set(wac ${CMAKE_BINARY_DIR}/benchmarks/peers/bin/wac)  # which tools/bench_peers.py builds
  if(EXISTS ${wac})
    set_tests_properties(differential.worlds PROPERTIES ENVIRONMENT WAC=${wac})
  endif()
endif()

if(NOT TENON_SANITIZE)
  include(tenon_public_headers)
endif()

set(tools ${CMAKE_CURRENT_SOURCE_DIR}/tools)
tenon_add_script_test(tools.layers tools Python3::Interpreter ${tools}/check_layers.py)
tenon_add_script_test(tools.schema tools Python3::Interpreter ${tools}/check_schema.py)
tenon_add_script_test(tools.reference tools
  Python3::Interpreter ${tools}/make_reference.py --check)
tenon_add_script_test(tools.values tools
  Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/values/make.py --check)
file(GLOB tool_tests CONFIGURE_DEPENDS tools/*_test.py)
foreach(path IN LISTS tool_tests)
  get_filename_component(name ${path} NAME_WE)
  tenon_add_script_test(tools.${name} tools Python3::Interpreter ${path})
endforeach()
if(NOT TENON_SANITIZE)
  tenon_add_script_test(tools.bundle_headers tools
    ${tools}/make_bundle_headers.sh --check $<TARGET_FILE:tenon_command>)
  tenon_add_script_test(tools.docs tools Python3::Interpreter ${tools}/check_docs.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(tools.parts tools Python3::Interpreter ${tools}/check_parts.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(tools.host_new tools
    Python3::Interpreter ${tools}/check_host_new.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(tools.ext_new tools
    Python3::Interpreter ${tools}/check_ext_new.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(guests.rebuild guests ${tools}/build_guests.sh --verify-changed)
  tenon_add_script_test(guests.packr guests
    Python3::Interpreter ${tools}/build_packr_guests.py --verify)
  tenon_add_script_test(guests.languages guests
    Python3::Interpreter ${tools}/guest_languages.py test $<TARGET_FILE:tenon_command>)
  tenon_add_script_test(guests.worlds guests
    Python3::Interpreter ${tools}/check_worlds.py $<TARGET_FILE:tenon_command>)
  file(GLOB attacks CONFIGURE_DEPENDS tests/security/*.py)
  list(FILTER attacks EXCLUDE REGEX "/lab\\.py$")
  foreach(path IN LISTS attacks)
    get_filename_component(name ${path} NAME_WE)
    tenon_add_script_test(security.${name} security Python3::Interpreter ${path} ${CMAKE_BINARY_DIR})
  endforeach()
  foreach(transport tcp nats)
    tenon_add_script_test(peers.wrpc_go_${transport} peers Python3::Interpreter
      ${CMAKE_CURRENT_SOURCE_DIR}/tests/live_peers.py ${CMAKE_BINARY_DIR} --over ${transport})
  endforeach()
  foreach(version 0.29 0.30)
    tenon_add_script_test(peers.wrpc_rust_${version} peers Python3::Interpreter
      ${CMAKE_CURRENT_SOURCE_DIR}/tests/live_peers.py ${CMAKE_BINARY_DIR} --peer rust-${version})
  endforeach()
  foreach(way tcp connections nats)
    tenon_add_script_test(peers.soak_${way} peers Python3::Interpreter
      ${CMAKE_CURRENT_SOURCE_DIR}/tests/soak_remotes.py ${CMAKE_BINARY_DIR} --calls 30000 --over ${way})
  endforeach()
  tenon_add_script_test(peers.soak_mixed peers Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/soak_mixed.py ${CMAKE_BINARY_DIR} --calls 160000)
  tenon_add_script_test(peers.nats_workers peers Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/nats_workers.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(peers.partition peers Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/partition.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(sockets.cuts peers Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/socket_cuts.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(peers.traces peers Python3::Interpreter
    ${CMAKE_CURRENT_SOURCE_DIR}/tests/traces.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(cache.faults cache
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/cache.py ${CMAKE_BINARY_DIR})
  # Let system calls and threads of a program fail, its clock jump, and its threads be slow.
  add_custom_target(test_faults)
  foreach(fault fail_call fail_thread jump_clock shuffle_threads)
    add_dependencies(test_faults ${fault})
    add_library(${fault} MODULE tests/faults/${fault}.c)
    set_target_properties(${fault} PROPERTIES C_STANDARD 11 LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
    target_link_libraries(${fault} PRIVATE ${CMAKE_DL_LIBS})
  endforeach()
  tenon_add_script_test(files.faults files
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/file_faults.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(threads.faults files
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/thread_faults.py ${CMAKE_BINARY_DIR})
  add_executable(lost_updates tests/faults/lost_updates.c)
  add_dependencies(test_faults lost_updates)
  target_link_libraries(lost_updates PRIVATE Threads::Threads)
  set_target_properties(lost_updates PROPERTIES C_STANDARD 11 RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  tenon_add_script_test(schedules.threads schedules
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/schedules.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(clock.jumps files
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/clock_jumps.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(watch.changes watch
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/watch.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.server http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_server.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.site http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_site.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.clients http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_clients.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.client http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_client.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.proxy http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_proxy.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.chains http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_chains.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.hardship http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_hardship.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.browser http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/site_browser.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(http.guests http
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/http_guests.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(embedding.processes embedding
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/embedding.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(embedding.two_engines embedding
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/embedding.py ${CMAKE_BINARY_DIR} --with-peer)
  tenon_add_script_test(embedding.python embedding
    Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/bindings/python/check.py
    --include ${CMAKE_CURRENT_SOURCE_DIR}/include --library ${CMAKE_BINARY_DIR})
  foreach(language go node)
    tenon_add_script_test(bindings.${language} bindings
      Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tests/bindings.py ${CMAKE_BINARY_DIR} ${language})
  endforeach()
  tenon_add_script_test(install.abi install
    Python3::Interpreter ${tools}/check_abi.py)
  tenon_add_script_test(install.package install
    Python3::Interpreter ${tools}/check_install.py ${CMAKE_BINARY_DIR})
  tenon_add_script_test(install.packages install
    Python3::Interpreter ${tools}/check_packages.py ${CMAKE_BINARY_DIR})
  # ctest starts the most expensive ones first.
  set_tests_properties(tools.ext_new guests.rebuild install.package install.packages cache.faults PROPERTIES COST 100)
endif()
