// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryModel
import Foundation
import Testing

@testable import CanaryDaemon

@Suite("Request body") struct RequestBodyTests {
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
        try RequestBody(text, for: try stack(), isTrusted: isTrusted)
    }

    @Test func `the four kinds of requests are decoded`() throws {
        var run = RunRequest()
        run.trigger = "request"
        #expect(try read(#"{"kind": "run", "projects": [], "variants": [], "lanes": []}"#) == .run(run))
        run.projects = ["imath"]
        run.lanes = [.head]
        #expect(try read(#"{"kind": "run", "projects": ["imath"], "lanes": ["head"]}"#) == .run(run))
        #expect(
            try read(#"{"kind": "try", "changes": {"imath": "refs/pull/1/head"}}"#)
                == .attempt(TryRequest(changes: ["imath": "refs/pull/1/head"])))
        #expect(
            try read(#"{"kind": "bisect", "downstream": "openexr", "upstream": null, "good": null, "bad": null}"#)
                == .search(UpstreamRequest(downstream: "openexr")))
        #expect(try read(#"{"kind": "cancel", "id": "q1"}"#) == .cancel(id: "q1"))
    }

    @Test(arguments: [
        ("", "the request body is not a JSON object"), ("[]", "the request body is not a JSON object"),
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
            "a request of this kind does not have `project`\nhint: did you mean `projects`?"
        ),
        (#"{"kind": "run", "sources": {"imath": "/etc"}}"#, nil),
        (#"{"kind": "try", "changes": {}}"#, "`changes` is empty\nhint: expected `{\"project\": \"ref\"}`"),
        (
            #"{"kind": "try", "changes": {"imath": "--upload-pack=x"}}"#,
            "expected a tag, a branch or a commit, found `--upload-pack=x`"
        ),
        (#"{"kind": "try", "changes": {"imath": "a\nb"}}"#, "expected a tag, a branch or a commit, found `a\\u{a}b`"),
        (#"{"kind": "bisect"}"#, "`downstream` is missing"),
        (
            #"{"kind": "bisect", "downstream": "openexr", "good": "-x"}"#,
            "expected a tag, a branch or a commit, found `-x`"
        ),
        (#"{"kind": "run", "force": 1}"#, "`force` is not true or false"),
        (#"{"kind": "run", "force": "true"}"#, "`force` is not true or false"),
        (#"{"kind": "run", "lanes": {"head": true}}"#, "`lanes` is not a list of names"),
        (#"{"kind": "run", "projects": [null]}"#, "`projects` is not a list of names"),
        (#"{"kind": "try", "changes": ["imath"]}"#, "`changes` is not an object of texts"),
        (#"{"kind": "try", "changes": {"imath": true}}"#, "`changes` is not an object of texts"),
        (#"{"kind": "bisect", "downstream": ["openexr"]}"#, "`downstream` is not text"),
        (
            #"{"kind": "cancel", "id": "q1", "force": true}"#,
            "a request of this kind does not have `force`\nhint: known: kind, id"
        ),
        (#"{"kind": "run", "trigger": "me"}"#, nil), (#"{"kind": "run", "until": "build"}"#, nil),
        (#"{"kind": "run\u0000"}"#, "`kind` contains a NUL character"),
        (#"{"kind": "run", "projects": ["imath\u0000"]}"#, "`projects` contains a NUL character"),
        (#"{"kind": "try", "changes": {"imath": "a\u0000"}}"#, "`changes` contains a NUL character"),
        (#"{"kind": "try", "changes": {"imath\u0000": "a"}}"#, "`changes` contains a NUL character"),
        (#"{"kind": "cancel", "id": "\u0000"}"#, "`id` contains a NUL character"),
        (#"{"kind": "cancel"}"#, "`id` is missing\nhint: the id of a request or of a run"),
    ])
    func `unknown keys, wrong types, unknown names and NUL characters are refused`(text: String, expected: String?)
        throws
    {
        let error = #expect(throws: EngineError.self) { try read(text) }
        #expect(error?.code == .badRequest)
        if let expected { #expect(error?.description == expected) }
    }

    @Test func `a request is decoded as it was written`() throws {
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
        var search = UpstreamRequest(downstream: "openexr")
        search.upstream = "imath"
        search.bad = "main"
        for body: RequestBody in [
            .run(request), .run(RunRequest()), .attempt(TryRequest(changes: ["imath": "main"])), .search(search),
            .cancel(id: "q1"),
        ] {
            #expect(try read(body.text(), isTrusted: true) == body)
        }
        #expect(throws: EngineError.self) { try read(RequestBody.run(request).text()) }
        #expect(throws: EngineError.self) { try read(#"{"kind": "run", "until": "lunch"}"#, isTrusted: true) }
    }
}
