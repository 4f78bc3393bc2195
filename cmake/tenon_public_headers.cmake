# Links two files that both include all of include/tenon into one program, which fails if a header defines something
# that can be defined only once. `./dev lint` checks that each header compiles alone.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/include include/tenon/*.h)
set(folder ${CMAKE_BINARY_DIR}/generated/public_headers)
set(everything)
foreach(header IN LISTS headers)
  string(APPEND everything "#include \"${header}\"\n")
endforeach()
file(CONFIGURE OUTPUT ${folder}/first.cc CONTENT "${everything}int second();\nint main() { return second(); }\n")
file(CONFIGURE OUTPUT ${folder}/second.cc CONTENT "${everything}int second();\nint second() { return 0; }\n")

add_executable(public_headers ${folder}/first.cc ${folder}/second.cc)
target_include_directories(public_headers PRIVATE include)
target_link_libraries(public_headers PRIVATE tenon)
target_compile_options(public_headers PRIVATE -O0)
add_test(NAME public_headers.link COMMAND public_headers)
set_tests_properties(public_headers.link PROPERTIES LABELS public_headers)
