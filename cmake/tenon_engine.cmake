# The Rust crate in engine/ as a static library. tools/build_engine.py builds it at build time, or
# takes it from a cache outside of the build folder, which all presets and checkouts share.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(Threads REQUIRED)

set(TENON_ENGINE_CACHE "" CACHE PATH "Folder for built engines (default: the user's cache folder)")

set(TENON_ENGINE_FOLDER ${CMAKE_BINARY_DIR}/engine)
set(TENON_ENGINE_ARCHIVE ${TENON_ENGINE_FOLDER}/libtenon_engine.a)
file(GLOB_RECURSE tenon_engine_sources CONFIGURE_DEPENDS engine/src/*.rs engine/patches/*.diff)
set(tenon_engine_command Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/build_engine.py
                         --out ${TENON_ENGINE_FOLDER})
if(CMAKE_CROSSCOMPILING)
  list(APPEND tenon_engine_command --target ${CMAKE_SYSTEM_PROCESSOR})
endif()
if(TENON_ENGINE_CACHE)
  list(APPEND tenon_engine_command --cache ${TENON_ENGINE_CACHE})
endif()

# The archive is a link into the cache and can be older than its sources; `key` is written at each run.
add_custom_command(OUTPUT ${TENON_ENGINE_FOLDER}/key
  BYPRODUCTS ${TENON_ENGINE_ARCHIVE}
  COMMAND ${tenon_engine_command}
  DEPENDS tools/build_engine.py tools/cross.py engine/Cargo.toml engine/Cargo.lock engine/build.rs ${tenon_engine_sources}
  COMMENT "Building the engine (minutes, the first time)"
  USES_TERMINAL VERBATIM)
add_custom_target(tenon_engine_build DEPENDS ${TENON_ENGINE_FOLDER}/key)

# The headers come from the fetched crate, so that C++ and Rust are compiled at the same time.
set(tenon_engine_headers ${TENON_ENGINE_FOLDER}/headers)
add_custom_command(OUTPUT ${tenon_engine_headers}
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/build_engine.py
          --headers ${TENON_ENGINE_FOLDER}/include
  COMMAND ${CMAKE_COMMAND} -E touch ${tenon_engine_headers}
  DEPENDS tools/build_engine.py engine/Cargo.toml engine/Cargo.lock
  COMMENT "Copying the headers of the engine" VERBATIM)
add_custom_target(tenon_engine_headers DEPENDS ${tenon_engine_headers})

add_library(tenon_engine_archive INTERFACE)
add_dependencies(tenon_engine_archive tenon_engine_headers)
# Ninja builds the archive before it links what needs the file. Other generators do not know which target makes it.
if(NOT CMAKE_GENERATOR MATCHES "Ninja")
  add_dependencies(tenon_engine_archive tenon_engine_build)
endif()
target_include_directories(tenon_engine_archive SYSTEM INTERFACE
  $<BUILD_INTERFACE:${TENON_ENGINE_FOLDER}/include>)
target_include_directories(tenon_engine_archive INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/engine/include>)
target_link_libraries(tenon_engine_archive INTERFACE
  ${TENON_ENGINE_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS} m rt util)
