// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <OpenEXR/ImfArray.h>
#include <OpenEXR/ImfRgbaFile.h>
#include <OpenEXR/OpenEXRConfig.h>

static const Check check("openexr", [] {
    const std::string path = scratch("smoke-openexr.exr");
    Imf::Array2D<Imf::Rgba> out(2, 3), in(2, 3);
    for (int i = 0; i < 6; ++i) out[i / 3][i % 3] = Imf::Rgba(0.25f * i, 0, 1, 1);
    {
        Imf::RgbaOutputFile file(path.c_str(), 3, 2, Imf::WRITE_RGBA);
        file.setFrameBuffer(&out[0][0], 1, 3);
        file.writePixels(2);
    }
    Imf::RgbaInputFile file(path.c_str());
    file.setFrameBuffer(&in[0][0], 1, 3);
    file.readPixels(0, 1);
    require(float(in[1][2].r) == 1.25f, "a pixel came back different");
    return std::string("version ") + OPENEXR_VERSION_STRING;
});
