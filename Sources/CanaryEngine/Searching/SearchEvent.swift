// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
package import CanaryHistory
import CanaryModel
package import CanaryText

/// What happens in a search, for those who watch.
package enum SearchEvent: Sendable {
    /// A search begins, or is taken up with what was stored of it.
    case began(SearchRecord, Search)
    /// Something people should know.
    case note(String)
    /// The next probe waits for an outage to pass.
    case waiting(ProbeRequest, TimeSpan)
    /// A probe begins.
    case asked(ProbeRequest, SearchedPoint)
    /// A probe is answered; the search knows it.
    case answered(ProbeRecord, SearchedPoint, Search)
}

/// One point of a search as people know it.
package struct SearchedPoint: Hashable, Sendable {
    /// The project that moves to it.
    package let project: String
    /// That project's revision there.
    package let revision: String
    /// Its place: 0 is the base.
    package let position: Int
    /// The last place: the head.
    package let last: Int

    init(_ point: ProbePoint, of subject: SearchSubject) {
        project = subject.project(at: point)
        revision = subject.revisions(at: point)[project] ?? ""
        position = point.prefix
        last = subject.commits.count
    }
}
