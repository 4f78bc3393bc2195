# With TENON_UNITY, several files of a target are compiled as one, which takes a quarter of the time. Files that
# differ from the last commit are compiled alone, so that an edit recompiles one file and not its batch; they
# remain alone in this build folder.
option(TENON_UNITY "Compile files in batches" OFF)
set(TENON_BATCH 20)  # files at most

if(TENON_UNITY)
  find_package(Git QUIET)
  if(Git_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} diff --name-only HEAD -- *.cc
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE tenon_edited ERROR_QUIET)
    string(REPLACE "\n" ";" tenon_edited "${tenon_edited}")
    set(TENON_EDITED ${TENON_EDITED} ${tenon_edited})
    list(REMOVE_DUPLICATES TENON_EDITED)
    set(TENON_EDITED "${TENON_EDITED}" CACHE INTERNAL "Files that are compiled alone")
  endif()
endif()

# tenon_use_batches(TARGET SOURCES...): a batch is neighbors in the list, edited files included.
function(tenon_use_batches target)
  if(NOT TENON_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  list(LENGTH ARGN count)
  math(EXPR batches "(${count} + ${TENON_BATCH} - 1) / ${TENON_BATCH}")
  set(index 0)
  foreach(source IN LISTS ARGN)
    math(EXPR batch "${index} * ${batches} / ${count}")
    math(EXPR index "${index} + 1")
    file(RELATIVE_PATH name ${CMAKE_CURRENT_SOURCE_DIR} ${source})
    if(NOT name IN_LIST TENON_EDITED)
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${batch})
    endif()
  endforeach()
endfunction()
