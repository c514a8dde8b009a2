// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files in the folder that the fuzzer was started in: an input that is read as a file is written there first.
enum Scratch {
    /// The path of the file `name`, which now holds `bytes`.
    static func write(_ bytes: UnsafeRawBufferPointer, to name: String) -> String {
        let file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        require(file >= 0, "to open `\(name)`")
        defer { close(file) }
        require(Foundation.write(file, bytes.baseAddress, bytes.count) == bytes.count, "to write `\(name)`")
        require(ftruncate(file, off_t(bytes.count)) == 0, "to cut `\(name)`")
        return name
    }

    /// Writes a file that no input changes.
    static func write(_ text: String, to name: String) {
        var text = text
        text.withUTF8 { _ = write(UnsafeRawBufferPointer($0), to: name) }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ name: String) {
        try? FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    }
}
