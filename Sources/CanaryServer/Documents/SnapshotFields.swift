// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// A snapshot, in documents.
package struct SnapshotFields: Encodable, Sendable {
    /// Why a name could not be resolved.
    struct Unresolved: Encodable, Sendable {
        let reasonCode: String
        let detail: String
    }

    let revisions: [String: String]
    let releases: [String: String]
    let environments: [String: String]
    let unresolved: [String: Unresolved]

    /// The fields of `snapshot`.
    package init(_ snapshot: Snapshot) {
        revisions = snapshot.revisions.compactMapValues { $0.source?.revision }
        releases = snapshot.releases.compactMapValues { $0.source?.revision }
        environments = snapshot.environments
        let failed = snapshot.revisions.merging(snapshot.releases) { head, release in
            head.source == nil ? head : release
        }
        unresolved = failed.compactMapValues { resolution in
            guard case .failed(let reason, let detail) = resolution else { return nil }
            return Unresolved(reasonCode: reason.rawValue, detail: detail)
        }
    }

    /// The vector that one build used: the revisions of the project and its upstreams.
    init(of build: JobBuild, project: String, variant: String) {
        revisions = RevisionVector(of: build, project: project).revisions
        releases = [:]
        environments = [variant: build.environment]
        unresolved = [:]
    }
}
