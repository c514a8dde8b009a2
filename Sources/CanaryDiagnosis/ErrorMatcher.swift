// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Knows one kind of line that tells why a stage failed.
struct ErrorMatcher: Sendable {
    /// What such a line holds; all needles are searched in one pass.
    let needle: String
    /// Reads a line that holds the needle; nil when it is something else after all.
    let read: @Sendable (LogLine, LogRegion) -> Finding?

    init(_ needle: String, _ read: @escaping @Sendable (LogLine, LogRegion) -> Finding?) {
        self.needle = needle
        self.read = read
    }
}

extension ErrorMatcher {
    /// Recognisers of one kind of trouble; within a rank the first line that one of them knows counts.
    enum Rank: CaseIterable, Sendable {
        /// The machine, not the code.
        case machine
        /// CMake and other programs that configure.
        case configuring
        /// Compilers and linkers, and what runs them.
        case compiling
        /// What could not be had over the network.
        case fetching
        /// Programs, libraries and scripts that could not be run.
        case starting
        /// The last exception of Python that nobody caught.
        case python
        /// Programs that ended themselves.
        case crashing
        /// Frameworks of tests: what was expected of what.
        case testing
        /// Lines that say that something failed, but not what.
        case rest

        /// Whether the last line counts.
        var prefersLast: Bool { self == .python }

        var recognisers: [ErrorMatcher] {
            switch self {
            case .machine: HostError.recognisers
            case .configuring: CMakeError.recognisers + ConfigureScript.recognisers
            case .compiling: CompilerError.recognisers + LinkerError.recognisers + BuildTool.recognisers
            case .fetching: FetchError.recognisers
            case .starting: StartError.recognisers
            case .python: PythonError.recognisers
            case .crashing: Crash.recognisers
            case .testing: TestFailure.recognisers
            case .rest: GenericError.recognisers
            }
        }
    }

    /// What is searched of a scene of `stage`, the most telling first; ranks of one set count alike.
    static func ranks(of scene: LogRegion) -> [[Rank]] {
        switch scene.stage {
        case .configure:
            // Trial compilations print errors too, and what CMake says of a failed download comes behind it.
            [[.machine], [.configuring], [.fetching], [.starting], [.python], [.compiling], [.crashing], [.rest]]
        case .test:
            // What a test prints may look like any error.
            scene.isNarrow
                ? [[.machine], [.compiling, .configuring], [.testing], [.python], [.starting], [.crashing], [.rest]]
                : [[.testing], [.python], [.crashing], [.starting], [.machine], [.configuring], [.fetching], [.rest]]
        case .build, .install, .fetch, .inspect:
            scene.isNarrow
                ? [[.machine], [.compiling, .configuring, .fetching], [.starting], [.python], [.crashing], [.rest]]
                : [[.machine], [.compiling, .configuring], [.fetching], [.starting], [.python], [.crashing], [.rest]]
        }
    }
}
