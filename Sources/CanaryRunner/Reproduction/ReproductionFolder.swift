// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Foundation

/// A folder in which a reproduction is carried out and looked at.
package struct ReproductionFolder: Sendable {
    /// The folder, absolute.
    package let folder: String

    /// Names the folder; it need not exist.
    package init(folder: String) { self.folder = folder }

    /// Carries `script` out in the folder and opens its shell on this process's terminal, in place of this process.
    ///
    /// - Parameter engine: the container engine to take, `podman` or `docker`; nil leaves the choice to the script.
    /// - Throws: `FolderFailure`; does not return otherwise.
    package func enter(_ script: ReproductionScript, engine: String?) throws -> Never {
        try Folder.make(folder)
        let file = folder + "/reproduce.sh"
        guard FileManager.default.createFile(atPath: file, contents: Data(script.text.utf8)), chdir(folder) == 0 else {
            throw FolderFailure(action: "make", path: file, code: errno)
        }
        if let engine { setenv("CANARY_ENGINE", engine, 1) }
        // Threads of ours block signals, which a shell would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let words: [String] = ["/bin/sh", file, "shell"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        execv("/bin/sh", &arguments)
        throw FolderFailure(action: "execute", path: "/bin/sh", code: errno)
    }
}
