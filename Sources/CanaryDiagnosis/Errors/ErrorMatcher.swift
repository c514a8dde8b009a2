// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Recognises one kind of line that explains why a stage failed.
struct ErrorMatcher: Sendable {
    /// The text that such a line contains; all needles are searched in one pass.
    let needle: String
    /// Reads a line that contains the needle; nil when it is not such a line after all.
    let read: @Sendable (LogLine, LogRegion) -> Finding?

    init(_ needle: String, _ read: @escaping @Sendable (LogLine, LogRegion) -> Finding?) {
        self.needle = needle
        self.read = read
    }
}

extension ErrorMatcher {
    /// Matchers for one kind of problem; of one rank, the first matching line counts.
    enum Rank: CaseIterable, Sendable {
        /// The machine, not the code.
        case machine
        /// CMake and other programs that configure.
        case configuring
        /// Compilers and linkers, and what runs them.
        case compiling
        /// Downloads and other network access.
        case fetching
        /// Programs, libraries and scripts that could not be run.
        case starting
        /// The last uncaught exception of Python.
        case python
        /// Programs that crashed.
        case crashing
        /// Test frameworks.
        case testing
        /// Lines that say only that something failed.
        case rest

        /// What tells why a stage ended although it is no output of a failed step.
        static let decisive: [[Rank]] = [[.machine, .compiling, .configuring], [.starting], [.python], [.crashing]]

        /// Whether the last matching line counts instead of the first.
        var prefersLast: Bool { self == .python }

        var matchers: [ErrorMatcher] {
            switch self {
            case .machine: HostError.matchers
            case .configuring: CMakeError.matchers + ConfigureScript.matchers
            case .compiling: CompilerError.matchers + LinkerError.matchers + BuildTool.matchers
            case .fetching: FetchError.matchers
            case .starting: StartError.matchers
            case .python: PythonError.matchers
            case .crashing: Crash.matchers
            case .testing: TestFailure.matchers
            case .rest: GenericError.matchers
            }
        }
    }

    /// The ranks to search in `region`, the best explanations first; ranks in one list are equal.
    static func ranks(of region: LogRegion) -> [[Rank]] {
        switch region.stage {
        case .configure:
            // Test compilations print errors too, and CMake reports a failed download after its cause.
            [[.machine], [.configuring], [.fetching], [.starting], [.python], [.compiling], [.crashing], [.rest]]
        case .test:
            // The output of a test may look like any error.
            region.isNarrow
                ? [[.machine], [.compiling, .configuring], [.testing], [.python], [.starting], [.crashing], [.rest]]
                : [[.testing], [.python], [.crashing], [.starting], [.machine], [.configuring], [.fetching], [.rest]]
        case .build, .install, .fetch, .inspect:
            region.isNarrow
                ? [[.machine], [.compiling, .configuring, .fetching], [.starting], [.python], [.crashing], [.rest]]
                : [[.machine], [.compiling, .configuring], [.fetching], [.starting], [.python], [.crashing], [.rest]]
        }
    }
}
