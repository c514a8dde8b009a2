// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import Glibc

/// The owner of a state folder: one user could not remove the files of another.
enum StateOwner {
    /// Requires that the folder belongs to this user, if it exists.
    ///
    /// - Throws: `EngineError` `stateFolder`.
    static func require(_ state: StateFolder) throws(EngineError) {
        var found = stat()
        guard stat(state.path, &found) == 0, found.st_uid != geteuid() else { return }
        throw EngineError(
            .stateFolder,
            "the state folder `\(state.path)` belongs to \(name(of: found.st_uid)), and you are \(name(of: geteuid()))",
            hint: "run canary as that user, or use `--state` to choose a folder of your own")
    }

    private static func name(of user: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        getpwuid_r(user, &entry, &buffer, buffer.count, &found)
        guard let name = found?.pointee.pw_name else { return "uid \(user)" }
        return "`\(String(cString: name))` (uid \(user))"
    }
}
