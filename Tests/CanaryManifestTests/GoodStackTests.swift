// SPDX-License-Identifier: Apache-2.0

import CanaryManifest
import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@Suite struct `Good stacks` {
    private func load(_ files: [String: String], runtime: RuntimeChoice? = nil) throws -> Stack {
        let loaded = try TestStack(files).load(runtime: runtime)
        #expect(loaded.diagnostics.map(\.description) == [])
        return try #require(loaded.stack)
    }

    @Test func `every key of the stack is kept`() throws {
        let stack = try load(Example.files)
        #expect(stack.name == "aswf")
        #expect(stack.title == "Academy Software Foundation, top of tree")
        #expect(stack.runtime == .auto)
        #expect(stack.fallback == .lastKnownGood)
        #expect(stack.siteURL == nil)
        let image2026 = Image(
            name: "ci-vfxall-2026", reference: "aswf/ci-vfxall:2026@sha256:\(String(repeating: "a", count: 64))",
            year: 2026, environment: ["CI": "1"])
        let image2025 = Image(
            name: "ci-vfxall-2025", reference: "aswf/ci-vfxall:2025@sha256:\(String(repeating: "b", count: 64))")
        #expect(
            stack.variants == [
                Variant(name: "vfx2026", image: image2026, lanes: [.head, .release]),
                Variant(name: "vfx2025", image: image2025, lanes: [.head], schedule: try CronSchedule("0 3 * * 0")),
            ])
        #expect(
            stack.operation
                == Operation(
                    schedule: try CronSchedule("0 3 * * *"), poll: .minutes(15), digest: try CronSchedule("0 8 * * *"),
                    backup: Backup(folder: "backups", every: .days(1), keep: 14), keepLogs: .days(90)))
        #expect(stack.limits == HostLimits(jobs: 2, store: .gibibytes(100), hours: 24, probes: 20))
        #expect(
            stack.policy
                == Policy(
                    reruns: 1, pageAfterAge: .span(.hours(18)), pageAfterHeads: 2, orAfterAge: .hours(36),
                    orAfterRuns: 3,
                    reprobe: .hours(4)))
        #expect(
            stack.notify == [
                NotifyTarget(
                    name: "oiio-chat", kind: .webhook(format: .slack, urlVariable: "CANARY_OIIO_WEBHOOK"),
                    projects: ["openimageio"]),
                NotifyTarget(
                    name: "issues", kind: .githubIssue(repository: "owner/name", tokenVariable: "CANARY_GITHUB_TOKEN")),
                NotifyTarget(name: "local", kind: .command(["mail", "-s", "canary", "root"])),
                NotifyTarget(name: "file", kind: .file("notices.jsonl")),
            ])
    }

    @Test func `every key of a project is kept`() throws {
        let project = try #require(try load(Example.files).graph["openimageio"])
        let january = Date(timeIntervalSince1970: 1_801_353_600)
        #expect(project.title == "OpenImageIO")
        #expect(
            project.location == .repository("https://github.com/AcademySoftwareFoundation/OpenImageIO.git"))
        #expect(project.branch == "main")
        #expect(project.releaseTags == "v*")
        #expect(
            project.upstreams == [
                Upstream(project: "imath"), Upstream(project: "openexr"),
                Upstream(project: "openvdb", optional: true),
                Upstream(project: "fmt", pin: Pin(revision: "11.2.0", until: january, reason: "...")),
                Upstream(project: "opencolorio", proof: ["OpenColorIO_INCLUDE_DIR"]),
            ])
        #expect(project.ignore.patterns == ["docs/**", ".github/**", "**/*.md"])
        #expect(project.provides.packages == ["OpenImageIO"])
        #expect(project.provides.files == ["include/OpenImageIO", "lib*/libOpenImageIO*", "lib*/cmake/OpenImageIO"])
        #expect(!project.submodules)
        #expect(project.owners == ["@oiio-maintainers"])
        #expect(project.hold == nil)
        #expect(
            project.expectedFailures == [
                ExpectedFailure(
                    variant: "vfx2025", lane: .head, issue: "https://example.org/1", reason: "...", until: january,
                    match: "regex on the first error")
            ])
        #expect(project.variants == ["vfx2025", "vfx2026"])
    }

    @Test func `a variant's options and limits are laid over the project's`() throws {
        let builds = try #require(try load(Example.files).graph["openimageio"]).builds
        let common = ["USE_PYTHON": "OFF", "OIIO_BUILD_TESTS": "OFF"]
        let limits = AttemptLimits(attempt: .minutes(30), memory: .gibibytes(6))
        let special = common.merging(["CMAKE_CXX_STANDARD": "20"]) { $1 }
        #expect(
            builds == [
                "vfx2025": VariantBuild(recipe: CMakeOptions(options: common).recipe(network: false), limits: limits),
                "vfx2026": VariantBuild(recipe: CMakeOptions(options: special).recipe(network: false), limits: limits),
            ])
    }

    @Test func `three lines make a stack, two a project`() throws {
        let stack = try load([:])
        #expect(stack.title == "demo")
        #expect(stack.runtime == .process)
        #expect(stack.variants == [Variant(name: "local", image: nil, lanes: [.head, .release])])
        #expect(stack.operation.schedule?.description == "0 3 * * *")
        #expect(stack.operation.digest?.description == "0 8 * * *")
        #expect(stack.operation.backup == nil)
        #expect(stack.limits == HostLimits())
        #expect(stack.policy == Policy())
        #expect(stack.notify.isEmpty)
        let project = try #require(stack.graph["imath"])
        #expect(project.title == "imath")
        #expect(project.branch == "main")
        #expect(project.location == .folder("imath"))
        #expect(project.releaseTags == nil)
        #expect(project.builds == ["local": VariantBuild(recipe: CMakeOptions().recipe(network: false))])
        #expect(stack.jobs.map(\.description) == ["imath@local/head", "imath@local/release"])
    }

    @Test func `null turns schedule and digest off, learn is an age`() throws {
        let stack = try load([
            "stack.yaml": """
            stack: demo
            runtime: process
            variants: {local: null}
            schedule: null
            digest: ~
            policy: {page-after: {age: learn}}
            """
        ])
        #expect(stack.operation.schedule == nil)
        #expect(stack.operation.digest == nil)
        #expect(stack.policy.pageAfterAge == .learned)
    }

    @Test func `text stays as it is written, whatever YAML makes of it`() throws {
        let stack = try load([
            "projects/imath.yaml": "project: imath\nsource: imath\n",
            "projects/openexr.yaml": """
            project: openexr
            title: 2026
            source: openexr
            branch: 1.10
            upstreams: [{project: imath, at: 0x10}]
            cmake: {options: {USE_PYTHON: OFF, STANDARD: 017, LIST: "a;b"}}
            """,
        ])
        let project = try #require(stack.graph["openexr"])
        #expect(project.title == "2026")
        #expect(project.branch == "1.10")
        #expect(project.upstreams == [Upstream(project: "imath", pin: Pin(revision: "0x10"))])
        let configure = try #require(project.builds["local"]?.recipe.stages.first?.run)
        #expect(configure.hasSuffix("-DLIST='a;b' -DSTANDARD='017' -DUSE_PYTHON='OFF'"))
    }

    @Test func `stages replace the short form, also in one variant alone`() throws {
        let stack = try load([
            "stack.yaml": "stack: demo\nruntime: process\nvariants: {a: {}, b: {}, c: {}}\n",
            "projects/x.yaml": """
            project: x
            source: x
            network: true
            only: [a, b]
            stages: [{stage: test, run: t}, {stage: build, run: b}]
            limits: {attempt: 1h, log: 1MiB}
            per-variant:
              b: {stages: [{stage: build, run: special}], limits: {log: 2MiB}}
            """,
        ])
        let project = try #require(stack.graph["x"])
        #expect(project.variants == ["a", "b"])
        #expect(project.builds.keys.sorted() == ["a", "b", "c"])
        let stages = [StageScript(stage: .build, run: "b"), StageScript(stage: .test, run: "t")]
        #expect(project.builds["a"]?.recipe == Recipe(stages: stages, network: true))
        #expect(
            project.builds["b"]
                == VariantBuild(
                    recipe: Recipe(stages: [StageScript(stage: .build, run: "special")], network: true),
                    limits: AttemptLimits(attempt: .hours(1), log: .mebibytes(2))))
    }

    @Test func `the command line's runtime wins`() throws {
        let files = ["stack.yaml": "stack: demo\nvariants: {vfx2026: {image: ci-vfxall-2026}}\n"]
        let stack = try load(files, runtime: .process)
        #expect(stack.runtime == .process)
        #expect(stack.variant("vfx2026")?.image == Image(name: "ci-vfxall-2026", reference: "ci-vfxall-2026"))
        #expect(try TestStack(files).load(runtime: .podman).stack == nil)
    }

    @Test func `a tag without digest is warned of, but not where nothing runs in it`() throws {
        let stack = try TestStack([
            "stack.yaml": "stack: demo\nvariants: {vfx2026: {image: x}}\n",
            "../containers/images.yaml": "x: {reference: example/x:1}\n",
        ])
        #expect(
            stack.problems() == """
                containers/images.yaml:1:16: warning: image `example/x:1` has no digest: the same tag may become another image
                  hint: canary images pin

                """)
        #expect(stack.load().stack?.variants.first?.image == Image(name: "x", reference: "example/x:1"))
        #expect(stack.load().imagesFile == "\(stack.root.path)/containers/images.yaml")
        #expect(stack.problems(runtime: .process) == "")
    }

    @Test func `an optional upstream outside the stack leaves no edge`() throws {
        let loaded = try TestStack([
            "projects/a.yaml": "project: a\nsource: a\nupstreams: [{project: zlib, optional: true}]\n"
        ]).load()
        #expect(loaded.stack?.graph["a"]?.upstreams == [])
        #expect(loaded.diagnostics.map(\.severity) == [.warning])
    }

    @Test func `a folder given with dots and slashes is shown as given`() throws {
        let scratch = try TestStack(["stack.yaml": "stack: demo\n"])
        let folder = scratch.folder + "/../manifests/"
        let loaded = ManifestLoader(folder: folder, now: TestStack.now).load()
        #expect(loaded.diagnostics.map(\.path) == ["\(scratch.folder)/../manifests/stack.yaml"])
    }
}
