// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// What the lanes of one project in one variant together say about the origin of a breakage.
package enum LaneEvidence: Hashable, Sendable {
    /// Only `head` is red.
    case upstreamSinceRelease
    /// `release` is red and `platform` green.
    case releasedUpstream
    /// All lanes are red.
    case ownOrImage

    /// Reads the lanes: true for red, false for green, absent without evidence; nil if they say nothing.
    package init?(_ red: [Lane: Bool]) {
        guard red.count > 1 else { return nil }
        if red[.release] == true && red[.platform] == false {
            self = .releasedUpstream
        } else if red.values.allSatisfy(\.self) {
            self = .ownOrImage
        } else if red[.head] == true && red.count(where: \.value) == 1 {
            self = .upstreamSinceRelease
        } else {
            return nil
        }
    }

    /// One phrase for readers: evidence, not a verdict.
    package var sentence: String {
        switch self {
        case .upstreamSinceRelease: "only lane `head` is red: an upstream broke it after its last release"
        case .releasedUpstream: "lane `release` is red and `platform` green: a released upstream broke it"
        case .ownOrImage: "all lanes are red: the project's own commit or the image"
        }
    }
}
