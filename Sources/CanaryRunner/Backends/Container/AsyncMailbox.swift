// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Passes messages to one reader; unlike a stream, it does not end when the reader's task is cancelled.
final class AsyncMailbox<Word: Sendable>: Sendable {
    private struct State {
        var words: [Word] = []
        var reader: CheckedContinuation<Word, Never>?
    }

    private let state = Mutex(State())

    /// Posts a message.
    func post(_ word: Word) {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            if state.reader == nil { state.words.append(word) }
            return state.reader
        }
        reader?.resume(returning: word)
    }

    /// Waits for the next message.
    func next() async -> Word {
        await withCheckedContinuation { continuation in
            let word: Word? = state.withLock { state in
                guard state.words.isEmpty else { return state.words.removeFirst() }
                state.reader = continuation
                return nil
            }
            if let word { continuation.resume(returning: word) }
        }
    }
}
