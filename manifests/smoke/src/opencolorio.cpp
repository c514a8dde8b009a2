// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <OpenColorIO/OpenColorIO.h>

namespace OCIO = OCIO_NAMESPACE;

static const Check check("opencolorio", [] {
    auto transform = OCIO::MatrixTransform::Create();
    const double offset[4] = {0.5, 0, 0, 0};
    transform->setOffset(offset);
    auto processor = OCIO::Config::CreateRaw()->getProcessor(transform)->getDefaultCPUProcessor();
    float pixel[3] = {0.25f, 0.5f, 1};
    processor->applyRGB(pixel);
    require(pixel[0] == 0.75f && pixel[1] == 0.5f, "a pixel has another colour");
    return std::string("version ") + OCIO::GetVersion();
});
