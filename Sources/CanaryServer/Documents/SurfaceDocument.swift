// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText
import Foundation

/// `canary.show/1` of two builds: what their installed surfaces gained, lost, changed.
package struct SurfaceDocument: Document {
    struct Side: Encodable, Sendable {
        let key: String
        let project: String
        let variant: String
        let revision: String
        let tree: Nullable<String>

        init(_ history: BuildHistory) {
            key = history.build.key
            project = history.build.project
            variant = history.build.variant
            revision = history.build.source.revision
            tree = Nullable(history.lastTree)
        }
    }

    struct Thing: Encodable, Sendable {
        let kind: String
        let name: String
        let from: Nullable<String>
        let to: Nullable<String>

        init(_ entry: SurfaceChange.Entry) {
            kind = entry.kind.rawValue
            name = entry.name
            // A symbol has no form to tell of.
            from = Nullable(entry.before.flatMap { $0.isEmpty ? nil : $0 })
            to = Nullable(entry.after.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    package let schema = "canary.show/1"
    let kind = "surface"
    let from: Side
    let to: Side
    let went: [Thing]
    let came: [Thing]
    let changed: [Thing]
    let incomplete: [String]

    /// The document of `change` between what two builds installed.
    package init(from old: BuildHistory, to new: BuildHistory, _ change: SurfaceChange) {
        from = Side(old)
        to = Side(new)
        went = change.went.map(Thing.init)
        came = change.came.map(Thing.init)
        changed = change.changed.map(Thing.init)
        incomplete = change.incomplete.map(\.rawValue)
    }
}
