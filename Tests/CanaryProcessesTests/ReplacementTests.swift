// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import CanaryProcesses

@Suite("A program that replaces this process") struct ReplacementTests {
    @Test func `is refused when its folder or its file does not exist`() {
        let here = FileManager.default.currentDirectoryPath
        #expect(throws: LaunchFailure("cannot enter `/nowhere`: No such file or directory")) {
            try Command("/bin/true", in: "/nowhere").replaceProcess()
        }
        #expect(throws: LaunchFailure("`/nowhere/x` could not be started: No such file or directory")) {
            try Command("/nowhere/x", in: here).replaceProcess()
        }
    }
}
