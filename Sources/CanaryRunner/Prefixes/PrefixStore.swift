// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles

/// The installed prefixes on disk, `prefixes/<project>/<key>`; only those in history are valid.
package struct PrefixStore: Sendable {
    private let state: StateFolder

    /// The prefixes below `state`.
    package init(state: StateFolder) { self.state = state }

    /// Creates an empty folder at the final path of a build and returns the path; what was there is removed.
    ///
    /// - Throws: `FolderFailure`.
    package func prepare(project: String, key: String) throws -> String {
        let path = state.prefix(of: project, key: key)
        Folder.remove(path)
        try Folder.make("\(project)/\(key)", below: state.prefixes)
        return path
    }

    /// Whether the prefix of the build exists.
    package func exists(project: String, key: String) -> Bool {
        Folder.exists(state.prefix(of: project, key: key))
    }

    /// Removes the prefix of the build.
    ///
    /// - Parameter isStopped: asked before each file; the rest then stays.
    package func remove(project: String, key: String, unless isStopped: () -> Bool = { false }) {
        Folder.remove(state.prefix(of: project, key: key), unless: isStopped)
    }

    /// All prefixes on disk, sorted.
    package func stored() -> [(project: String, key: String)] {
        Folder.folders(in: state.prefixes).sorted().flatMap { project in
            Folder.names(in: "\(state.prefixes)/\(project)").sorted().map { (project: project, key: $0) }
        }
    }
}
