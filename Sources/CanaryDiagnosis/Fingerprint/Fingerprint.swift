// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// A hash that failures of the same cause share, whatever the compiler, folders, lines, versions and order of steps.
enum Fingerprint {
    /// The form and 16 hexadecimal digits for `error`, which ended `stage` for `reason`; `cause` replaces its text.
    ///
    /// Nil if the text only says that something failed: such failures have nothing in common.
    static func of(_ stage: Stage, _ reason: ReasonCode, _ error: FirstError?, cause: String?) -> String? {
        guard let signature = signature(reason, error, cause: cause) else { return nil }
        var hasher = FieldHasher()
        hasher.add(stage.rawValue)
        hasher.add(signature)
        return "\(FingerprintForm.current):\(hasher.finish().prefix(16))"
    }

    /// What is hashed together with the stage.
    static func signature(_ reason: ReasonCode, _ error: FirstError?, cause: String?) -> String? {
        // What the log contains when the machine fails is random.
        if randomLogs.contains(reason) { return reason.rawValue }
        if let cause { return reason == .testFailed ? test(cause) : StableText.folded(cause) }
        return error.flatMap { MessageSignature.of($0) }
    }

    /// The name of a test counts as it is, what the test says without numbers: `Pixels/Read.Tiles/12 Expected: 3`.
    private static func test(_ cause: String) -> String {
        let words = cause.split(separator: " ")
        let start = words.first.map { ["FAIL:", "ERROR:", "FAILED"].contains($0) } ?? false ? 2 : 1
        let details = words.dropFirst(start).joined(separator: " ")
        return "\(words.prefix(start).joined(separator: " ")) \(StableText.folded(details))"
    }

    private static let randomLogs: Set<ReasonCode> = [
        .limitAttempt, .limitSilence, .limitMemory, .limitDisk, .limitProcesses, .limitFiles, .limitSharedMemory,
        .environmentDiskFull, .environmentKilled, .environmentInterrupted, .environmentClock,
        .environmentCompilerCache, .fetchProxy, .fetchRateLimited,
    ]
}
