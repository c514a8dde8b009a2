// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText
import Glibc
import Hummingbird

/// Reads one attempt's log for all who follow it: each piece is read and cleaned once.
///
/// A piece ends with a line, and an escape never reaches over one, so that pieces can be cleaned by themselves.
actor LogReader {
    /// A piece of the log, without escapes.
    struct Piece: Sendable {
        let text: ByteBuffer
        /// The byte of the log behind it.
        let end: Int
        /// Whether nothing more will come.
        let isLast: Bool
    }

    /// Bytes read at a time; a line that is longer is cut.
    private static let length = 256 << 10
    /// Pieces kept for those who come behind; 4 MiB at most.
    private static let kept = 16
    /// For so long an attempt that ran is believed to run on.
    private static let patience = Duration.milliseconds(200)

    private let attempt: String
    private let path: String
    private let history: HistoryReader
    private var pieces: [Int: Piece] = [:]
    private var order: [Int] = []
    private var ranAt: ContinuousClock.Instant?
    private var isOver = false

    init(_ attempt: String, path: String, history: HistoryReader) {
        self.attempt = attempt
        self.path = path
        self.history = history
    }

    /// What comes from the byte `start` on; empty when there is nothing new yet.
    func piece(from start: Int) async throws -> Piece {
        if let piece = pieces[start] { return piece }
        // Asked first: what the end has added to the log is there when the end is recorded.
        let isOver = try await isAttemptOver()
        if let piece = pieces[start] { return piece }
        let limit = pieces.keys.filter { $0 > start }.min().map { $0 - start } ?? Self.length
        let piece = read(from: start, upTo: min(limit, Self.length), isOver: isOver)
        if piece.end > start { keep(piece, from: start) }
        return piece
    }

    private func isAttemptOver() async throws -> Bool {
        if isOver { return true }
        let now = ContinuousClock.now
        if let ranAt, ranAt.duration(to: now) < Self.patience { return false }
        let state = try await history.builds.attempt(attempt)?.state
        isOver = state != .running && state != .queued
        ranAt = now
        return isOver
    }

    private func read(from start: Int, upTo count: Int, isOver: Bool) -> Piece {
        let bytes = Self.bytes(of: path, from: start, count: count)
        let isWhole = bytes.count < count && isOver
        var used = bytes.count
        if !isWhole {
            if let newline = bytes.lastIndex(of: 0x0A) {
                used = newline + 1
            } else if bytes.count < Self.length {
                used = 0
            }
        }
        let text = used == 0 ? "" : PlainText.of(bytes[..<used])
        return Piece(text: ByteBuffer(string: text), end: start + used, isLast: isWhole && used == bytes.count)
    }

    private func keep(_ piece: Piece, from start: Int) {
        pieces[start] = piece
        order.append(start)
        if order.count > Self.kept { pieces[order.removeFirst()] = nil }
    }

    /// Opened for each piece: nobody who stays away holds a file.
    private static func bytes(of path: String, from start: Int, count: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            while used < count {
                let got = pread(file, buffer.baseAddress?.advanced(by: used), count - used, off_t(start + used))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                used += got
            }
        }
    }
}

/// The readers of the logs that somebody reads now.
actor LogReaderPool {
    private let logs: AttemptLogs
    private let history: HistoryReader
    private var readers: [String: (reader: LogReader, users: Int)] = [:]

    init(logs: AttemptLogs, history: HistoryReader) {
        self.logs = logs
        self.history = history
    }

    /// Whether there is a log of `attempt` to read, or will be.
    nonisolated func holds(_ record: AttemptRecord) -> Bool {
        record.state == .running || access(logs.path(record.id), R_OK) == 0
    }

    /// Gives `body` the reader of `attempt`, which is shared.
    nonisolated func reading(_ attempt: String, _ body: (LogReader) async throws -> Void) async throws {
        let reader = await take(attempt)
        do {
            try await body(reader)
        } catch {
            await giveBack(attempt)
            throw error
        }
        await giveBack(attempt)
    }

    private func take(_ attempt: String) -> LogReader {
        let entry = readers[attempt] ?? (LogReader(attempt, path: logs.path(attempt), history: history), 0)
        readers[attempt] = (entry.0, entry.1 + 1)
        return entry.0
    }

    private func giveBack(_ attempt: String) {
        guard let entry = readers[attempt] else { return }
        readers[attempt] = entry.users > 1 ? (entry.reader, entry.users - 1) : nil
    }
}
