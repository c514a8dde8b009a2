// SPDX-License-Identifier: Apache-2.0
// swift-format-ignore-file: NeverUseForceTry

package import Foundation
import Glibc
import Synchronization
package import Testing

/// A program started in a process group of its own, its output in files; neither threads nor pipes are held.
package final class Program: Sendable {
    package let pid: pid_t
    private let name: String
    private let files: TemporaryFolder
    private let ended = Mutex<Int32?>(nil)

    /// Variables without the user's own configuration; that of git comes from `home`, if it is given.
    package static func environment(home: String? = nil) -> [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@canary.invalid", "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@canary.invalid", home == nil ? "GIT_CONFIG_GLOBAL" : "HOME": home ?? "/dev/null",
        ]
    }

    /// Starts `words[0]` of `PATH` in `folder` with exactly these variables; standard input is `input` or empty.
    package init(
        _ words: [String], in folder: String, environment: [String: String] = environment(), input: Data? = nil
    ) throws {
        name = words.joined(separator: " ")
        files = TemporaryFolder()
        try input?.write(to: URL(fileURLWithPath: files("in")))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input == nil ? "/dev/null" : files("in"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files("out"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, files("err"), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whoever starts the tests may ignore or block signals; the program begins as from a shell.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // `env -C`, because Glibc's spawn action for it is not visible to Swift.
        var arguments = (["/usr/bin/env", "-C", folder] + words).map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        arguments.append(nil)
        variables.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, arguments, variables)
        try #require(code == 0, "cannot start \(words[0]): \(String(cString: strerror(code)))")
        self.pid = pid
    }

    /// Runs a program to its end, without suspending.
    package static func run(
        _ words: [String], in folder: String = "/", environment: [String: String] = environment(), input: Data? = nil
    ) -> Ended {
        let program = try! Program(words, in: folder, environment: environment, input: input)
        while program.status(waiting: 0) == nil {}
        return program.result
    }

    /// What it printed so far on standard error.
    package var errorsSoFar: String { text(files("err")) ?? "" }
    /// What it printed so far on standard output.
    package var outputSoFar: String { text(files("out")) ?? "" }

    /// Whether it still runs.
    package var isRunning: Bool { status(waiting: WNOHANG) == nil }

    private func status(waiting options: Int32) -> Int32? {
        ended.withLock { ended in
            var status: Int32 = 0
            if ended == nil, waitpid(pid, &status, options) == pid {
                ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            }
            return ended
        }
    }

    private var result: Ended {
        let output = FileManager.default.contents(atPath: files("out")) ?? Data()
        return Ended(words: name, status: Int(ended.withLock { $0 ?? -1 }), data: output, errors: errorsSoFar)
    }

    /// Waits until `condition` holds while the program runs.
    package func until(
        location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(
            "`\(name)` (runs: \(isRunning)) said:\n\(errorsSoFar)\(outputSoFar)", while: isRunning, location: location,
            condition)
    }

    package func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for its end; after `seconds` its whole group is killed and the test fails.
    package func end(within seconds: Double = 60, location: SourceLocation = #_sourceLocation) async throws -> Ended {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var pause = Duration.milliseconds(1)
        while isRunning {
            if ContinuousClock.now > deadline {
                kill(-pid, SIGKILL)
                while isRunning { try await Task.sleep(for: .milliseconds(5)) }
                Issue.record("`\(name)` did not end within \(seconds) s:\n\(errorsSoFar)", sourceLocation: location)
            } else {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(10))
            }
        }
        return result
    }
}

/// A program that ended.
package struct Ended: CustomTestStringConvertible {
    package let words: String
    /// The exit status, or 128 + signal.
    package let status: Int
    package let data: Data
    package let errors: String

    package var output: String { String(decoding: data, as: UTF8.self) }
    package var testDescription: String {
        "`\(words)` exit \(status)\n--- stdout\n\(output.prefix(4000))\n--- stderr\n\(errors.prefix(4000))"
    }

    /// Fails the test if the exit status is a different one.
    @discardableResult
    package func expect(_ status: Int, location: SourceLocation = #_sourceLocation) -> Ended {
        if self.status != status {
            Issue.record("expected exit \(status): \(testDescription)", sourceLocation: location)
        }
        return self
    }
}

/// Runs a program, which must succeed unless it `may` fail, and returns what it printed.
///
/// Commits have a fixed date.
@discardableResult
package func shell(_ words: [String], in folder: String = "/", input: Data? = nil, may fail: Bool = false) -> String {
    let date = "1700000000 +0000"
    let environment = Program.environment().merging(["GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date]) { $1 }
    let ended = Program.run(words, in: folder, environment: environment, input: input)
    precondition(fail || ended.status == 0, ended.testDescription)
    return ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// Runs a script with a Python that has jsonschema and PyYAML, as the user would; nil, and a failed test, without one.
package func python(_ words: [String]) -> Ended? {
    for python in ["/usr/bin/python3", "python3"] {
        let ended = Program.run([python] + words, environment: ProcessInfo.processInfo.environment)
        if ![3, 126, 127].contains(ended.status) { return ended }
    }
    Issue.record("no Python with jsonschema and PyYAML: apt-get install python3-jsonschema python3-yaml")
    return nil
}

/// Waits until `condition` holds.
///
/// The test fails after a minute, or as soon as `isPossible` is false.
package func eventually(
    _ failure: @autoclosure () -> String = "waited in vain", every pause: Duration = .milliseconds(5),
    while isPossible: @autoclosure () -> Bool = true, location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        let isWaiting = isPossible() && ContinuousClock.now < deadline
        try #require(isWaiting, "\(failure())", sourceLocation: location)
        try await Task.sleep(for: pause)
    }
}

/// Runs CMake; it waits for ever where SIGCHLD is blocked, as it is in the threads that tests run in.
package func cmake(_ words: [String], variables: [String: String] = [:]) {
    shell(["--default-signal"] + variables.map { "\($0)=\($1)" } + ["cmake"] + words)
}
