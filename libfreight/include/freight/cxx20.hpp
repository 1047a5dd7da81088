#pragma once

// Every header that includes no other header of Freight includes this one, so that a compiler that
// is set to an older C++ says first what is the matter.
#if __cplusplus < 202002L && (!defined(_MSVC_LANG) || _MSVC_LANG < 202002L)
#error "Freight's headers need C++20: compile with -std=c++20 (CMake: set(CMAKE_CXX_STANDARD 20))"
#endif
