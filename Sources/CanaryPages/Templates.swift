// SPDX-License-Identifier: Apache-2.0

import Mustache

/// The templates.
///
/// They are embedded, so that the program is a single file that works wherever it is copied.
///
/// Two braces escape (`HTMLText`); three insert HTML that we drew ourselves: icons, drawings, logs. A line break
/// within `{{!` and `}}` is not part of the page. A new file of the folder needs an entry in `files`.
enum Templates {
    static let files = [
        ("attempts", PackageResources.attempts_mustache),
        ("change", PackageResources.change_mustache),
        ("commit", PackageResources.commit_mustache),
        ("culprit", PackageResources.culprit_mustache),
        ("episode", PackageResources.episode_mustache),
        ("error", PackageResources.error_mustache),
        ("frame", PackageResources.frame_mustache),
        ("index", PackageResources.index_mustache),
        ("job", PackageResources.job_mustache),
        ("jobEpisode", PackageResources.jobEpisode_mustache),
        ("jobRuns", PackageResources.jobRuns_mustache),
        ("link", PackageResources.link_mustache),
        ("log", PackageResources.log_mustache),
        ("matrix", PackageResources.matrix_mustache),
        ("problem", PackageResources.problem_mustache),
        ("run", PackageResources.run_mustache),
        ("runJobs", PackageResources.runJobs_mustache),
        ("search", PackageResources.search_mustache),
        ("time", PackageResources.time_mustache),
        ("vector", PackageResources.vector_mustache),
    ]

    /// Renders `view` with the template `name`.
    static func render(_ view: some Sendable, _ name: String) -> String {
        (library.render(view, withTemplate: name) ?? "") + "\n"
    }

    /// All templates by name, parsed once.
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(HTMLContent(), named: "SAFE")
        var library = MustacheLibrary()
        for (name, bytes) in files {
            // Partials are parts of lines: the newline at the end of a file is not part of its template.
            let text = String(decoding: bytes.dropLast(), as: UTF8.self)
            do {
                try library.register("{{% CONTENT_TYPE:SAFE}}" + text, named: name)
            } catch {
                preconditionFailure("cannot parse the template `\(name)`: \(error)")
            }
        }
        return library
    }()
}
