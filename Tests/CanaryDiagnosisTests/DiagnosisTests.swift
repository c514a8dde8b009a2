// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryDiagnosis

/// A short log and what it is taken for.
struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stage: Stage
    let status: CanaryModel.ExitStatus
    let log: String
    let reason: ReasonCode
    let text: String
    let file: String?
    let line: Int?

    init(
        _ name: String, _ stage: Stage, _ status: CanaryModel.ExitStatus = .code(1), log: String, is reason: ReasonCode,
        text: String, at file: String? = nil, _ line: Int? = nil
    ) {
        testDescription = name
        self.stage = stage
        self.status = status
        self.log = log
        self.reason = reason
        self.text = text
        self.file = file
        self.line = line
    }
}

@Suite("Diagnosis")
struct DiagnosisTests {
    static let places = AttemptPaths(
        source: "/s/attempts/a1/source", build: "/s/attempts/a1/build", prefix: "/s/prefixes/openexr/k1",
        home: "/s/attempts/a1/home", temporary: "/s/attempts/a1/tmp",
        upstreamPrefix: ["imath": "/s/prefixes/imath/k2"])

    private func outcome(_ cause: AttemptEnd.Cause, log: String, machine: MachineState? = nil) -> Outcome {
        Diagnosis.outcome(
            of: AttemptEnd(cause: cause, stages: [], logBytes: log.utf8.count, machine: machine), log: LogExcerpt(log),
            names: PathNames(Self.places))
    }

    @Test(arguments: samples + dialects) func `a log gives the expected reason and first error`(_ sample: Sample) {
        let outcome = outcome(.stageFailed(sample.stage, sample.status), log: sample.log)
        #expect(outcome.reason == sample.reason)
        #expect(outcome.result == sample.reason.result)
        #expect(outcome.stage == sample.stage)
        #expect(outcome.firstError == FirstError(text: sample.text, file: sample.file, line: sample.line))
        #expect(outcome.fingerprint?.count ?? 18 == 18)
    }

    @Test func `an empty log has a reason, and no fingerprint`() {
        let outcome = outcome(.stageFailed(.install, .code(2)), log: "\n\n")
        #expect(outcome.reason == .installOther)
        #expect(outcome.firstError == nil)
        #expect(outcome.fingerprint == nil)
    }

    @Test func `an attempt that did not fail needs no log`() {
        #expect(outcome(.completed, log: "a.cpp:1: error: x") == .passed)
        #expect(outcome(.cancelled(.build), log: "") == Outcome(result: .cancelled, stage: .build))
        #expect(outcome(.cancelled(nil), log: "") == Outcome(result: .cancelled))
    }

    @Test func `a limit reports the last line, but its fingerprint does not cover it`() {
        let first = outcome(.limit(.limitSilence, .test), log: "test 1\n\n")
        let second = outcome(.limit(.limitSilence, .test), log: "test two\n")
        #expect(first.result == .timedOut)
        #expect(first.firstError?.text == "test 1")
        #expect(first.fingerprint == second.fingerprint)
        #expect(first.fingerprint != outcome(.limit(.limitAttempt, .test), log: "").fingerprint)
    }

    @Test(arguments: [
        ("make: *** [all] Error 137", 2, ReasonCode.environmentKilled), ("", 137, .environmentKilled),
        ("tool.sh: line 3:  4711 Killed                  make -j8", 1, .environmentKilled),
        ("cp: write error: No space left on device", 1, .environmentDiskFull),
    ])
    func `what a build says of the machine counts when the machine agrees`(
        log: String, status: Int, reason: ReasonCode
    ) {
        func reasons(_ machine: MachineState?) -> ReasonCode? {
            outcome(.stageFailed(.build, .code(status)), log: log + "\n", machine: machine).reason
        }
        #expect(reasons(nil) == reason)
        #expect(reasons(MachineState(oomKills: 1, isDiskShort: true)) == reason)
        #expect(reasons(MachineState(oomKills: 0, isDiskShort: false)) == .buildOther)
    }

