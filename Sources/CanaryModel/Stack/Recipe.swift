// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// A stage of an attempt; the cases are in the order in which they run.
package enum Stage: String, CaseIterable, Codable, Sendable, Comparable {
    case fetch
    case configure
    case build
    case install
    case test
    case inspect

    /// The stages that a manifest may script; the others belong to Canary.
    package static let scripted: [Stage] = [.configure, .build, .install, .test]

    package static func < (left: Stage, right: Stage) -> Bool { left.position < right.position }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The script of a stage, run by `/bin/sh -eu` in `$CANARY_BUILD`.
package struct StageScript: Hashable, Codable, Sendable {
    /// The stage.
    package let stage: Stage
    /// The script's text.
    package let run: String

    /// Makes the script of `stage`.
    package init(stage: Stage, run: String) {
        self.stage = stage
        self.run = run
    }
}

/// How a project is built: its stages in order, and whether they may use the network.
package struct Recipe: Hashable, Codable, Sendable {
    /// At most one script per stage, sorted by stage.
    package let stages: [StageScript]
    /// Whether the stages may reach the network.
    package let network: Bool
    /// The variables that the scripts name and that are therefore part of the key.
    package let variables: [KeyVariable]

    private enum CodingKeys: String, CodingKey {
        case stages, network
    }

    /// Makes a recipe; the scripts are sorted by stage.
    package init(stages: [StageScript], network: Bool) {
        self.stages = stages.sorted { $0.stage < $1.stage }
        self.network = network
        variables = KeyVariable.named(in: stages.map(\.run).joined(separator: "\n"))
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            stages: try container.decode([StageScript].self, forKey: .stages),
            network: try container.decode(Bool.self, forKey: .network))
    }

    /// The same recipe cut off after `stage`, as `run --until` builds it.
    ///
    /// It has a different key unless nothing is cut off.
    package func until(_ stage: Stage) -> Recipe {
        Recipe(stages: stages.filter { $0.stage <= stage }, network: network)
    }
}

/// The short form `cmake:` of a manifest.
package struct CMakeOptions: Hashable, Sendable {
    /// Cache variables, without `-D`.
    package let options: [String: String]
    /// Whether `ctest` runs after the install.
    package let test: Bool

    /// Makes the short form.
    package init(options: [String: String] = [:], test: Bool = false) {
        self.options = options
        self.test = test
    }

    /// The same with the options of `other` added or replaced.
    package func overlaid(options other: [String: String], test: Bool?) -> CMakeOptions {
        CMakeOptions(options: options.merging(other) { $1 }, test: test ?? self.test)
    }

    /// The stages that it expands to; without `network`, CMake must not download anything.
    package func recipe(network: Bool) -> Recipe {
        var definitions = [
            "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_INSTALL_PREFIX=\"$CANARY_PREFIX\"",
            "-DCMAKE_INSTALL_LIBDIR=lib",
            "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF",
        ]
        if !network { definitions.append("-DFETCHCONTENT_FULLY_DISCONNECTED=ON") }
        definitions += options.sorted { $0.key < $1.key }.map { "-D\($0.key)=\(ShellWord.quoted($0.value))" }
        let configure = "cmake -S \"$CANARY_SOURCE\" -B . -G Ninja " + definitions.joined(separator: " ")
        var stages = [
            StageScript(stage: .configure, run: configure),
            StageScript(stage: .build, run: "cmake --build . --parallel \"$CANARY_JOBS\""),
            StageScript(stage: .install, run: "cmake --install ."),
        ]
        if test {
            let run = "ctest --output-on-failure --no-tests=error --output-junit \(TestReport.file)"
            stages.append(StageScript(stage: .test, run: run + " --parallel \"$CANARY_JOBS\""))
        }
        return Recipe(stages: stages, network: network)
    }
}
