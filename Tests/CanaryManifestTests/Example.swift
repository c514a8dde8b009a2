// SPDX-License-Identifier: Apache-2.0

/// The family as the manual shows it: every key is written.
enum Example {
    static let files: [String: String] = {
        var files = [
            "stack.yaml": stack, "projects/openimageio.yaml": openimageio, "../containers/images.yaml": images,
        ]
        for name in ["imath", "openexr", "openvdb", "fmt", "opencolorio"] {
            files["projects/\(name).yaml"] = "project: \(name)\nrepository: https://example.org/\(name).git\n"
        }
        return files
    }()

    static let stack = """
        stack: aswf
        title: Academy Software Foundation, top of tree
        images: ../containers/images.yaml
        runtime: auto                  # auto (podman, else docker, else an error) | podman | docker | process
        fallback: lkg                  # lkg | none: what a downstream of a red upstream is built against
        site-url: null                 # base of the links in notices and feeds
        variants:
          vfx2026: {image: ci-vfxall-2026}
          vfx2025: {image: ci-vfxall-2025, lanes: [head], schedule: "0 3 * * 0"}
        lanes: [head, release]
        schedule: "0 3 * * *"          # cron, UTC
        poll: 15m                      # the daemon looks for moved heads
        digest: "0 8 * * *"
        backup: {to: backups, every: 1d, keep: 14}
        keep: {logs: 90d}
        limits:
          {jobs: 2, store: 100GiB, hours: 24, probes: 20, attempt: 2h, silence: 20m, log: 64MiB, memory: 8GiB, processes: 4096}
        policy:
          {reruns: 1, page-after: {age: 18h, heads: 2}, or-after: {age: 36h, runs: 3}, reprobe: 4h}
        notify:
          - {name: oiio-chat, kind: webhook, format: slack, url-env: CANARY_OIIO_WEBHOOK, projects: [openimageio]}
          - {name: issues, kind: github-issue, repository: owner/name, token-env: CANARY_GITHUB_TOKEN}
          - {name: local, kind: command, run: ["mail", "-s", "canary", "root"]}
          - {name: file, kind: file, path: notices.jsonl}

        """

    static let openimageio = """
        project: openimageio
        title: OpenImageIO
        repository: https://github.com/AcademySoftwareFoundation/OpenImageIO.git
        branch: main
        release-tags: "v*"
        upstreams:
          - imath                                  # short for {project: imath}
          - {project: openexr}
          - {project: openvdb, optional: true}
          - {project: fmt, at: "11.2.0", until: 2027-01-31, reason: "..."}
          - {project: opencolorio, proof: [OpenColorIO_INCLUDE_DIR]}
        ignore: ["docs/**", ".github/**", "**/*.md"]
        provides: {packages: [OpenImageIO], files: ["include/OpenImageIO", "lib*/libOpenImageIO*", "lib*/cmake/OpenImageIO"]}
        cmake:
          options: {USE_PYTHON: "OFF", OIIO_BUILD_TESTS: "OFF"}
          test: false
        per-variant: {vfx2026: {cmake: {options: {CMAKE_CXX_STANDARD: "20"}}}}
        only: [vfx2025, vfx2026]
        limits: {attempt: 30m, memory: 6GiB}
        network: false
        submodules: false
        owners: ["@oiio-maintainers"]
        hold: null
        expected-failures:
          - {variant: vfx2025, lane: head, issue: https://example.org/1, reason: "...", until: 2027-01-31, match: "regex on the first error"}

        """

    static let images = """
        ci-vfxall-2026: {reference: "aswf/ci-vfxall:2026@sha256:\(String(repeating: "a", count: 64))", year: 2026, env: {CI: 1}}
        ci-vfxall-2025: {reference: "aswf/ci-vfxall:2025@sha256:\(String(repeating: "b", count: 64))"}

        """
}
