// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText

/// `canary.show/1` of two builds: how their installed surfaces differ.
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

    struct Entry: Encodable, Sendable {
        let kind: String
        let name: String
        let from: Nullable<String>
        let to: Nullable<String>

        init(_ entry: SurfaceChange.Entry) {
            kind = entry.kind.rawValue
            name = entry.name
            // A symbol has no definition to show.
            from = Nullable(entry.before.flatMap { $0.isEmpty ? nil : $0 })
            to = Nullable(entry.after.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    package let schema = "canary.show/1"
    let kind = "surface"
    let from: Side
    let to: Side
    let went: [Entry]
    let came: [Entry]
    let changed: [Entry]
    let incomplete: [String]

    /// The document of `change` between the surfaces of two builds.
    package init(from old: BuildHistory, to new: BuildHistory, _ change: SurfaceChange) {
        from = Side(old)
        to = Side(new)
        went = change.went.map(Entry.init)
        came = change.came.map(Entry.init)
        changed = change.changed.map(Entry.init)
        incomplete = change.incomplete.map(\.rawValue)
    }
}
