# Builds the project in the folder WAY against Freight, runs it, and compares what it prints.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    list(JOIN ARGV " " command)
    # Printed apart from the error, which would wrap it.
    message("${output}")
    message(FATAL_ERROR "${command}\nended with ${code}")
  endif()
  set(run_output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
set(settings -G Ninja "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" -DCMAKE_BUILD_TYPE=Debug
             -DCMAKE_CXX_FLAGS_DEBUG=-O0)
find_program(ccache ccache)
if(ccache)
  list(APPEND settings "-DCMAKE_CXX_COMPILER_LAUNCHER=${ccache}")
endif()

if(NOT WAY STREQUAL "add_subdirectory")
  run("${CMAKE_COMMAND}" --install "${FREIGHT_BINARY_DIR}" --prefix "${WORK_DIR}/prefix")
  # Moved after installing: a package that remembers where it was installed is found out.
  file(RENAME "${WORK_DIR}/prefix" "${WORK_DIR}/moved")
  list(APPEND settings "-DCMAKE_PREFIX_PATH=${WORK_DIR}/moved")
  file(GLOB_RECURSE pc_file "${WORK_DIR}/moved/*/freight.pc")
  cmake_path(GET pc_file PARENT_PATH pc_folder)
  set(ENV{PKG_CONFIG_PATH} "${pc_folder}")
else()
  # Compiles the library anew, so take the chance to see that it builds without any backend.
  # Without precompiled headers, which ccache would have to compile anew each time.
  list(APPEND settings "-DFREIGHT_SOURCE_DIR=${FREIGHT_SOURCE_DIR}" -DFREIGHT_SQLITE=OFF
       -DFREIGHT_POSTGRESQL=OFF -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16)
endif()

if(WAY STREQUAL "examples")
  # All of them build; the smallest shows that what was built works.
  run("${CMAKE_COMMAND}" ${settings} -S "${FREIGHT_SOURCE_DIR}/examples" -B "${WORK_DIR}/build")
  run("${CMAKE_COMMAND}" --build "${WORK_DIR}/build" --parallel 2)
  file(COPY "${FREIGHT_SOURCE_DIR}/examples/jobs/inline_to_sqlite.json" DESTINATION "${WORK_DIR}")
  run("${WORK_DIR}/build/embed_minimal" "sqlite:${WORK_DIR}/freight.db"
      "${WORK_DIR}/inline_to_sqlite.json")
  if(NOT run_output MATCHES "^completed: read 3, succeeded 3, rejected 0\n")
    message(FATAL_ERROR "Expected three records, got:\n${run_output}")
  endif()
  return()
endif()

run("${CMAKE_COMMAND}" ${settings} -S "${CMAKE_CURRENT_LIST_DIR}/${WAY}" -B "${WORK_DIR}/build")
run("${CMAKE_COMMAND}" --build "${WORK_DIR}/build" --target consumer --parallel 2)
run("${WORK_DIR}/build/consumer")

if(NOT run_output MATCHES "^Freight ${VERSION}\n")
  message(FATAL_ERROR "Expected 'Freight ${VERSION}', got:\n${run_output}")
endif()
message("${run_output}")
