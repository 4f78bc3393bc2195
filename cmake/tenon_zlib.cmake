# zlib, for `tenon host pack`. If its archive is installed, it is linked, so that the command does not load a library
# for one verb.
find_path(TENON_ZLIB_INCLUDE zlib.h REQUIRED)
find_library(TENON_ZLIB NAMES libz.a z REQUIRED)
mark_as_advanced(TENON_ZLIB_INCLUDE TENON_ZLIB)

add_library(tenon_zlib INTERFACE)
target_include_directories(tenon_zlib SYSTEM INTERFACE ${TENON_ZLIB_INCLUDE})
target_link_libraries(tenon_zlib INTERFACE ${TENON_ZLIB})