    @Test func `a step that was killed though the machine does not agree hides no error of another`() {
        let killed = "FAILED: b.o\nc++ -c b.cpp\nc++: fatal error: Killed signal terminated program cc1plus\n"
        let error = "FAILED: a.o\nc++ -c a.cpp\na.cpp:1:18: error: 'up' has not been declared\n"
        func reason(_ log: String, oomKills: Int) -> ReasonCode? {
            let machine = MachineState(oomKills: oomKills, isDiskShort: false)
            return outcome(.stageFailed(.build, .code(1)), log: log + "ninja: build stopped\n", machine: machine).reason
        }
        for log in [killed + error, error + killed] { #expect(reason(log, oomKills: 0) == .buildCompiler) }
        #expect(reason(error + killed, oomKills: 1) == .buildCompiler)
        #expect(reason(killed + error, oomKills: 1) == .environmentKilled)
    }

    @Test(arguments: [
        "    3 |     if (e == 28) throw Error(\"write: No space left on device\");",
        "        throw Error(\"write: Cannot allocate memory\");", "+ echo cp: x: No space left on device",
        "half.cpp:3:2: error: #error cp: No space left on device", "as it must be: No space left on device",
        "half.cpp:3:2: error: static assertion failed: alloc: Cannot allocate memory",
        "checking whether `cp: No space left on device` is understood", "the worker was killed",
        "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held: open (11: Resource temporarily unavailable)",
        "see https://example.org/out-of-memory: out of memory", "make: warning:  Clock skew detected.",
        "half.h:1:1: note: 'std::bad_alloc' declared here", "no such word: 'No space left on device' expected",
    ])
    func `what only quotes the machine does not blame it`(line: String) {
        let reason = outcome(.stageFailed(.build, .code(1)), log: line + "\n").reason
        #expect(reason?.isHosts == false)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "make[2]: *** [Makefile:3: half.o] Error 1\n", "FAILED: half.o\nc++\n",
            "make: [Makefile:3: half.o] Error 1 (ignored)\n",
            "make[2]: *** [f:3: h] Error 1\nmake: *** [f:3: h] Error 1\nmake: *** Waiting for unfinished jobs....\n",
            "ninja: build stopped: subcommand failed.\n", "cp: x: No space left on device,\n",
            "[   12s] [   12s] x: error: \n",
            "Traceback (most recent call last):\n", "Stack dump:\n",
            "make: *** [x] Error 1\nmake: Target 'x' not remade because of errors.\n",
        ])
    func `many lines of a tool take linear time`(lines: String) {
        let log = String(repeating: lines, count: 200_000 / lines.utf8.count)
        let machine = MachineState(oomKills: 0, isDiskShort: false)
        #expect(outcome(.stageFailed(.build, .code(1)), log: log, machine: machine).firstError != nil)
    }

    @Test(arguments: [
        "fatal: unable to access 'https://x/': Could not resolve host: x", "fatal: couldn't find remote ref x",
        "curl: (22) The requested URL returned error: 404",
    ])
    func `without a network none has failed`(log: String) {
        func reason(hasNetwork: Bool) -> ReasonCode? {
            let machine = MachineState(oomKills: 0, isDiskShort: false, hasNetwork: hasNetwork)
            return outcome(.stageFailed(.build, .code(1)), log: log + "\n", machine: machine).reason
        }
        #expect(reason(hasNetwork: true)?.fault == .environment)
        #expect(reason(hasNetwork: false)?.fault == .change)
    }

    @Test func `words about an engine are never its own in a stage`() {
        let log = "Error: OCI runtime error: manifest unknown\na.cpp:1:1: error: no\n"
        let machine = MachineState(oomKills: 1, isDiskShort: true)
        let outcome = outcome(.stageFailed(.build, .code(1)), log: log, machine: machine)
        #expect(outcome.reason == .buildCompiler)
    }

    @Test func `an infrastructure failure reports the message of the backend`() {
        let outcome = outcome(.infrastructure(.environmentDiskFull, .build, detail: "cannot write"), log: "")
        #expect(outcome.result == .error)
        #expect(outcome.firstError?.text == "cannot write")
    }

    @Test func `a fingerprint ignores numbers, addresses and folders`() {
        let logs = [
            "/s/attempts/a1/source/src/a.cpp:12:3: error: no member 'x_2' at 0x7ffe12 in '/usr/include/c++/12/map'",
            "/s/attempts/a1/source/src/a.cpp:99:1: error: no member 'x_2' at 0xdeadbe in '/opt/gcc/map'",
        ]
        let prints = logs.map { outcome(.stageFailed(.build, .code(1)), log: $0).fingerprint }
        #expect(prints[0] == prints[1])
        let other = outcome(.stageFailed(.build, .code(1)), log: "src/a.cpp:1:1: error: no member 'y_2'")
        #expect(other.fingerprint != prints[0])
        #expect(outcome(.stageFailed(.test, .code(1)), log: logs[0]).fingerprint != prints[0])
        #expect(StableText.folded("b/c.h:12: 'lib/x/Imf_3_2' 0x1F a/") == "c.h:#: 'Imf' # a")
    }

    @Test func `the text of an error has a limited length`() {
        let log = "a.cpp:1:1: error: " + String(repeating: "x", count: 100_000)
        #expect(outcome(.stageFailed(.build, .code(1)), log: log).firstError?.text.count == 500)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["error: ", "x", "CMake Error"])
    func `one line of 50 MB takes linear time`(_ piece: String) {
        let log = String(repeating: piece, count: 50_000_000 / piece.utf8.count)
        #expect(outcome(.stageFailed(.build, .code(1)), log: log).firstError != nil)
    }

    @Test(.timeLimit(.minutes(1))) func `many lines that look like errors take linear time`() {
        let log = String(repeating: "some error: not one\nCMake Errors\n", count: 60_000) + "last\n"
        let outcome = outcome(.stageFailed(.build, .code(1)), log: log)
        #expect(outcome.reason == .buildOther)
        #expect(outcome.firstError?.text == "last")
    }
}
