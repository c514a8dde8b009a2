// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The standard input of a program as an open file: a program that does not read it cannot block.
enum InputFile {
    /// Nothing to read.
    static func none() throws(LaunchFailure) -> CInt {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot open `/dev/null`") }
        return file
    }

    /// A file without a name that contains `content`, at its beginning.
    static func holding(_ content: [UInt8]) throws(LaunchFailure) -> CInt {
        let folder = NSTemporaryDirectory()
        let name = "canary-input-\(UUID().uuidString)"
        var file: CInt = -1
        // `TMPDIR` may name a folder that is not there.
        for path in ["\(folder)/\(name)", "/tmp/\(name)"] where file < 0 {
            file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if file >= 0 { unlink(path) }
        }
        guard file >= 0 else { throw failure("cannot create a temporary file in `\(folder)`") }
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                defer { close(file) }
                throw failure("cannot write a file in `\(folder)`")
            }
            rest.removeFirst(count)
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func failure(_ what: String) -> LaunchFailure {
        LaunchFailure("\(what): \(String(cString: strerror(errno))); free some space, or set TMPDIR")
    }
}
