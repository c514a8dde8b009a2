// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import Testing

@Suite("Stored words") struct VocabularyTests {
    private func words<Word>(of type: Word.Type) -> [String]
    where Word: RawRepresentable<String> & CaseIterable & Equatable {
        for word in Word.allCases { #expect(Word(rawValue: word.rawValue) == word) }
        return Word.allCases.map(\.rawValue)
    }

    @Test func `each word can be read back, and stays the word of documents and history`() {
        #expect(words(of: Lane.self) == ["head", "release", "platform"])
        #expect(words(of: Stage.self) == ["fetch", "configure", "build", "install", "test", "inspect"])
        #expect(
            words(of: Result.self) == ["passed", "failed", "error", "timedOut", "blocked", "skipped", "cancelled"])
        #expect(words(of: Fault.self) == ["change", "environment", "unknown"])
        #expect(words(of: AttemptPurpose.self) == ["first", "rerun", "confirm", "control", "probe", "forced"])
        #expect(words(of: AttemptState.self) == ["queued", "running", "finished", "interrupted"])
        #expect(words(of: Action.self) == ["build", "reuse", "blocked", "skip"])
        #expect(words(of: Verdict.self) == ["unknown", "passing", "suspected", "broken"])
        #expect(words(of: Evidence.self) == ["pass", "fail", "flaky", "none"])
        #expect(words(of: RuntimeChoice.self) == ["auto", "podman", "docker", "process"])
        #expect(words(of: Fallback.self) == ["lkg", "none"])
        #expect(words(of: Notice.Urgency.self) == ["page", "digest"])
        #expect(
            words(of: Notice.Kind.self) == [
                "flaky", "suspected", "healed", "page", "environment", "recovered", "changed", "unexpectedPass",
                "stale", "updated",
            ])
        #expect(words(of: Notice.Audience.self) == ["maintainers", "operators"])
        #expect(words(of: NotifyTarget.WebhookFormat.self) == ["json", "slack", "discord"])
    }

    @Test func `each decision code is one of the design's, in lower case with hyphens`() {
        let known: Set<String> = [
            "never-built", "head-moved", "upstream-changed", "recipe-changed", "image-changed", "again", "confirm",
            "control", "probe", "forced", "unchanged", "cut-off", "ignored-paths", "not-selected", "still-broken",
            "budget", "held", "upstream-red",
        ]
        #expect(Set(words(of: DecisionCode.self)).isSubset(of: known))
    }

    @Test(arguments: ReasonCode.allCases)
    func `each reason can be read back, and has a sentence and a result that fits its fault`(reason: ReasonCode) throws
    {
        #expect(ReasonCode(rawValue: reason.rawValue) == reason)
        let coded = try JSONEncoder().encode([reason])
        #expect(try JSONDecoder().decode([ReasonCode].self, from: coded) == [reason])
        #expect(!reason.sentence.isEmpty)
        #expect(!reason.sentence.hasSuffix("."))
        switch reason.result {
        case .error: #expect(reason.fault == .environment)
        case .timedOut: #expect(reason.rawValue.hasPrefix("limit."))
        case .failed: #expect(reason.fault != .environment)
        default: Issue.record("a reason cannot mean \(reason.result)")
        }
        if reason.rawValue.hasPrefix("environment.") || reason.rawValue.hasPrefix("fetch.") {
            #expect(reason.fault == .environment)
        }
        let outcome = Outcome.ended(in: .build, reason: reason)
        #expect(outcome.fault == reason.fault && outcome.result == reason.result)
    }

    @Test func `no two reasons share a sentence`() {
        #expect(Set(ReasonCode.allCases.map(\.sentence)).count == ReasonCode.allCases.count)
    }

    @Test func `stages and lanes are ordered as they run`() {
        #expect(Stage.allCases.sorted() == Stage.allCases)
        #expect(Lane.allCases.reversed().sorted() == Lane.allCases)
        #expect(Stage.scripted == [.configure, .build, .install, .test])
    }

    @Test func `a signal is shown as a shell shows it`() {
        #expect(ExitStatus.code(3).shellCode == 3)
        #expect(ExitStatus.signal(9).shellCode == 137)
    }

    @Test func `only failures and timeouts are breakage`() {
        #expect(Result.allCases.filter(\.isFailure) == [.failed, .timedOut])
    }

    @Test func `limits of a project are laid over the stack's`() {
        var override = LimitsOverride()
        override.memory = .gibibytes(6)
        let limits = AttemptLimits(attempt: .minutes(30)).overlaid(override)
        #expect(limits.memory == .gibibytes(6))
        #expect(limits.attempt == .minutes(30))
    }

    @Test func `an image's digest is what follows the at sign`() {
        #expect(Image(name: "i", reference: "r/n:t@sha256:abc").digest == "sha256:abc")
        #expect(Image(name: "i", reference: "r:5000/n:t").digest == nil)
    }
}
