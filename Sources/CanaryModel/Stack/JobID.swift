// SPDX-License-Identifier: Apache-2.0

/// A job, which verdicts are about: a project in a variant and a lane, written `openexr@vfx2026/head`.
package struct JobID: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// The project's name.
    package let project: String
    /// The variant's name.
    package let variant: String
    /// The lane.
    package let lane: Lane

    /// Names the job of `project` in `variant` and `lane`.
    package init(project: String, variant: String, lane: Lane) {
        self.project = project
        self.variant = variant
        self.lane = lane
    }

    /// Reads the written form `project@variant/lane`; nil when `text` is not of that form.
    package init?(_ text: String) {
        guard let at = text.firstIndex(of: "@"), let slash = text.lastIndex(of: "/"), at < slash,
            let lane = Lane(rawValue: String(text[text.index(after: slash)...]))
        else { return nil }
        let project = String(text[..<at])
        let variant = String(text[text.index(after: at)..<slash])
        guard !project.isEmpty, !variant.isEmpty else { return nil }
        self.init(project: project, variant: variant, lane: lane)
    }

    package var description: String { "\(project)@\(variant)/\(lane.rawValue)" }

    /// Orders by project, then variant, then lane.
    package static func < (left: JobID, right: JobID) -> Bool {
        (left.project, left.variant, left.lane) < (right.project, right.variant, right.lane)
    }
}
