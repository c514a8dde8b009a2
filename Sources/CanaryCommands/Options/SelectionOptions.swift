// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryEngine
import CanaryModel
import Foundation

/// The options that select the jobs of `plan` and `run`.
struct SelectionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Only these projects, with the builds they need.", valueName: "project"))
    var projects: [String] = []

    @Flag(name: .long, help: "Also everything downstream of the named projects.")
    var downstream = false

    @Option(name: .long, help: "Only this variant; can be repeated.")
    var variant: [String] = []

    @Option(name: .long, help: "Only this lane; can be repeated.")
    var lane: [Lane] = []

    @Flag(name: .long, help: "Build the selected jobs even if a stored result could be reused.")
    var force = false

    @Flag(name: .long, help: "Only jobs whose last result is not a pass.")
    var failed = false

    @Option(name: .long, help: "Stop the selected jobs' builds after this stage; changes no verdict.")
    var until: Stage?

    @Option(
        name: .long,
        help: ArgumentHelp("Build exactly the revisions of this lock document; changes no verdict.", valueName: "file"))
    var lock: String?

    @OptionGroup var overrides: OverrideOptions

    /// The run request of these options.
    func request() throws -> RunRequest {
        guard !downstream || !projects.isEmpty else {
            throw BadInput(text: "`--downstream` needs a project", hint: "canary run PROJECT --downstream")
        }
        if let until, !Stage.scripted.contains(until) {
            let known = Stage.scripted.map(\.rawValue).joined(separator: ", ")
            throw BadInput(text: "`--until \(until.rawValue)`: no recipe has that stage", hint: "one of \(known)")
        }
        var request = RunRequest()
        request.projects = projects
        request.downstream = downstream
        request.variants = variant
        request.lanes = lane
        request.failedOnly = failed
        request.forced = force
        request.until = until
        request.overrides = try overrides.overrides()
        if let lock { request.overrides.revisions.merge(try Lock(file: lock).revisions) { given, _ in given } }
        return request
    }
}

/// The part of a lock document that a run needs.
struct Lock: Decodable {
    let revisions: [String: String]

    init(file: String) throws {
        let data = try? Data(contentsOf: URL(fileURLWithPath: file))
        guard let lock = data.flatMap({ try? JSONDecoder().decode(Lock.self, from: $0) }),
            lock.revisions.values.allSatisfy({ $0.wholeMatch(of: /[0-9a-f]{40}([0-9a-f]{24})?/) != nil })
        else {
            throw BadInput(
                text: "`\(file)` is not a lock document", hint: "expected JSON with `revisions: {project: full SHA}`")
        }
        self = lock
    }
}
