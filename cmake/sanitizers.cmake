# Sanitizers, fuzzing and coverage change the whole program, so they are set for the whole build.
if(FREIGHT_SANITIZE)
  if(NOT FREIGHT_SANITIZE MATCHES "^(address,undefined|address|undefined|thread)$")
    message(FATAL_ERROR "FREIGHT_SANITIZE is '${FREIGHT_SANITIZE}'; "
                        "use address,undefined or address or undefined or thread")
  endif()
  # Undefined behaviour ends the program: a message nobody reads is not a failed test.
  add_compile_options(-fsanitize=${FREIGHT_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FREIGHT_SANITIZE})
endif()

if(FREIGHT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang" OR NOT FREIGHT_SANITIZE MATCHES "address")
    message(FATAL_ERROR "FREIGHT_FUZZ needs Clang and FREIGHT_SANITIZE=address,undefined; use the preset asan")
  endif()
  # The library is instrumented here; each fuzzer adds the driver when it is linked.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(FREIGHT_COVERAGE)
  # Threads share the counters: without atomic updates gcov loses counts and warns of negative ones.
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
