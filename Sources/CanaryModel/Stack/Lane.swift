// SPDX-License-Identifier: Apache-2.0

/// Which upstreams a job is built on; the project itself is always at its branch head.
package enum Lane: String, CaseIterable, Codable, Sendable, Comparable {
    /// The heads of the upstreams' branches.
    case head
    /// The highest version among the upstreams' `release-tags` matches.
    case release
    /// The copies in the image: only the project itself is built.
    case platform

    /// The order of the cases: `head`, `release`, `platform`.
    package static func < (left: Lane, right: Lane) -> Bool {
        left.position < right.position
    }

    private var position: Int {
        switch self {
        case .head: 0
        case .release: 1
        case .platform: 2
        }
    }
}
