# Link with lld when it is there and nobody chose another linker: the tests are many programs, each with
# the whole library in it, and GNU ld takes minutes of a build from nothing.
find_program(FREIGHT_LLD NAMES ld.lld)
mark_as_advanced(FREIGHT_LLD)
if(FREIGHT_LLD AND NOT CMAKE_EXE_LINKER_FLAGS MATCHES "-fuse-ld")
  add_link_options(-fuse-ld=lld)
endif()
