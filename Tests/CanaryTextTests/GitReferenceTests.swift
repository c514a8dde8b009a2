// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@Suite("Git references") struct GitReferenceTests {
    @Test(arguments: [
        "main", "release/3.1", "a.b", "1.10", "-x", "a b", "a..b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b",
        "/a", "a/", "a//b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "a.locks", "a@b", "a@{b", "a\u{7}b", "a\u{7F}b",
        "é", "refs/heads/x", "a-", "lock", "a]b", "a\nb",
    ])
    func `a branch name is what git accepts`(name: String) throws {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "check-ref-format", "--branch", name]
        git.standardOutput = FileHandle.nullDevice
        git.standardError = FileHandle.nullDevice
        try git.run()
        git.waitUntilExit()
        #expect(GitReference.isName(name) == (git.terminationStatus == 0))
    }

    @Test func `the short name of HEAD is not a branch`() {
        #expect(!GitReference.isName("@"))
    }

    @Test func `a name of more than 1024 bytes is refused`() {
        #expect(!GitReference.isName(String(repeating: "a", count: 1025)))
    }
}
