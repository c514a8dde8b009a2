// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryProcesses
import Foundation
import Glibc

/// What builds of the process runtime depend on besides their inputs: this machine and its tools.
package struct ProcessEnvironment: Hashable, Sendable {
    /// The start of the ids of such environments.
    package static let idPrefix = "process:"
    /// The tools whose versions are part of the id.
    package static let tools = ["cc", "c++", "ld", "cmake", "ninja"]

    /// The machine as `uname -m` prints it.
    package let machine: String
    /// The text of `/etc/os-release`; empty if there is none.
    package let system: String
    /// The first line that each tool prints for `--version`, in the order of `tools`; `absent` for a missing tool.
    package let versions: [String]

    /// The environment id: `process:` and 64 hexadecimal digits.
    package var id: String {
        var hasher = FieldHasher()
        hasher.add(machine)
        hasher.add(system)
        for (tool, version) in zip(Self.tools, versions) {
            hasher.add(tool)
            hasher.add(version)
        }
        return Self.idPrefix + hasher.finish()
    }

    /// Describes this machine; runs all tools at the same time.
    package static func current() async -> ProcessEnvironment {
        let versions = await withTaskGroup(of: (Int, String).self) { group in
            for (index, tool) in tools.enumerated() {
                group.addTask { (index, await version(of: tool)) }
            }
            return await group.reduce(into: Array(repeating: "absent", count: tools.count)) { $0[$1.0] = $1.1 }
        }
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        return ProcessEnvironment(machine: machineName(), system: system, versions: versions)
    }

    private static func version(of tool: String) async -> String {
        let paths: [String] = StageEnvironment.path.split(separator: ":").map { "\($0)/\(tool)" }
        guard let path = paths.first(where: { (path: String) in access(path, X_OK) == 0 }) else { return "absent" }
        let command = Command(path, ["--version"], variables: ["PATH": StageEnvironment.path, "LANG": "C.UTF-8"])
        let answer = try? await CapturedProcess.run(command, within: .seconds(60))
        let text = String(decoding: answer?.output ?? [], as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "silent"
    }

    private static func machineName() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
