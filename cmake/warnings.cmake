# freight_warnings(target): our warnings for our own targets, never for what we depend on or for
# who depends on us. They are errors only where the presets ask for it: a newer compiler at a user's
# place must not break the build.
function(freight_warnings target)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    return()
  endif()
  target_compile_options(
    ${target}
    PRIVATE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wno-sign-conversion
            -Wnon-virtual-dtor
            -Woverloaded-virtual)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Designated initialisers that leave the rest to its defaults are our style of options.
    target_compile_options(${target} PRIVATE -Wno-missing-field-initializers)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # GCC bug 105651: g++ 12 sees an overlap in "literal" + std::string where there is none.
      target_compile_options(${target} PRIVATE -Wno-restrict)
    endif()
    if(CMAKE_UNITY_BUILD)
      # g++ takes each source file of a unit for a header, whose classes must not be made of local ones.
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
    if(FREIGHT_SANITIZE OR FREIGHT_COVERAGE)
      # Instrumentation confuses g++'s flow analysis; the plain builds keep these warnings.
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-stringop-overflow)
    endif()
    if(FREIGHT_SANITIZE STREQUAL "thread")
      # Standard headers use fences, which TSan does not follow; that is not ours to change.
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  else()
    target_compile_options(${target} PRIVATE -Wno-missing-field-initializers)
    if(CMAKE_UNITY_BUILD)
      # A name of the file before in the unit is no name that this file could have meant.
      target_compile_options(${target} PRIVATE -Wno-shadow)
    endif()
  endif()
  if(FREIGHT_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
