// SPDX-License-Identifier: Apache-2.0

/// Shortens the paths of one attempt to names that mean the same on every machine and in every attempt.
///
/// Files of the source become relative, others `build:CMakeCache.txt`, `imath:include/Imath/half.h`, and
/// `prefix:lib/libX.so` for the project's own install.
package struct PathNames: Hashable, Sendable {
    private let names: [(folder: String, name: String)]

    /// Shortens nothing.
    package static let none = PathNames(folders: [:])

    /// Shortens the paths of an attempt carried out in `places`.
    package init(_ places: StageEnvironment.Places) {
        var folders = [places.source: "", places.build: "build:", places.prefix: "prefix:", places.temporary: "tmp:"]
        for (project, prefix) in places.upstreamPrefix { folders[prefix] = "\(project):" }
        // Where both lie in one folder, tools that run in the build folder may name the source by its neighbour.
        if let name = places.source.split(separator: "/").last { folders["../\(name)"] = "" }
        self.init(folders: folders)
    }

    private init(folders: [String: String]) {
        // Longest first: a folder inside another one wins.
        names = folders.filter { !$0.key.isEmpty }.map { ($0.key, $0.value) }
            .sorted { ($1.folder.count, $0.folder) < ($0.folder.count, $1.folder) }
    }

    /// `text` with all folders of the attempt replaced.
    package func shortened(_ text: String) -> String {
        names.reduce(text) { text, entry in text.replacing(entry.folder + "/", with: entry.name) }
    }

    package static func == (left: PathNames, right: PathNames) -> Bool {
        left.names.elementsEqual(right.names) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        for entry in names {
            hasher.combine(entry.folder)
            hasher.combine(entry.name)
        }
    }
}
