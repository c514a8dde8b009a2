// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryPages
import Foundation

/// A folder with one of every page, as a server would serve them, for tests in a browser.
enum SiteSample {
    /// Writes the pages of `samples` below `folder`, at the addresses that a server uses.
    static func write(_ samples: Samples, to folder: URL) async throws {
        let context = samples.context()
        try put(Page.index(IndexView(context, samples.facts)), "index.html", folder)
        try put(Page.style, "style.css", folder)
        try put(Page.script, "script.js", folder)
        for job in samples.stack.jobs.prefix(60) {
            try put(Page.job(JobView(context, samples.job(job))), "jobs/\(job).html", folder)
        }
        try put(Page.run(RunView(context, samples.run)), "runs/r0112.html", folder)
        try put(Page.search(SearchView(context, samples.search)), "searches/s0042.html", folder)
        let (log, stageStarts, error) = sampleLog(lines: 900)
        try put(
            Page.log(LogView(context, await samples.log(samples.outside(log), stageStarts: stageStarts, error: error))),
            "attempts/a0991.html", folder)
        try put(
            Page.log(LogView(context, await samples.log("configuring\n", running: true))), "attempts/a0992.html", folder
        )
        try put("first line\nsecond line\n\u{1F600} last line", "attempts/a0992/log", folder)
        try put(
            Page.problem(ProblemView(context, depth: 0, status: 404, text: samples.outside("there is no such page"))),
            "404.html", folder)
    }

    /// Writes the files of `feed --out` below `folder`.
    static func writeFiles(_ samples: Samples, to folder: URL) throws {
        let context = samples.context(.files)
        try put(Page.index(IndexView(context, samples.facts)), "index.html", folder)
        try put(Page.style, "style.css", folder)
        try put(Page.script, "script.js", folder)
        for job in samples.stack.jobs {
            try put(Page.job(JobView(context, samples.job(job))), Links.file(of: job), folder)
        }
    }

    private static func put(_ text: String, _ path: String, _ folder: URL) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    static func sampleLog(lines: Int) -> (text: String, stageStarts: [LogFacts.StageStart], error: String) {
        var text = ""
        var stageStarts: [LogFacts.StageStart] = []
        for stage in [Stage.fetch, .configure, .build] {
            stageStarts.append(LogFacts.StageStart(offset: text.utf8.count, stage: stage))
            for n in 0..<(stage == .build ? lines : 12) {
                switch stage {
                case .build where n == lines - 30:
                    text += "\u{1B}[01m\u{1B}[Ksrc/image.cpp:44:1:\u{1B}[m\u{1B}[K \u{1B}[01;31m\u{1B}[Kerror: "
                    text += "\u{1B}[m\u{1B}[K'OIIO_NAMESPACE_USING' does not name a type\n"
                case .build:
                    text += "\u{1B}[32m[\(n)/\(lines)] Building CXX object src/CMakeFiles/a.dir/f\(n).o\u{1B}[0m\n"
                case .configure: text += "-- Performing Test HAVE_FLAG_\(n) - \u{1B}[1;32mSuccess\u{1B}[0m\n"
                default: text += "remote: Counting objects: \(n * 9)%\rremote: Counting objects: 100%, done.\n"
                }
            }
        }
        return (text, stageStarts, "error: 'OIIO_NAMESPACE_USING' does not name a type")
    }
}
