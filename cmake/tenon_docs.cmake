# Turns docs/diagnostics.md into a table of pages in src/support, with one page for each `## code` heading.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(tenon_embed_pages target)
  set(page ${CMAKE_CURRENT_SOURCE_DIR}/docs/diagnostics.md)
  set(tool ${CMAKE_CURRENT_SOURCE_DIR}/tools/embed_pages.py)
  set(out ${CMAKE_BINARY_DIR}/generated/diagnostic_pages.cc)
  add_custom_command(OUTPUT ${out}
    COMMAND Python3::Interpreter ${tool} ${page} ${out}
    DEPENDS ${page} ${tool} VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# Turns files that generated code and new folders contain, and the pages of `tenon help topics`, into a table of texts.
set(tenon_embedded_files include/tenon/tenon_host.h include/tenon/host_glue.h include/tenon/detail/host_streams.h
    include/tenon/detail/host_values.h
    src/bindgen/skeleton/CMakeLists.txt.in src/bindgen/skeleton/Cargo.toml.in
    src/bindgen/skeleton/README.md.in src/bindgen/skeleton/host.toml.in
    src/bindgen/skeleton/tenon_host.rs)
file(GLOB_RECURSE tenon_extension_templates CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
     src/extension/skeleton/*.in)
file(GLOB tenon_pages CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} docs/*.md)
list(APPEND tenon_embedded_files ${tenon_extension_templates} ${tenon_pages})

function(tenon_embed_files target)
  set(tool ${CMAKE_CURRENT_SOURCE_DIR}/tools/embed_files.py)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded_texts.cc)
  list(TRANSFORM tenon_embedded_files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
  add_custom_command(OUTPUT ${out}
    COMMAND Python3::Interpreter ${tool} ${out} ${CMAKE_CURRENT_SOURCE_DIR} ${tenon_embedded_files}
    DEPENDS ${files} ${tool} VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
