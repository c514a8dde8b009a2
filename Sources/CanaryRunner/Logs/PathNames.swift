// SPDX-License-Identifier: Apache-2.0

/// Shortens the paths of one attempt to names that mean the same on every machine and in every attempt.
///
/// Files of the source become relative, others `build:CMakeCache.txt`, `imath:include/Imath/half.h`, and
/// `prefix:lib/libX.so` for the project's own install.
package struct PathNames: Sendable {
    private let names: [(folder: String, name: String)]

    /// Shortens the paths of an attempt carried out in `places`.
    package init(_ places: StageEnvironment.Places) {
        var folders = [places.source: "", places.build: "build:", places.prefix: "prefix:", places.temporary: "tmp:"]
        for (project, prefix) in places.upstreamPrefix { folders[prefix] = "\(project):" }
        // Where both lie in one folder, tools that run in the build folder may name the source by its neighbour.
        if let name = places.source.split(separator: "/").last {
            for neighbour in ["../\(name)", "\(places.build)/../\(name)"] { folders[neighbour] = "" }
        }
        // Longest first: a folder inside another one wins.
        names = folders.filter { !$0.key.isEmpty }.map { ($0.key, $0.value) }
            .sorted { ($1.folder.count, $0.folder) < ($0.folder.count, $1.folder) }
    }

    /// `text` with all folders of the attempt replaced.
    package func shortened(_ text: String) -> String {
        names.reduce(text) { text, entry in text.replacing(entry.folder + "/", with: entry.name) }
    }
}
