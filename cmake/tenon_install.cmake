# `cmake --install` installs the library with its headers, the command, and the files for
# find_package(tenon) and pkg-config. tools/check_install.py tests the installed tree.
include(CMakePackageConfigHelpers)

set(tenon_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tenon)

install(TARGETS tenon EXPORT tenon-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT tenon-targets NAMESPACE tenon:: DESTINATION ${tenon_package_folder})
if(TARGET tenon_c)
  install(TARGETS tenon_c EXPORT tenon-c-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_COMPONENT Development)
  install(EXPORT tenon-c-targets NAMESPACE tenon:: DESTINATION ${tenon_package_folder})
endif()
install(DIRECTORY include/tenon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# The archive in the build folder is a link into the engine cache.
install(CODE "
  file(REAL_PATH \"${TENON_ENGINE_ARCHIVE}\" archive)
  file(INSTALL \"\${archive}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}\"
       TYPE STATIC_LIBRARY)")

# What is not in libtenon.a itself.
set(TENON_REQUIRES "")
set(TENON_FIND_NEEDS "")
if(TENON_NEEDS)
  list(JOIN TENON_NEEDS ", " TENON_REQUIRES)
  set(TENON_REQUIRES "Requires: ${TENON_REQUIRES}\n")
endif()
if("fmt" IN_LIST TENON_NEEDS)
  set(TENON_FIND_NEEDS "  find_dependency(fmt)\n")
endif()
configure_package_config_file(cmake/tenon-config.cmake.in ${CMAKE_BINARY_DIR}/tenon-config.cmake
  INSTALL_DESTINATION ${tenon_package_folder} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_BINDIR)
# 0.x: every minor version can break compatibility.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/tenon-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/tenon-config.cmake ${CMAKE_BINARY_DIR}/tenon-config-version.cmake
              cmake/tenon-bindgen.cmake
        DESTINATION ${tenon_package_folder})

# The relative path from the .pc file to the prefix, so that an installed tree can be moved.
file(RELATIVE_PATH TENON_PREFIX_FROM_PC
     ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(file tenon.pc tenon-c.pc)
  configure_file(cmake/${file}.in ${CMAKE_BINARY_DIR}/${file} @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Messages name pages such as docs/wac.md.
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/man/tenon.1
  COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/tools/make_man.py ${CMAKE_BINARY_DIR}/man/tenon.1
          ${PROJECT_VERSION}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tools/make_man.py ${CMAKE_CURRENT_SOURCE_DIR}/docs/command.md VERBATIM)
add_custom_target(tenon_man ALL DEPENDS ${CMAKE_BINARY_DIR}/man/tenon.1)
install(FILES ${CMAKE_BINARY_DIR}/man/tenon.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/tenon.schema.json bundles/keyvalue-draft/keyvalue-draft.wasm
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tenon)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

if(TARGET tenon_command)
  install(TARGETS tenon_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET tenon_command AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/src/cli/commands/completions.cc)
  # `tenon completions SHELL` writes the completions.
  set(tenon_completions ${CMAKE_BINARY_DIR}/completions)
  foreach(row "bash:tenon" "zsh:_tenon" "fish:tenon.fish")
    string(REPLACE ":" ";" row ${row})
    list(GET row 0 shell)
    list(GET row 1 file)
    add_custom_command(OUTPUT ${tenon_completions}/${shell}/${file}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${tenon_completions}/${shell}
      COMMAND tenon_command completions ${shell} > ${tenon_completions}/${shell}/${file}
      DEPENDS tenon_command VERBATIM)
    list(APPEND tenon_completion_files ${tenon_completions}/${shell}/${file})
  endforeach()
  add_custom_target(tenon_completions ALL DEPENDS ${tenon_completion_files})
  set(share ${CMAKE_INSTALL_DATADIR})
  install(FILES ${tenon_completions}/bash/tenon DESTINATION ${share}/bash-completion/completions)
  install(FILES ${tenon_completions}/zsh/_tenon DESTINATION ${share}/zsh/site-functions)
  install(FILES ${tenon_completions}/fish/tenon.fish DESTINATION ${share}/fish/vendor_completions.d)
endif()
