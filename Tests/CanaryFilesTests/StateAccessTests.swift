// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryFiles

// Serialised, because the umask belongs to the process.
@Suite("The access to a state folder", .serialized)
struct StateAccessTests {
    private let root = "/tmp/canary-access-\(UUID().uuidString)"
    private var state: StateFolder { StateFolder(path: "\(root)/a/state") }

    /// Runs `body` in a new folder, and restores the umask that it sets.
    private func withRoot(_ body: () throws -> Void) throws {
        let before = umask(0o022)
        defer {
            umask(before)
            Folder.remove(root)
        }
        try Folder.make(root)
        try body()
    }

    private func mode(_ path: String) -> mode_t {
        var found = stat()
        return stat(path, &found) == 0 ? found.st_mode & 0o7777 : 0
    }

    @Test(arguments: [0o000, 0o002, 0o022, 0o077] as [mode_t])
    func `is made for its owner alone, whatever the umask is`(mask: mode_t) throws {
        try withRoot {
            umask(mask)
            try state.open()
            #expect(mode(state.path) == 0o700)
            #expect(umask(0o022) & 0o022 == 0o022, "what follows cannot be written by others either")
        }
    }

    @Test func `a folder of an older version is closed with what it holds`() throws {
        try withRoot {
            try Folder.make("\(state.path)/mirrors/a.git")
            chmod(state.path, 0o555)
            chmod("\(state.path)/mirrors", 0o755)
            try Data().write(to: URL(filePath: state.database))
            try state.open()
            #expect(mode(state.path) == 0o500 && mode("\(state.path)/mirrors") == 0o700, "nothing is opened")
            #expect(mode(state.database) == 0o600)
        }
    }

    @Test(
        arguments: [
            ("", 0o775, "`chmod -R go-w"), ("", 0o757, "`chmod -R go-w"), ("/mirrors", 0o775, "`chmod -R go-w"),
            ("/prefixes", 0o777, "`chmod -R go-w"), ("/mirrors/a.git", 0o775, "remove `"),
            ("/mirrors/a.git/config", 0o664, "remove `"), ("/canary.sqlite", 0o666, "`chmod -R go-w"),
            ("/mirrors/a.git/hooks", 0o1777, "remove `"),
        ] as [(String, mode_t, String)])
    func `what others can write is refused with its mode and what to do`(part: String, mode: mode_t, hint: String)
        throws
    {
        try withRoot {
            try Folder.make("\(state.path)/mirrors/a.git/hooks")
            try Folder.make("\(state.path)/prefixes")
            for file in [state.database, "\(state.path)/mirrors/a.git/config"] {
                try Data().write(to: URL(filePath: file))
            }
            chmod(state.path + part, mode)
            let refusal = #expect(throws: StateFolderRefusal.self) { try state.open() }
            let text = refusal?.text ?? ""
            #expect(text.hasPrefix("the state folder `\(state.path)` can be changed by others"))
            #expect(text.hasSuffix(" has mode 0\(String(mode, radix: 8))") && (part.isEmpty || text.contains(part)))
            #expect(
                refusal?.hint.hasPrefix(hint) == true && refusal?.hint.contains("`chmod -R go-w \(state.path)`") == true
            )
            #expect(self.mode(state.path + part) == mode, "nothing is changed")
            chmod(state.path + part, part.hasSuffix(".sqlite") ? 0o600 : 0o755)
            try state.open()
        }
    }

    @Test func `what belongs to somebody else is refused`() throws {
        try #require(getuid() == 0, "this test gives files away: it must run as root")
        try withRoot {
            try Folder.make("\(state.path)/mirrors/a.git")
            chown("\(state.path)/mirrors/a.git", 65534, 65534)
            let refusal = #expect(throws: StateFolderRefusal.self) { try state.requirePrivate() }
            #expect(refusal?.text.hasSuffix("`\(state.path)/mirrors/a.git` belongs to `nobody` (uid 65534)") == true)
            chown(state.path, 65534, 65534)
            let other = #expect(throws: StateFolderRefusal.self) { try state.requirePrivate() }
            #expect(
                other?.text
                    == "the state folder `\(state.path)` belongs to `nobody` (uid 65534), and you are `root` (uid 0)")
        }
    }

    @Test func `a folder below one where everybody may rename is refused, below a sticky one it is not`() throws {
        try withRoot {
            try Folder.make("\(root)/a")
            chmod("\(root)/a", 0o777)
            for exists in [false, true] {
                if exists { try Folder.make(state.path, mode: 0o700) }
                let refusal = #expect(throws: StateFolderRefusal.self) { try state.requirePrivate() }
                #expect(
                    refusal?.text
                        == "everybody can replace the state folder `\(state.path)`: `\(root)/a` has mode 0777")
                #expect(refusal?.hint.hasPrefix("`chmod go-w \(root)/a`") == true)
            }
            chmod("\(root)/a", 0o1777)
            try state.requirePrivate()
            // As a file system in memory is after it was mounted.
            chmod(state.path, 0o1777)
            try state.open()
            #expect(mode(state.path) == 0o700)
            try Folder.make("\(state.path)/anything")
            chmod(state.path, 0o1777)
            #expect(throws: StateFolderRefusal.self) { try state.open() }
        }
    }

    @Test func `a folder below one of another user, or of a group, is refused with what to do`() throws {
        try #require(getuid() == 0, "this test gives files away: it must run as root")
        try withRoot {
            try Folder.make("\(root)/a")
            chmod("\(root)/a", 0o775)
            let group = #expect(throws: StateFolderRefusal.self) { try state.open() }
            #expect(group?.text == "a group can replace the state folder `\(state.path)`: `\(root)/a` has mode 0775")
            #expect(group?.hint.hasPrefix("`chmod go-w \(root)/a`") == true)
            for mode in [0o755, 0o1777] as [mode_t] {
                chmod("\(root)/a", mode)
                chown("\(root)/a", 65534, 65534)
                let owner = #expect(throws: StateFolderRefusal.self) { try state.open() }
                #expect(owner?.text.hasSuffix("`\(root)/a` belongs to `nobody` (uid 65534)") == true)
                #expect(owner?.hint.hasPrefix("`chown 0 \(root)/a`") == true)
                chown("\(root)/a", 0, 0)
            }
            try state.open()
        }
    }

    @Test func `an inherited access control list by which others could write is refused with what to do`() throws {
        try withRoot {
            try Folder.make("\(root)/a")
            inheritList(in: "\(root)/a")
            for _ in 0..<2 {
                let refusal = #expect(throws: StateFolderRefusal.self) { try state.open() }
                #expect(
                    refusal?.text
                        == "others can write what is created in the state folder `\(state.path)`: its access control list "
                        + "says so")
                #expect(refusal?.hint.hasPrefix("`setfacl -k \(state.path)`") == true)
            }
        }
    }

    /// Lets user 65534 write what is created in `folder`; see acl(5) and, for the form, Linux' `posix_acl_xattr.h`.
    private func inheritList(in folder: String) {
        let program = """
            import os, struct, sys
            list = [(1, 7, -1), (2, 7, 65534), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
            value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in list)
            os.setxattr(sys.argv[1], "system.posix_acl_default", value)
            """
        shell(["python3", "-c", program, folder])
    }
}
