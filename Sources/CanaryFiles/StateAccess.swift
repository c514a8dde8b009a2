// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a state folder is not used: somebody else could change what is in it, or it cannot be created.
package struct StateFolderRefusal: Error, Hashable {
    /// What was found, lower case, without a final stop.
    package let text: String
    /// What to do about it.
    package let hint: String
}

extension StateFolder {
    private static let chooseAnother = "use `--state` to choose another folder"
    private static let parts = ["mirrors", "prefixes", "attempts", "ccache", "searches"]
    private static let files = ["canary.sqlite", "canary.sqlite-wal", "canary.sqlite-shm", "driver.lock"]
    /// Git takes programs to run from these parts of a mirror, and objects from the last one.
    private static let partsOfMirror = ["", "/config", "/info", "/info/attributes", "/hooks", "/refs", "/objects"]

    /// Creates the folder if it is missing, and closes it and its parts to other users.
    ///
    /// From here on, nothing that this process or its children create can be written by others, whatever the umask was.
    ///
    /// - Throws: `StateFolderRefusal` if an inherited access control list says otherwise, as `requirePrivate` does, or if the folder cannot be created.
    package func open() throws(StateFolderRefusal) {
        try requirePrivate()
        umask(umask(0o077) | 0o022)
        do throws(FolderFailure) { try Folder.make(path, mode: 0o700) } catch {
            throw StateFolderRefusal(
                text: "the state folder `\(path)` cannot be used: \(String(cString: strerror(error.code)))",
                hint: Self.chooseAnother)
        }
        // An older version left them open for reading.
        for part in [""] + (Self.parts + Self.files).map({ "/\($0)" }) {
            guard let state = FileState(path + part), state.mode & 0o077 != 0 else { continue }
            chmod(path + part, state.mode & 0o700)
        }
        // Somebody may have been faster, where the folder above is writable for everybody.
        try requirePrivate()
        try requireClosedFiles()
    }

    /// Requires that nobody but this user and root can change what is in the folder, if it exists.
    ///
    /// It fails as ssh does with its files: when the folder, one of its parts or a mirror has another owner or is writable
    /// for its group or for everybody, or when others may replace the folder itself, because a folder above it is theirs
    /// or writable for them and not sticky. An access control list counts, because the mode of its file shows what it
    /// permits.
    ///
    /// - Throws: `StateFolderRefusal` with what was found.
    package func requirePrivate() throws(StateFolderRefusal) {
        guard let state = FileState(path) else { return try requireSafePlace() }
        guard state.owner == geteuid() else {
            let (owner, user) = (Self.name(of: state.owner), Self.name(of: geteuid()))
            throw StateFolderRefusal(
                text: "the state folder `\(path)` belongs to \(owner), and you are \(user)",
                hint: "run canary as that user, or use `--state` to choose a folder of your own")
        }
        try requireSafePlace()
        let mirrors = Folder.names(in: "\(path)/mirrors").filter { $0.hasSuffix(".git") }.sorted()
        let inside =
            [""] + Self.parts.map { "/\($0)" } + Self.files.map { "/\($0)" }
            + mirrors.flatMap { mirror in Self.partsOfMirror.map { "/mirrors/\(mirror)\($0)" } }
        for part in inside { try require(part) }
    }

    /// Requires that the part of the folder at `part` cannot be changed by others, if it exists.
    private func require(_ part: String) throws(StateFolderRefusal) {
        guard let state = FileState(path + part), let problem = state.problem else { return }
        // The root of a file system in memory that was just mounted: nobody has put anything there.
        if part.isEmpty, state.mode & 0o1000 != 0, Folder.names(in: path).isEmpty { return }
        let what = part.isEmpty ? "it" : "`\(path)\(part)`"
        let removal = part.hasPrefix("/mirrors/") ? "remove `\(path)/mirrors`, which is fetched again, then " : ""
        let cure =
            state.isWritable
            ? "`chmod -R go-w \(path)` (where `ls -l` shows a `+`, `setfacl -R -b \(path)` before it)"
            : "`chown -R \(geteuid()) \(path)`"
        throw StateFolderRefusal(
            text: "the state folder `\(path)` can be changed by others: \(what) \(problem)",
            hint: "\(removal)\(cure), or \(Self.chooseAnother)")
    }

    /// Requires that others cannot write what is created in the folder: an access control list that it inherited from
    /// the one above is stronger than the umask.
    private func requireClosedFiles() throws(StateFolderRefusal) {
        let probe = "\(path)/.access-\(getpid())"
        let file = Glibc.open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { return }
        defer {
            close(file)
            unlink(probe)
        }
        guard let state = FileState(probe), state.isWritable else { return }
        throw StateFolderRefusal(
            text: "others can write what is created in the state folder `\(path)`: its access control list says so",
            hint: "`setfacl -k \(path)` removes what it inherited, or \(Self.chooseAnother)")
    }

    /// Requires that nobody else can rename the folder, or one above it, and put another one there.
    private func requireSafePlace() throws(StateFolderRefusal) {
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/"), folder != "/" {
            folder = slash == folder.startIndex ? "/" : folder[..<slash]
            guard let state = FileState(String(folder)), state.isFolder else { continue }
            if state.isWritable, state.mode & 0o1000 == 0 {
                let who = state.mode & 0o002 == 0 ? "a group" : "everybody"
                throw StateFolderRefusal(
                    text: "\(who) can replace the state folder `\(path)`: `\(folder)` \(state.modeText)",
                    hint: "`chmod go-w \(folder)` or `chmod +t \(folder)`, or \(Self.chooseAnother)")
            }
            if state.owner != 0, state.owner != geteuid() {
                let owner = Self.name(of: state.owner)
                throw StateFolderRefusal(
                    text: "another user can replace the state folder `\(path)`: `\(folder)` belongs to \(owner)",
                    hint: "`chown \(geteuid()) \(folder)`, or \(Self.chooseAnother)")
            }
        }
    }

    /// The owner and the mode of a file; links are followed.
    private struct FileState {
        let owner: uid_t
        let mode: mode_t
        let isFolder: Bool

        init?(_ path: String) {
            var found = stat()
            guard stat(path, &found) == 0 else { return nil }
            (owner, mode, isFolder) = (found.st_uid, found.st_mode & 0o7777, found.st_mode & S_IFMT == S_IFDIR)
        }

        var isWritable: Bool { mode & 0o022 != 0 }
        var modeText: String { "has mode 0\(String(mode, radix: 8))" }

        /// What lets others change it; nil if nothing does.
        var problem: String? {
            if owner != geteuid(), owner != 0 { return "belongs to \(StateFolder.name(of: owner))" }
            return isWritable ? modeText : nil
        }
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
