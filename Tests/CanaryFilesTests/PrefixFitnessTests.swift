// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryFiles

@Suite("PrefixFitness") struct PrefixFitnessTests {
    private let folder = TemporaryFolder()

    private var root: String { folder.path }

    private func mode(_ name: String) throws -> UInt32 {
        var state = stat()
        #expect(lstat("\(root)/\(name)", &state) == 0)
        return state.st_mode & 0o7777
    }

    private func fitness() throws -> String? { try PrefixFitness(of: root).establish() }

    @Test func `set-id bits are taken away, and nothing else of a mode`() throws {
        for (name, bits) in [("a", 0o4755), ("b", 0o2711), ("c", 0o6777), ("d", 0o644), ("e", 0o1755)] {
            #expect(FileManager.default.createFile(atPath: "\(root)/\(name)", contents: Data("x".utf8)))
            chmod("\(root)/\(name)", mode_t(bits))
        }
        mkdir("\(root)/folder", 0o755)
        chmod("\(root)/folder", 0o2775)
        #expect(FileManager.default.createFile(atPath: "\(root)/folder/deep", contents: nil))
        chmod("\(root)/folder/deep", 0o4711)
        symlink("/bin/su", "\(root)/link")
        chmod(root, 0o6755)
        #expect(try fitness() == nil)
        #expect(try mode(".") == 0o755)
        #expect(try ["a", "b", "c", "d", "e"].map(mode) == [0o755, 0o711, 0o777, 0o644, 0o1755])
        #expect(try mode("folder") == 0o775)
        #expect(try mode("folder/deep") == 0o711)
        var target = stat()
        #expect(stat("/bin/su", &target) != 0 || target.st_mode & S_ISUID != 0)
    }

    @Test func `what is neither file, folder nor link is no part of a prefix`() throws {
        mkdir("\(root)/run", 0o755)
        mkfifo("\(root)/run/pipe", 0o600)
        #expect(
            try fitness() == "`run/pipe` is a device, a socket or a pipe; a prefix holds files, folders and links")
        unlink("\(root)/run/pipe")
        #expect(try fitness() == nil)
    }

    @Test func `names that are not UTF-8 are looked at too`() throws {
        let name: [CChar] = Array("\(root)/".utf8CString.dropLast()) + [-1, 120, 0]
        mkdir(name, 0o755)
        let file = Array(name.dropLast()) + [47, -2, 0]
        close(open(file, O_WRONLY | O_CREAT, 0o755))
        chmod(file, 0o4755)
        #expect(try fitness() == nil)
        var state = stat()
        #expect(lstat(file, &state) == 0 && state.st_mode & 0o7777 == 0o755)
    }
}
