// SPDX-License-Identifier: Apache-2.0

extension SurfaceChange {
    /// The sorted paths of all installed files that were removed, added or changed.
    package var files: [String] {
        (went + came + changed).compactMap { entry in
            switch entry.kind {
            case .file: entry.name
            // A surface names a header as `#include` does.
            case .header: "include/\(entry.name)"
            case .package, .target, .macro, .symbol: nil
            }
        }.sorted()
    }

    /// How a second install of a build differs from the first, with the names of at most twenty files.
    package var secondInstallSummary: String {
        guard let last = files.last else {
            return "the installed tree differs from the first install, although its files are the same"
        }
        let listed = files.count > 20 ? Array(files.prefix(20)) : files.dropLast()
        let rest = files.count > 20 ? "\(files.count - 20) more" : last
        let names = listed.isEmpty ? rest : "\(listed.joined(separator: ", ")) and \(rest)"
        return "the installed tree differs from the first install: \(names)"
    }
}
