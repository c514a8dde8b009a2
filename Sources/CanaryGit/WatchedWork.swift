// SPDX-License-Identifier: Apache-2.0

/// Work with git that is cancelled when something happens meanwhile.
struct WatchedWork {
    /// What the work then fails with.
    let failure: GitFailure

    /// Runs `work`, and cancels it when `watch` returns first; work that ends well all the same is left alone.
    ///
    /// - Throws: the failure of `work`, or `failure`.
    func run(
        _ work: @escaping @Sendable () async throws(GitFailure) -> Void,
        until watch: @escaping @Sendable () async -> Void
    ) async throws(GitFailure) {
        let thrown = await withTaskGroup(of: GitFailure??.self) { group in
            group.addTask {
                do throws(GitFailure) { try await work() } catch { return .some(error) }
                return .some(nil)
            }
            group.addTask {
                await watch()
                return nil
            }
            var isEnded = false
            for await ended in group {
                if let thrown = ended {
                    group.cancelAll()
                    return isEnded && thrown != nil ? failure : thrown
                }
                // The caller's own end ends both.
                isEnded = !Task.isCancelled
                group.cancelAll()
            }
            return nil
        }
        if let thrown { throw thrown }
    }
}
