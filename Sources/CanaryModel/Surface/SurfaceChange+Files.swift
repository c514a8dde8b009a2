// SPDX-License-Identifier: Apache-2.0

extension SurfaceChange {
    /// The installed files that went, came or changed, by their paths in the tree, sorted.
    package var files: [String] {
        (went + came + changed).compactMap { entry in
            switch entry.kind {
            case .file: entry.name
            // The surface calls it what `#include` does.
            case .header: "include/\(entry.name)"
            case .package, .target, .macro, .symbol: nil
            }
        }.sorted()
    }

    /// Says of a second install of one build which files differ from the first, at most twenty of them by name.
    package var spokenAsSecondInstall: String {
        guard let last = files.last else { return "another installed tree than before; its files are the same" }
        let named = files.count > 20 ? Array(files.prefix(20)) : files.dropLast()
        let rest = files.count > 20 ? "\(files.count - 20) more" : last
        let names = named.isEmpty ? rest : "\(named.joined(separator: ", ")) and \(rest)"
        return "another installed tree than before: \(names)"
    }
}
