// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Glibc

/// A file that gets one line of JSON a letter, on the disk before it counts as told.
struct FileReceiver: Receiver {
    let name: String
    let path: String

    var wantsSingles: Bool { false }

    func take(_ dispatch: Dispatch) async -> Delivery {
        guard let line = try? LetterDocument.line(dispatch.letter) else {
            return .refused("the notice cannot be written as JSON")
        }
        let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return trouble("opened") }
        defer { close(file) }
        // A line that a full disk or a crash cut short must not swallow the next one.
        let isTorn = endsWithin(file)
        let bytes = Array((isTorn ? "\n\(line)\n" : "\(line)\n").utf8)
        guard write(file, bytes) else { return trouble("written") }
        guard fsync(file) == 0 || errno == EINVAL else { return trouble("written to the disk") }
        return .taken(remote: nil)
    }

    private func trouble(_ what: String) -> Delivery {
        .busy("`\(path)` cannot be \(what): \(String(cString: strerror(errno)))")
    }

    /// Whether the last line lacks its end.
    private func endsWithin(_ file: CInt) -> Bool {
        let size = lseek(file, 0, SEEK_END)
        var last: UInt8 = 0
        return size > 0 && pread(file, &last, 1, size - 1) == 1 && last != UInt8(ascii: "\n")
    }

    private func write(_ file: CInt, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest.removeFirst(count)
        }
        return true
    }
}
