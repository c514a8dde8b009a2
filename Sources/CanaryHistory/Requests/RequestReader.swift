// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Reads requests to the daemon.
package struct RequestReader: Sendable {
    let access: ReadAccess

    /// The open requests, in the order they came.
    package func open() async throws(HistoryError) -> [RequestRecord] {
        try await access.read { connection in
            try connection.rows("SELECT * FROM requests WHERE state IN ('waiting', 'running') ORDER BY seq")
                .map { try $0.request() }
        }
    }

    /// The request `id`; nil when there is none.
    package func request(_ id: String) async throws(HistoryError) -> RequestRecord? {
        try await access.read { connection in
            try connection.row("SELECT * FROM requests WHERE id = ?", [id])?.request()
        }
    }
}

extension Row {
    fileprivate func request() throws -> RequestRecord {
        try RequestRecord(
            start: RequestStart(
                id: self["id"], kind: word("kind"), body: self["body"], origin: self["origin"],
                askedAt: date("asked_at")),
            state: word("state"), startedAt: optionalDate("started_at"), endedAt: optionalDate("ended_at"),
            run: self["run"], detail: self["detail"], result: self["result"])
    }
}
