// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText

/// What two builds installed differently, as text: removals first, since they are what breaks others.
struct SurfaceReport {
    /// How many things of one kind are listed without `--verbose`.
    private static let most = 20

    let from: BuildHistory
    let to: BuildHistory
    let change: SurfaceChange
    let verbose: Bool

    var text: String {
        var lines = [
            "\(from.build.project)@\(from.build.variant)", "from     \(Self.side(from))", "to       \(Self.side(to))",
        ]
        lines += group("removed", change.went) + group("added", change.came) + group("changed", change.changed)
        if change.isEmpty { lines.append("nothing that they install was removed, added or changed") }
        lines += change.incomplete.map {
            "not every \($0.rawValue) is known: removals and additions may be wrong"
        }
        return lines.joined(separator: "\n")
    }

    private static func side(_ history: BuildHistory) -> String {
        "\(history.build.key.shortRevision) at \(history.build.source.revision)"
    }

    private func group(_ title: String, _ entries: [SurfaceChange.Entry]) -> [String] {
        guard !entries.isEmpty else { return [] }
        return ["", "\(title) (\(entries.count))"]
            + Surface.Kind.allCases.flatMap { kind in
                let ofKind = entries.filter { $0.kind == kind }
                let listed = verbose ? ofKind[...] : ofKind.prefix(Self.most)
                let rest = ofKind.count - listed.count
                return listed.map(line)
                    + (rest == 0 ? [] : ["  \(Self.column(kind))... and \(rest) more; `--verbose` lists them"])
            }
    }

    private static func column(_ kind: Surface.Kind) -> String {
        kind.rawValue + String(repeating: " ", count: max(1, 9 - kind.rawValue.count))
    }

    private func line(_ entry: SurfaceChange.Entry) -> String {
        let detail =
            switch entry.kind {
            case .header, .file, .symbol: ""
            case .package, .target, .macro: Self.detail(entry.before ?? "", entry.after ?? "")
            }
        return "  \(Self.column(entry.kind))\(entry.name)\(detail.isEmpty ? "" : "  (\(detail))")"
    }

    /// The lines in which two forms differ; a common beginning is printed once.
    private static func detail(_ before: String, _ after: String) -> String {
        let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
        let (gone, added) = (old.filter { !new.contains($0) }, new.filter { !old.contains($0) })
        guard !gone.isEmpty, !added.isEmpty else { return (gone + added).joined(separator: "; ") }
        var now = added.joined(separator: "; ")
        if gone.count == 1, added.count == 1, let key = gone[0].firstRange(of: ": "),
            now.hasPrefix(gone[0][..<key.upperBound])
        {
            now = String(now.dropFirst(gone[0][..<key.upperBound].count))
        }
        return "\(gone.joined(separator: "; ")) -> \(now)"
    }
}
