// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles

/// The installed prefixes on the disk, `prefixes/<project>/<key>`; which of them counts, history says.
package struct PrefixStore: Sendable {
    private let state: StateFolder

    /// The prefixes below `state`.
    package init(state: StateFolder) { self.state = state }

    /// Makes an empty folder at the final path of a build and returns the path; whatever lay there is removed.
    ///
    /// - Throws: `FolderFailure`.
    package func prepare(project: String, key: String) throws -> String {
        let path = state.prefix(of: project, key: key)
        Folder.remove(path)
        try Folder.make(path)
        return path
    }

    /// Whether something is installed for the build.
    package func exists(project: String, key: String) -> Bool {
        Folder.exists(state.prefix(of: project, key: key))
    }

    /// Removes what is installed for the build.
    package func remove(project: String, key: String) {
        Folder.remove(state.prefix(of: project, key: key))
    }

    /// All prefixes on the disk, sorted.
    package func stored() -> [(project: String, key: String)] {
        Folder.names(in: state.prefixes).sorted().flatMap { project in
            Folder.names(in: "\(state.prefixes)/\(project)").sorted().map { (project: project, key: $0) }
        }
    }
}
