// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <pxr/pxr.h>
#include <pxr/usd/usd/stage.h>
#include <pxr/usd/usdGeom/sphere.h>

PXR_NAMESPACE_USING_DIRECTIVE

static const Check check("openusd", [] {
    auto stage = UsdStage::CreateInMemory();
    require(bool(UsdGeomSphere::Define(stage, SdfPath("/smoke"))), "no sphere");
    std::string text;
    require(stage->ExportToString(&text) && text.find("smoke") != std::string::npos, "the sphere is lost");
    return "version " + std::to_string(PXR_VERSION);
});
