# FREIGHT_PRECOMPILE_HEADERS: headers that nearly every file reads are parsed once for each library and
# once for all tests, which takes more than half off a build from nothing. The presets have it on but for
# alone, which shows that each file names what it uses. A host that adds Freight to its own build does
# without.

# freight_precompile_library(target)
function(freight_precompile_library target)
  if(NOT FREIGHT_PRECOMPILE_HEADERS)
    return()
  endif()
  target_precompile_headers(
    ${target}
    PRIVATE
    <algorithm>
    <array>
    <charconv>
    <chrono>
    <functional>
    <map>
    <memory>
    <mutex>
    <optional>
    <set>
    <span>
    <string>
    <string_view>
    <unordered_map>
    <utility>
    <variant>
    <vector>)
  set_target_properties(${target} PROPERTIES PCH_INSTANTIATE_TEMPLATES ON)
endfunction()

# freight_precompile_test(target): all tests share one, which the first call makes.
function(freight_precompile_test target)
  if(NOT FREIGHT_PRECOMPILE_HEADERS)
    return()
  endif()
  if(NOT TARGET freight_test_headers)
    set(source "${PROJECT_BINARY_DIR}/freight_test_headers.cpp")
    file(GENERATE OUTPUT "${source}" CONTENT "// What is precompiled for the tests needs a target.\n")
    add_executable(freight_test_headers EXCLUDE_FROM_ALL "${source}")
    freight_test_options(freight_test_headers)
    target_precompile_headers(
      freight_test_headers
      PRIVATE
      <gmock/gmock.h>
      <gtest/gtest.h>
      <chrono>
      <filesystem>
      <fstream>
      <map>
      <mutex>
      <thread>
      <freight/freight.hpp>)
  endif()
  target_precompile_headers(${target} REUSE_FROM freight_test_headers)
endfunction()
