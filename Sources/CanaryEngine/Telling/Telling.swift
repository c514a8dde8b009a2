// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
package import Foundation

/// Makes notices of what the judge says, and addresses them.
package struct Telling: Sendable {
    private let history: History
    private let stack: Stack
    private let culprits: [CulpritCommit: Notice.Culprit]

    /// Tells of `stack`.
    ///
    /// - Parameter culprits: what searches know of the commits that messages name.
    package init(history: History, stack: Stack, culprits: [CulpritCommit: Notice.Culprit] = [:]) {
        self.history = history
        self.stack = stack
        self.culprits = culprits
    }

    /// The notices of a ruling, to be put into the outbox in the transaction that ends the run.
    ///
    /// History must hold the ends and transitions of the run already.
    /// - Parameters:
    ///   - updated: notices sent before, as they read now.
    ///   - board: the open notices after the ruling.
    ///   - run: the run, or the search, that brought it.
    ///   - date: now.
    ///   - muted: jobs nobody wants to hear of; what tells of no other job is left out.
    package func postings(
        of messages: [Message], updated: [Message] = [], board: NoticeBoard, run: String, at date: Date,
        except muted: Set<JobID> = []
    ) async throws(HistoryError) -> [Posting] {
        guard !stack.notify.isEmpty else { return [] }
        let facts = try await history.noticeFacts(of: Set((messages + updated).flatMap(\.jobs)))
        var postings: [Posting] = []
        // Operators are told once; that more jobs suffer is no news.
        let all = messages.map { ($0, false) } + updated.filter { $0.kind == .page }.map { ($0, true) }
        for (message, isUpdate) in all where !muted.isSuperset(of: message.jobs) {
            var context = NoticeContext(run: run, at: date)
            context.isUpdate = isUpdate
            context.facts = facts
            context.culprit = message.culprit.flatMap { culprits[$0] }
            let open = message.notice.flatMap { number in board.notices.first { $0.number == number } }
            context.held = Set(open?.jobs.filter { $0.value == .held }.keys.map(\.self) ?? [])
            context.thread = try await thread(of: message, isUpdate: isUpdate, board)
            postings += stack.postings(of: Notice(message, of: stack, in: context))
        }
        return postings
    }

    /// The thread that `message` goes on with; nil where it opens one or stands alone.
    private func thread(of message: Message, isUpdate: Bool, _ board: NoticeBoard) async throws(HistoryError) -> String?
    {
        switch message.kind {
        case .page where !isUpdate: return nil
        case .page, .recovered, .changed: break
        case .flaky, .suspected, .healed, .environment, .unexpectedPass, .stale: return nil
        }
        guard let number = message.notice ?? board.notice(of: message.job)?.number else { return nil }
        return try await history.thread(ofNotice: number)
    }
}
