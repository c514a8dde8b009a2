// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

@Suite("Workspace") final class WorkspaceTests {
    let temporary = TemporaryFolder()
    let workspace: Workspace

    init() { workspace = Workspace(state: StateFolder(path: temporary("state"))) }

    @Test func `a prepared folder is empty, whatever was there`() throws {
        let folder = try workspace.prepare("a1")
        #expect(names(below: folder.path) == ["build/", "home/", "source/", "tmp/"])
        temporary.write("state/attempts/a1/home/.config/x", "left")
        symlink("/etc", folder.build + "/etc")
        Folder.remove(folder.source)
        symlink(temporary.path, folder.source)
        _ = try workspace.prepare("a1")
        #expect(names(below: folder.path) == ["build/", "home/", "source/", "tmp/"])
        #expect(FileManager.default.fileExists(atPath: "/etc/passwd"))
        #expect(FileManager.default.fileExists(atPath: temporary("state")))
    }

    @Test func `a link in the place of an attempt is replaced, and nothing behind it changes`() throws {
        temporary.write("kept/source/x", "")
        try Folder.make(temporary("state/attempts"))
        symlink(temporary("kept"), temporary("state/attempts/a1"))
        let folder = try workspace.prepare("a1")
        #expect(names(below: folder.path) == ["build/", "home/", "source/", "tmp/"])
        #expect(names(below: temporary("kept")) == ["source/", "source/x"])
    }

    @Test func `clearing leaves the log alone`() throws {
        let folder = try workspace.prepare("a1")
        temporary.write("state/attempts/a1/log", "words")
        for number in 0..<3000 { temporary.write("state/attempts/a1/build/d\(number % 50)/f\(number)", "") }
        workspace.clear("a1")
        #expect(names(below: folder.path) == ["log"])
        workspace.clear("never-made")
        workspace.remove("a1")
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        workspace.remove("a1")
    }

    @Test func `names of any bytes and folders of any depth are removed`() throws {
        let folder = try workspace.prepare("a1")
        for name in ["\u{1}\n", "-rf", " ", "\u{FF}"] { temporary.write("state/attempts/a1/build/\(name)/x", "") }
        let odd: [CChar] = folder.build.utf8CString.dropLast() + [47, -1, -2, 0]
        #expect(mkdir(odd, 0o755) == 0)
        mkfifo(folder.build + "/fifo", 0o600)
        var deep = open(folder.build, O_RDONLY | O_DIRECTORY)
        for _ in 0..<3000 {
            mkdirat(deep, "a-name-of-some-length", 0o755)
            let next = openat(deep, "a-name-of-some-length", O_RDONLY | O_DIRECTORY)
            close(deep)
            deep = next
        }
        close(deep)
        workspace.clear("a1")
        #expect(names(below: folder.path) == [])
    }

    @Test func `read-only folders are removed, also without root`() async {
        #expect(getuid() == 0, "this test gives up being root: it must begin as root")
        await #expect(processExitsWith: .success) {
            let temporary = TemporaryFolder()
            chmod(temporary.path, 0o777)
            setegid(65534)
            seteuid(65534)
            let workspace = Workspace(state: StateFolder(path: temporary("state")))
            let folder = try workspace.prepare("a1")
            temporary.write("state/attempts/a1/build/locked/deeper/file", "", mode: 0o444)
            for path in ["/locked/deeper", "/locked", ""] { chmod(folder.build + path, 0o555) }
            chmod(folder.home, 0)
            workspace.clear("a1")
            let left = names(below: folder.path)
            seteuid(0)
            Folder.remove(temporary.path)
            exit(left.isEmpty ? 0 : 1)
        }
    }

    @Test func `leftovers are attempts with more than a log`() throws {
        for attempt in ["a1", "a2", "a3"] { _ = try workspace.prepare(attempt) }
        temporary.write("state/attempts/a2/log", "words")
        workspace.clear("a2")
        #expect(workspace.leftovers(keeping: ["a3"]) == ["a1"])
        #expect(Workspace(state: StateFolder(path: temporary("none"))).leftovers(keeping: []) == [])
    }

    @Test func `a folder that cannot be created is an error`() throws {
        let file = temporary.write("state", "a file")
        #expect(throws: FolderFailure(action: "create", path: "\(file)/attempts", code: ENOTDIR)) {
            try self.workspace.prepare("a1")
        }
    }

    @Test func `what an attempt leaves goes with what it installed, unless that is stored`() async throws {
        for isStored in [true, false] {
            let folder = try workspace.prepare("a1")
            temporary.write("state/attempts/a1/log", "words")
            temporary.write("state/prefixes/p/k/lib/a", "")
            await leftovers(isStored: isStored).remove { false }
            #expect(names(below: folder.path) == ["log"])
            #expect(FileManager.default.fileExists(atPath: temporary("state/prefixes/p/k/lib/a")) == isStored)
        }
    }

    @Test func `the removal ends some time after it is stopped, and the rest is a leftover`() async throws {
        let folder = try workspace.prepare("a1")
        for number in 0..<300 { temporary.write("state/attempts/a1/build/\(number)", "") }
        await leftovers(isStored: true).remove(patience: .zero) { true }
        #expect(!names(below: folder.build).isEmpty && workspace.leftovers(keeping: []) == ["a1"])
        await leftovers(isStored: true).remove { true }
        #expect(workspace.leftovers(keeping: []) == [])
    }

    private func leftovers(isStored: Bool) -> Leftovers {
        let order = WorkOrder(
            attempt: "a1", environment: "process:0", project: "p", revision: "0", prefixKey: "k", variant: "local",
            lane: .head, recipe: Recipe(stages: [], network: false), upstreams: [], sourceDateEpoch: 0, jobs: 1,
            limits: AttemptLimits())
        return Leftovers(of: order, isStored: isStored, in: StateFolder(path: temporary("state")), quota: nil)
    }
}
