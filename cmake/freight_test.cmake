include(precompile)

set(freight_test_labels unit conformance integration daemon fault fuzz consumer)

# What every test finds in its environment. FREIGHT_TEST_POSTGRESQL (a URL with the rights to create
# databases) comes from script/test; a suite that needs it fails without it.
set(freight_test_environment "")
if(FREIGHT_BUILD_FREIGHTD)
  list(APPEND freight_test_environment "FREIGHTD=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/freightd")
endif()

# What the tests of a label need to be built: freight_tests_<label>, so that nothing else need be.
foreach(label IN LISTS freight_test_labels)
  add_custom_target(freight_tests_${label})
endforeach()

function(freight_check_label label)
  if(NOT label IN_LIST freight_test_labels)
    message(FATAL_ERROR "Test label '${label}' is none of: ${freight_test_labels}")
  endif()
endfunction()

# Sanitized code takes several times as long.
function(freight_allow_for_sanitizers timeout)
  if(FREIGHT_SANITIZE)
    math(EXPR longer "4 * ${${timeout}}")
    set(${timeout} ${longer} PARENT_SCOPE)
  endif()
endfunction()

# What the test programs are compiled with.
function(freight_test_options target)
  target_include_directories(
    ${target}
    PRIVATE "${PROJECT_SOURCE_DIR}/libfreight/src" "${PROJECT_SOURCE_DIR}/libfreight/testing/include"
            "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE Freight::freight GTest::gmock GTest::gtest_main)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_definitions(${target} PRIVATE "FREIGHT_SOURCE_FOLDER=\"${PROJECT_SOURCE_DIR}\"")
  freight_warnings(${target})
  # Optimising the tests' own code takes longer than running it; and it is the library that is
  # examined, not they.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
  if(FREIGHT_SANITIZE MATCHES undefined)
    target_compile_options(${target} PRIVATE -fno-sanitize=undefined)
  endif()
  if(FREIGHT_FUZZ)
    target_compile_options(${target} PRIVATE -fno-sanitize=fuzzer-no-link)
  endif()
endfunction()

#[[
freight_add_test(NAME n LABEL l SOURCES ... [LIBRARIES ...] [SHARDS count] [TIMEOUT seconds] [THREADS])

A GoogleTest program test_<n>. ctest knows it as <n>, or as <n>.1 to <n>.<count>, each of which runs its
share of the tests: to start a process takes longer than most tests. An odd count spreads the two
backends of a suite evenly. It sees the library's private headers ("core/hash.hpp") and tests/
("support/temporary_folder.hpp"). THREADS marks a program in which threads meet: ThreadSanitizer has
nothing to say of the others, so they are not built for it.
]]
function(freight_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "THREADS" "NAME;LABEL;SHARDS;TIMEOUT" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "freight_add_test: unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  freight_check_label("${arg_LABEL}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  freight_allow_for_sanitizers(arg_TIMEOUT)
  set(target test_${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  freight_test_options(${target})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
  freight_precompile_test(${target})
  if(FREIGHT_SANITIZE STREQUAL "thread" AND NOT arg_THREADS)
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  add_dependencies(freight_tests_${arg_LABEL} ${target})
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  foreach(shard RANGE 1 ${arg_SHARDS})
    set(name ${arg_NAME})
    if(arg_SHARDS GREATER 1)
      set(name ${arg_NAME}.${shard})
    endif()
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name} COMMAND ${target})
    set_tests_properties(
      ${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT
      "${freight_test_environment};GTEST_TOTAL_SHARDS=${arg_SHARDS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

#[[
freight_add_script_test(NAME n LABEL l COMMAND ... [TIMEOUT seconds])

A test driven by a program or script of any kind; it passes when the command exits with 0.
]]
function(freight_add_script_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;LABEL;TIMEOUT" "COMMAND")
  freight_check_label("${arg_LABEL}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  freight_allow_for_sanitizers(arg_TIMEOUT)
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  set_tests_properties(
    ${arg_NAME} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT
                                                                        "${freight_test_environment}")
endfunction()

#[[
freight_add_python_test(NAME n LABEL l FILE f [SELECT text] [TIMEOUT seconds] [THREADS])

A unittest file that drives freightd with what stands in tests/support; SELECT takes only the tests
whose name holds the text, so that a long file can be several tests that run side by side. THREADS as
above: ThreadSanitizer runs no others.
]]
function(freight_add_python_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "THREADS" "NAME;LABEL;FILE;SELECT;TIMEOUT" "")
  if(FREIGHT_SANITIZE STREQUAL "thread" AND NOT arg_THREADS)
    return()
  endif()
  set(options "")
  if(arg_SELECT)
    list(APPEND options -k "${arg_SELECT}")
  endif()
  freight_add_script_test(
    NAME ${arg_NAME} LABEL ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
    COMMAND ${CMAKE_COMMAND} -E env "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support"
            PYTHONDONTWRITEBYTECODE=1 ${Python3_EXECUTABLE}
            "${CMAKE_CURRENT_SOURCE_DIR}/${arg_FILE}" --verbose ${options})
endfunction()

#[[
freight_add_fuzzer(NAME n SOURCES ... [LIBRARIES ...])

A fuzzer fuzz_<n> whose source defines LLVMFuzzerTestOneInput. Its corpus is tests/fuzz/corpus/<n>:
at least one input to begin from, and every input that once found a fault. In the preset asan it is a
libFuzzer program; in every other build the same code replays the corpus as a test.
]]
function(freight_add_fuzzer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBRARIES")
  set(target fuzz_${arg_NAME})
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${arg_NAME}")
  if(NOT IS_DIRECTORY "${corpus}")
    message(FATAL_ERROR "freight_add_fuzzer: ${corpus} is missing; add at least one input")
  endif()
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/libfreight/src"
                                               "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE Freight::core ${arg_LIBRARIES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  freight_warnings(${target})
  if(FREIGHT_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${target} COMMAND ${target} -runs=0 "${corpus}")
  else()
    target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp")
    add_test(NAME ${target} COMMAND ${target} "${corpus}")
  endif()
  add_dependencies(freight_tests_fuzz ${target})
  set_tests_properties(${target} PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()
