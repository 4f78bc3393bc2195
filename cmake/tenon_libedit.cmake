# libedit, for the command's prompt. If the archives of libedit and of the libraries that it needs are installed,
# they are linked, so that the command does not load a library for one verb.
find_package(PkgConfig REQUIRED)
pkg_check_modules(TENON_LIBEDIT REQUIRED libedit)

add_library(tenon_libedit INTERFACE)
target_include_directories(tenon_libedit SYSTEM INTERFACE ${TENON_LIBEDIT_INCLUDE_DIRS})
set(tenon_libedit_archives)
foreach(name edit tinfo bsd md)
  find_library(TENON_LIBEDIT_${name} lib${name}.a HINTS ${TENON_LIBEDIT_LIBRARY_DIRS})
  mark_as_advanced(TENON_LIBEDIT_${name})
  list(APPEND tenon_libedit_archives ${TENON_LIBEDIT_${name}})
endforeach()
if(tenon_libedit_archives MATCHES "NOTFOUND")
  target_link_libraries(tenon_libedit INTERFACE ${TENON_LIBEDIT_LINK_LIBRARIES})
else()
  target_link_libraries(tenon_libedit INTERFACE ${tenon_libedit_archives})
endif()
