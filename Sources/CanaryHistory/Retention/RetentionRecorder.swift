// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Records what was removed from a state folder.
package struct RetentionRecorder: Sendable {
    let access: WriteAccess

    /// Records that the prefixes of these builds are gone, removed or lost.
    ///
    /// Keys without one are ignored. On the disk when this returns, so that what is removed next is not believed to
    /// be there after a crash of the machine either.
    package func forgetPrefixes(_ keys: [String]) async throws(HistoryError) {
        let now = access.clock().milliseconds
        try await access.write(durably: true) { connection in
            for key in keys {
                try connection.perform(
                    """
                    UPDATE prefixes SET removed_at = max(created_at, ?)
                    WHERE removed_at IS NULL AND build = (SELECT id FROM builds WHERE key = ?)
                    """, [now, key])
            }
        }
    }

    /// Records that the logs of these attempts are gone; on the disk when this returns.
    ///
    /// Attempts that history does not know, and those whose log was gone before, are ignored.
    package func forgetLogs(_ attempts: [String]) async throws(HistoryError) {
        let now = access.clock().milliseconds
        try await access.write(durably: true) { connection in
            for attempt in attempts {
                try connection.perform(
                    """
                    INSERT OR IGNORE INTO removed_logs (attempt, removed_at)
                    SELECT seq, ? FROM attempts WHERE id = ? AND state IN ('finished', 'interrupted')
                    """, [now, attempt])
            }
        }
    }

    /// How many trees or parts one transaction removes: at 2 MiB a part, tens of milliseconds in which no one else
    /// writes.
    private static let batch = 16

    /// Removes the surfaces of these trees, except of those that are stored by now, in small transactions.
    ///
    /// The space is used for what is recorded next; the file does not shrink. What was installed stays known by its
    /// hash, and a surface that is needed again is recorded when its build is made again.
    ///
    /// - Parameter isStopped: asked between transactions; the next call continues.
    package func forgetSurfaces(
        of trees: [String], until isStopped: @Sendable () -> Bool
    ) async throws(HistoryError) {
        for start in stride(from: 0, to: trees.count, by: Self.batch) {
            guard !isStopped() else { return }
            let list = trees[start..<min(start + Self.batch, trees.count)]
            try await access.write { connection in
                try connection.perform(RetentionQueries.removeSurfaces, [JSON.text(Array(list))])
            }
        }
        var isDone = false
        while !isDone, !isStopped() {
            isDone = try await access.write { connection in
                let statement = try connection.cachedStatement(sql: RetentionQueries.unusedParts)
                let parts = try Int64.fetchAll(statement, arguments: [Self.batch])
                for part in parts { try connection.perform("DELETE FROM surface_parts WHERE id = ?", [part]) }
                return parts.count < Self.batch
            }
        }
    }

    /// Removes what each test of these attempts ended with, in small transactions; their counts stay.
    ///
    /// - Parameter isStopped: asked between transactions; the next call continues.
    package func forgetTests(
        of attempts: [String], until isStopped: @Sendable () -> Bool
    ) async throws(HistoryError) {
        for start in stride(from: 0, to: attempts.count, by: Self.batch) {
            guard !isStopped() else { return }
            let list = attempts[start..<min(start + Self.batch, attempts.count)]
            try await access.write { try $0.perform(TestQueries.remove, [JSON.text(Array(list))]) }
        }
        var isDone = false
        while !isDone, !isStopped() {
            isDone = try await access.write { connection in
                try connection.perform(TestQueries.removeNames, [Self.batch * 64])
                return connection.changesCount < Self.batch * 64
            }
        }
    }

    /// Frees the space of the write-ahead log, unless a reader prevents it.
    package func compact() async {
        await withCheckedContinuation { continuation in
            access.database.asyncWriteWithoutTransaction { connection in
                _ = try? connection.checkpoint(.truncate)
                continuation.resume()
            }
        }
    }
}
