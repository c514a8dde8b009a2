// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <Ptexture.h>

static const Check check("ptex", [] {
    Ptex::String error;
    require(Ptex::PtexTexture::open("no such texture", error) == nullptr, "it opened what is not there");
    require(!error.empty(), "it gave no reason");
    return "version " + std::to_string(PtexLibraryMajorVersion) + "." + std::to_string(PtexLibraryMinorVersion);
});
