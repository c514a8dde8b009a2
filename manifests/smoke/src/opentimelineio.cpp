// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <opentimelineio/clip.h>
#include <opentimelineio/timeline.h>
#include <opentimelineio/version.h>

namespace otio = opentimelineio::OPENTIMELINEIO_VERSION;

static const Check check("opentimelineio", [] {
    otio::SerializableObject::Retainer<otio::Timeline> timeline(new otio::Timeline("smoke"));
    const std::string text = timeline->to_json_string();
    otio::SerializableObject::Retainer<otio::Timeline> again(
        dynamic_cast<otio::Timeline*>(otio::SerializableObject::from_json_string(text)));
    require(again && again->name() == "smoke", "a timeline came back different");
    return "a timeline of " + std::to_string(text.size()) + " bytes";
});
