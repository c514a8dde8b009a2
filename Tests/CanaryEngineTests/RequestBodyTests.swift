// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation
import Testing

@testable import CanaryEngine

@Suite("Wish") struct WishTests {
    private func stack() throws -> Stack {
        let recipe = Recipe(stages: [StageScript(stage: .build, run: "true")], network: false)
        let projects = ["imath", "openexr"].map {
            Project(name: $0, location: .repository("/x"), builds: ["v": VariantBuild(recipe: recipe)])
        }
        return Stack(
            name: "mini", variants: [Variant(name: "v", image: nil, lanes: [.head])],
            graph: try ProjectGraph(projects))
    }

    private func read(_ text: String, isTrusted: Bool = false) throws -> RequestBody {
        try RequestText.read(text, for: try stack(), isTrusted: isTrusted)
    }

    @Test func `the contract's requests are read`() throws {
        var run = RunRequest()
        run.trigger = "request"
        #expect(try read(#"{"kind": "run", "projects": [], "variants": [], "lanes": []}"#) == .run(run))
        run.projects = ["imath"]
        run.lanes = [.head]
        #expect(try read(#"{"kind": "run", "projects": ["imath"], "lanes": ["head"]}"#) == .run(run))
        #expect(
            try read(#"{"kind": "try", "changes": {"imath": "refs/pull/1/head"}}"#)
                == .attempt(changes: ["imath": "refs/pull/1/head"]))
        #expect(
            try read(#"{"kind": "bisect", "downstream": "openexr", "upstream": null, "good": null, "bad": null}"#)
                == .search(downstream: "openexr", upstream: nil, good: nil, bad: nil))
        #expect(try read(#"{"kind": "cancel", "id": "q1"}"#) == .cancel(id: "q1"))
    }

    @Test(arguments: [
        ("", "the request is no JSON object"), ("[]", "the request is no JSON object"),
        ("{}", "`kind` is missing\nhint: one of `run`, `try`, `bisect`, `cancel`"),
        (#"{"kind": "walk"}"#, "`kind` is `walk`\nhint: one of `run`, `try`, `bisect`, `cancel`"),
        (#"{"kind": 1}"#, "`kind` is not text"),
        (
            #"{"kind": "run", "projects": ["imat"]}"#,
            "the stack has no project `imat`\nhint: did you mean `imath`?"
        ),
        (#"{"kind": "run", "variants": ["w"]}"#, "the stack has no variant `w`\nhint: did you mean `v`?"),
        (#"{"kind": "run", "lanes": ["slow"]}"#, "there is no lane `slow`\nhint: head, release or platform"),
        (#"{"kind": "run", "projects": "imath"}"#, "`projects` is not a list of names"),
        (#"{"kind": "run", "projects": [1]}"#, "`projects` is not a list of names"),
        (
            #"{"kind": "run", "project": ["imath"]}"#,
            "a request of this kind has no `project`\nhint: did you mean `projects`?"
        ),
        (#"{"kind": "run", "sources": {"imath": "/etc"}}"#, nil),
        (#"{"kind": "try", "changes": {}}"#, "`changes` is empty\nhint: expected `{\"project\": \"ref\"}`"),
        (
            #"{"kind": "try", "changes": {"imath": "--upload-pack=x"}}"#,
            "expected a revision that git accepts, found `--upload-pack=x`"
        ),
        (#"{"kind": "try", "changes": {"imath": "a\nb"}}"#, "expected a revision that git accepts, found `a\\u{a}b`"),
        (#"{"kind": "bisect"}"#, "`downstream` is missing"),
        (
            #"{"kind": "bisect", "downstream": "openexr", "good": "-x"}"#,
            "expected a revision that git accepts, found `-x`"
        ),
        (#"{"kind": "cancel"}"#, "`id` is missing\nhint: the id of a request or of a run"),
    ])
    func `what cannot be is refused with a reason`(text: String, expected: String?) throws {
        let error = #expect(throws: EngineError.self) { try read(text) }
        #expect(error?.code == .badRequest)
        if let expected { #expect(error?.description == expected) }
    }

    @Test func `a command's run comes back as it went`() throws {
        var request = RunRequest()
        request.projects = ["imath"]
        request.downstream = true
        request.variants = ["v"]
        request.lanes = [.head]
        request.forced = true
        request.failedOnly = true
        request.until = .build
        request.trigger = "me"
        request.overrides.sources = ["imath": "/somewhere"]
        request.overrides.revisions = ["openexr": "v1"]
        #expect(try read(RequestText.text(of: request), isTrusted: true) == .run(request))
        #expect(try read(RequestText.text(of: RunRequest()), isTrusted: true) == .run(RunRequest()))
        #expect(throws: EngineError.self) { try read(RequestText.text(of: request), isTrusted: false) }
    }
}
