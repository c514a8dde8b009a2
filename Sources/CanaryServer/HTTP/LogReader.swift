// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryText
import Glibc
import Hummingbird

/// Reads the log of one attempt for all clients that follow it: each piece is read and sanitized once.
///
/// Pieces end at line ends and no escape sequence crosses one, so each piece can be sanitized separately.
actor LogReader {
    /// A piece of the log, without escape sequences.
    struct Piece: Sendable {
        let text: ByteBuffer
        /// The offset in the log at which the next piece begins.
        let end: Int
        /// Whether it is the end of a finished log.
        let isLast: Bool
    }

    /// The most bytes read at a time; a longer line is split.
    private static let pieceLength = 64 << 10
    /// Pieces cached for slower clients; 1 MiB at most.
    private static let cachedPieces = 16
    /// How long a running attempt is assumed to be still running before history is read again.
    private static let checkInterval = Duration.milliseconds(200)

    private let attempt: String
    private let path: String
    private let history: HistoryReader
    private var pieces: [Int: Piece] = [:]
    private var order: [Int] = []
    private var seenRunningAt: ContinuousClock.Instant?
    private var isFinished = false

    init(_ attempt: String, path: String, history: HistoryReader) {
        self.attempt = attempt
        self.path = path
        self.history = history
    }

    /// The log from the byte `start` on; empty if there is nothing new yet.
    func piece(from start: Int) async throws -> Piece {
        if let piece = pieces[start] { return piece }
        // Checked before reading: when the end is recorded, the log is already complete.
        let isFinished = try await isAttemptFinished()
        if let piece = pieces[start] { return piece }
        let limit = pieces.keys.filter { $0 > start }.min().map { $0 - start } ?? Self.pieceLength
        let piece = read(from: start, upTo: min(limit, Self.pieceLength), isFinished: isFinished)
        if piece.end > start { cache(piece, from: start) }
        return piece
    }

    private func isAttemptFinished() async throws -> Bool {
        if isFinished { return true }
        let now = ContinuousClock.now
        if let seenRunningAt, seenRunningAt.duration(to: now) < Self.checkInterval { return false }
        let state = try await history.builds.attempt(attempt)?.state
        isFinished = state != .running && state != .queued
        seenRunningAt = now
        return isFinished
    }

    private func read(from start: Int, upTo count: Int, isFinished: Bool) -> Piece {
        // Opened for each piece, so that an idle client holds no descriptor.
        let bytes = LogFile(path: path)?.bytes(start..<start + count) ?? []
        let isWhole = bytes.count < count && isFinished
        var used = bytes.count
        if !isWhole {
            if let newline = bytes.withUnsafeBytes({ $0.lastOffset(of: 0x0A) }) {
                used = newline + 1
            } else if bytes.count < count {
                used = 0
            } else if count == Self.pieceLength, let whole = bytes.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }),
                bytes[whole] >= 0xC0
            {
                // A character is not split.
                used = whole
            }
        }
        let text = used == 0 ? "" : PlainText.of(bytes[..<used])
        return Piece(text: ByteBuffer(string: text), end: start + used, isLast: isWhole && used == bytes.count)
    }

    private func cache(_ piece: Piece, from start: Int) {
        pieces[start] = piece
        order.append(start)
        if order.count > Self.cachedPieces { pieces[order.removeFirst()] = nil }
    }
}

/// The log readers in use: one for each log, shared by all its clients.
actor LogReaderPool {
    private let logs: AttemptLogs
    private let history: HistoryReader
    private var readers: [String: (reader: LogReader, users: Int)] = [:]

    init(logs: AttemptLogs, history: HistoryReader) {
        self.logs = logs
        self.history = history
    }

    /// Whether the attempt has a log, or will have one.
    nonisolated func hasLog(of record: AttemptRecord) -> Bool {
        record.state == .running || access(logs.path(record.id), R_OK) == 0
    }

    /// Calls `body` with the shared reader of `attempt`.
    nonisolated func withReader(of attempt: String, _ body: (LogReader) async throws -> Void) async throws {
        let reader = await acquire(attempt)
        do {
            try await body(reader)
        } catch {
            await release(attempt)
            throw error
        }
        await release(attempt)
    }

    private func acquire(_ attempt: String) -> LogReader {
        let entry = readers[attempt] ?? (LogReader(attempt, path: logs.path(attempt), history: history), 0)
        readers[attempt] = (entry.0, entry.1 + 1)
        return entry.0
    }

    private func release(_ attempt: String) {
        guard let entry = readers[attempt] else { return }
        readers[attempt] = entry.users > 1 ? (entry.reader, entry.users - 1) : nil
    }
}
