// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import Glibc

/// Appends each batch to a file as one line of JSON, which is on the disk before it counts as delivered.
struct FileReceiver: Receiver {
    let name: String
    let path: String
    /// The mode of a new file under the user's umask: the one that applies later is that of the state folder.
    private let mode: mode_t = {
        let mask = umask(0o077)
        umask(mask)
        return 0o644 & ~mask
    }()

    init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    var takesSingleNotices: Bool { false }

    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result {
        guard let line = try? batch.document.json(onOneLine: true) else {
            return .refused("the notice cannot be written as JSON")
        }
        let file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, mode)
        guard file >= 0 else { return failure("opened") }
        defer { close(file) }
        // The next line must not join one that a full disk or a crash cut short.
        let isTorn = endsWithin(file)
        let bytes = Array((isTorn ? "\n\(line)\n" : "\(line)\n").utf8)
        guard write(file, bytes) else { return failure("written") }
        guard fsync(file) == 0 || errno == EINVAL else { return failure("written to the disk") }
        return .delivered(remote: nil)
    }

    private func failure(_ what: String) -> DeliveryAttempt.Result {
        .unavailable("`\(path)` cannot be \(what): \(String(cString: strerror(errno)))")
    }

    /// Whether the last line has no line break.
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
