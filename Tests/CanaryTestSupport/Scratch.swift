// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Testing

/// A temporary folder that goes away with the value.
package final class Scratch {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "canary-model-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs a program to its end; what it printed, and its exit status.
    package func run(_ arguments: [String], input: String = "") throws -> (output: Data, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        // Files on both sides: a pipe that nobody empties would hold the program up.
        try write(input, to: ".in")
        try write("", to: ".out")
        let source = try #require(FileHandle(forReadingAtPath: path + "/.in"))
        let sink = try #require(FileHandle(forWritingAtPath: path + "/.out"))
        process.standardInput = source
        process.standardOutput = sink
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (try Data(contentsOf: URL(fileURLWithPath: path + "/.out")), process.terminationStatus)
    }
}
