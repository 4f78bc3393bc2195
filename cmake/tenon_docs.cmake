# docs/diagnostics.md becomes src/support's table of pages: one `## code` heading, one page.
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
