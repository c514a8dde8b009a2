// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <Imath/ImathConfig.h>
#include <Imath/ImathMatrix.h>
#include <Imath/ImathVec.h>
#include <Imath/half.h>

static const Check check("imath", [] {
    const Imath::V3f x(1, 0, 0), y(0, 1, 0);
    require(x.cross(y) == Imath::V3f(0, 0, 1), "the cross product is wrong");
    require(float(Imath::half(1.5f)) == 1.5f, "half loses bits");
    Imath::M44f matrix;
    matrix.translate(x);
    require((matrix * matrix.inverse()).equalWithAbsError(Imath::M44f(), 1e-6f), "the inverse is wrong");
    return std::string("version ") + IMATH_VERSION_STRING;
});
