// SPDX-License-Identifier: Apache-2.0

import CanaryRunner

/// The environments of a stack, found out once: a search compares builds, all of which are to have the same.
actor KeptEnvironments {
    private var finding: Task<Environments, Never>?

    /// The environments; `find` is called the first time only.
    func environments(_ find: @escaping @Sendable () async -> Environments) async -> Environments {
        let task = finding ?? Task { await find() }
        finding = task
        return await task.value
    }
}
