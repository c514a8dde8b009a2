// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <OpenImageIO/imagebuf.h>
#include <OpenImageIO/imagebufalgo.h>
#include <OpenImageIO/imageio.h>

static const Check check("openimageio", [] {
    const std::string path = scratch("smoke-openimageio.exr");
    const float colour[3] = {0.25f, 0.5f, 1};
    OIIO::ImageBuf image(OIIO::ImageSpec(4, 4, 3, OIIO::TypeHalf));
    OIIO::ImageBufAlgo::fill(image, colour);
    require(image.write(path), image.geterror().c_str());
    OIIO::ImageBuf again(path);
    float pixel[3] = {};
    again.getpixel(3, 3, pixel);
    require(pixel[0] == 0.25f && pixel[2] == 1, "a pixel came back different");
    return "version " + std::string(OIIO_VERSION_STRING);
});
