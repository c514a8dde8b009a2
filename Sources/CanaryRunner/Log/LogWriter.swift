// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import CanaryText
import Foundation
import Glibc
import Synchronization

/// Writes an attempt's log to disk, at most `limit` bytes: the first half as it comes, the last half at the end.
///
/// What comes after the first half goes into a ring file next to the log, `<log>.tail`, until `finish`: memory use stays
/// small, and readers see the log only grow. A failed write does not disturb the build: `finish` reports it.
package final class LogWriter: Sendable {
    private let file: Mutex<CappedFile>

    /// Creates an empty log at `path`, whose folder must exist; what was there is replaced.
    ///
    /// - Throws: `RunnerFailure` when the log cannot be opened.
    package init(path: String, limit: ByteSize) throws(RunnerFailure) {
        file = Mutex(try CappedFile(path: path, limit: limit.bytes))
    }

    /// Appends `bytes`.
    package func append(_ bytes: UnsafeRawBufferPointer) { file.withLock { $0.append(bytes) } }

    /// The number of bytes appended, including those left out.
    package var totalBytes: Int { file.withLock { $0.total } }

    /// Completes the log; call it once, at the end.
    ///
    /// - Returns: the first error since the log was opened, if any.
    package func finish() -> RunnerFailure? { file.withLock { $0.finish() } }
}

private struct CappedFile: ~Copyable {
    private let path: String
    private let halves: TruncatedLog.Halves
    private let head: Int32
    private var tail: Int32 = -1
    private(set) var total = 0
    private var written = 0
    private var failure: RunnerFailure?

    private var tailPath: String { path + ".tail" }

    init(path: String, limit: Int) throws(RunnerFailure) {
        self.path = path
        halves = TruncatedLog.Halves(limit: limit)
        head = Self.create(path, O_WRONLY)
        guard head >= 0 else { throw Self.failure(errno, "cannot open the log `\(path)`") }
    }

    deinit {
        close(head)
        if tail >= 0 { close(tail) }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let start = total
        total += bytes.count
        guard failure == nil else { return }
        let first = min(bytes.count, max(0, halves.head - start))
        put(UnsafeRawBufferPointer(rebasing: bytes[..<first]))
        let rest = bytes[first...].suffix(halves.tail)
        if !rest.isEmpty { putInRing(UnsafeRawBufferPointer(rebasing: rest), at: total - rest.count - halves.head) }
    }

    /// Appends to the log itself.
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil, !bytes.isEmpty else { return }
        failure = Self.write(bytes, to: head, at: written, of: path)
        written += bytes.count
    }

    /// Writes into the ring; `position` counts from the end of the head.
    private mutating func putInRing(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        if tail < 0 {
            tail = Self.create(tailPath, O_RDWR)
            if tail < 0 { failure = failure ?? Self.failure(errno, "cannot open `\(tailPath)`") }
        }
        guard failure == nil else { return }
        let offset = position % halves.tail
        let straight = min(bytes.count, halves.tail - offset)
        failure = Self.write(UnsafeRawBufferPointer(rebasing: bytes[..<straight]), to: tail, at: offset, of: tailPath)
        guard failure == nil, straight < bytes.count else { return }
        failure = Self.write(UnsafeRawBufferPointer(rebasing: bytes[straight...]), to: tail, at: 0, of: tailPath)
    }

    mutating func finish() -> RunnerFailure? {
        let rest = total - halves.head
        if failure == nil, rest > 0, tail >= 0 || halves.tail == 0 {
            if rest > halves.tail {
                let note = TruncatedLog.note(leftOut: rest - halves.tail)
                note.withUnsafeBytes { put($0) }
                if halves.tail > 0 {
                    move(rest % halves.tail..<halves.tail)
                    move(0..<rest % halves.tail)
                }
            } else {
                move(0..<rest)
            }
        }
        if tail >= 0 { unlink(tailPath) }
        return failure
    }

    /// Appends `range` of the ring to the log.
    private mutating func move(_ range: Range<Int>) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound, failure == nil {
            let count = pread(tail, buffer.baseAddress, min(buffer.count, range.upperBound - offset), off_t(offset))
            guard count > 0 else {
                failure = Self.failure(count < 0 ? errno : EIO, "cannot read `\(tailPath)`")
                return
            }
            put(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }

    /// Opens a new file; an older one, or a link that somebody left there, is removed and never written to.
    private static func create(_ path: String, _ mode: Int32) -> Int32 {
        var state = stat()
        if lstat(path, &state) == 0, [S_IFREG, S_IFLNK].contains(state.st_mode & S_IFMT) { unlink(path) }
        return open(path, mode | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int, of path: String
    ) -> RunnerFailure? {
        var done = 0
        while done < bytes.count {
            let count = pwrite(file, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                return failure(errno, "cannot write the log `\(path)`")
            }
            done += count
        }
        return nil
    }

    private static func failure(_ code: Int32, _ what: String) -> RunnerFailure {
        let isFull = code == ENOSPC || code == EDQUOT
        let why = String(cString: strerror(code)).lowercased()
        return RunnerFailure(
            reason: isFull ? .environmentDiskFull : .environmentEngine, detail: "\(what): \(why)")
    }
}
