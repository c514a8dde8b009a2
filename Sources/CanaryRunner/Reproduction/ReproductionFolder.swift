// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryProcesses
import Foundation

/// A folder in which a reproduction is built and inspected.
package struct ReproductionFolder: Sendable {
    /// The folder, absolute.
    package let folder: String

    /// Names the folder; it need not exist.
    package init(folder: String) { self.folder = folder }

    /// Runs `script` in the folder and opens its shell on the terminal, replacing this process.
    ///
    /// - Parameter engine: the container engine, `podman` or `docker`; nil leaves the choice to the script.
    /// - Throws: `FolderFailure` or `LaunchFailure`; does not return if it succeeds.
    package func enter(_ script: ReproductionScript, engine: String?) throws -> Never {
        try Folder.make(folder)
        let file = folder + "/reproduce.sh"
        guard FileManager.default.createFile(atPath: file, contents: Data(script.text.utf8)) else {
            throw FolderFailure(action: "create", path: file, code: errno)
        }
        var variables = ProcessInfo.processInfo.environment
        if let engine { variables["CANARY_ENGINE"] = engine }
        try Command("/bin/sh", [file, "shell"], variables: variables, in: folder).replaceProcess()
    }
}
