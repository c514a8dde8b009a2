// SPDX-License-Identifier: Apache-2.0

/// One point of a search as people know it.
package struct SearchedPoint: Hashable, Sendable {
    /// The project whose revision changes there.
    package let project: String
    /// That project's revision.
    package let revision: String
    /// Its position, from 0, the base.
    package let position: Int
    /// The last position: the end of the range.
    package let last: Int

    /// Names `point` in `subject`.
    package init(_ point: ProbePoint, of subject: SearchSubject) {
        project = subject.project(at: point)
        revision = subject.revisions(at: point)[project] ?? ""
        position = point.prefix
        last = subject.commits.count
    }
}
