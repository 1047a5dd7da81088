#pragma once

#include <array>

#include "core/spec/object_reader.hpp"
#include "freight/connector_spec.hpp"

namespace freight::core::spec {

/// What a spec calls the encodings.
inline constexpr std::array<Choice<Encoding>, 12> encodings{
    {{"utf-8", Encoding::utf_8},
     {"windows-1252", Encoding::windows_1252},
     {"iso-8859-1", Encoding::iso_8859_1},
     {"iso-8859-15", Encoding::iso_8859_15},
     {"windows-1250", Encoding::windows_1250},
     {"windows-1251", Encoding::windows_1251},
     {"windows-1253", Encoding::windows_1253},
     {"windows-1257", Encoding::windows_1257},
     {"macroman", Encoding::macroman},
     {"ibm850", Encoding::ibm850},
     {"utf-16le", Encoding::utf_16le},
     {"utf-16be", Encoding::utf_16be}}};

}  // namespace freight::core::spec
