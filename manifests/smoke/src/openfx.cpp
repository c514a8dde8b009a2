// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <openfx/ofxImageEffect.h>

static const Check check("openfx", [] {
    require(std::string(kOfxImageEffectPluginApi) == "OfxImageEffectPluginAPI", "the interface has another name");
    return "interface " + std::to_string(kOfxImageEffectPluginApiVersion);
});
